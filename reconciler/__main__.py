"""`reconcile` and `python -m reconciler`: the only place that catches whatever is left."""

import sys

from reconciler.cli import run


def main() -> None:
    """Run the command line and end with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
