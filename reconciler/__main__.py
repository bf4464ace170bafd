"""`reconcile` and `python -m reconciler`: the only place that catches whatever is left."""

import os
import sys

from reconciler.cli import run


def main() -> None:
    """Run the command line and end with its exit code."""
    try:
        code = run(sys.argv[1:])
    finally:
        _let_readers_go()
    sys.exit(code)


def _let_readers_go() -> None:
    """Whoever read our output may have seen enough (`| head`): Python would complain of it when it ends.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
