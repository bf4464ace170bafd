"""`python -m reconciler.sandbox HOME`: the supervisor in the foreground. `reconcile sandbox up` starts it detached."""

import argparse
import os
import sys
from pathlib import Path

from reconciler.sandbox.child_environ import MARK, for_supervisor
from reconciler.sandbox.processes import mark_of


def main() -> int:
    """Run until told to stop; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m reconciler.sandbox", description=__doc__)
    parser.add_argument("home", type=Path, help="folder that holds everything of the sandbox")
    home = parser.parse_args().home.resolve()
    mark = mark_of(home)
    if os.environ.get(MARK) != mark:
        # A process is found by the environment that it was started with, so it has to start once more.
        argv = (sys.executable, "-m", "reconciler.sandbox", str(home))
        os.execve(sys.executable, argv, for_supervisor(os.environ, mark))  # noqa: S606 - no shell is wanted

    from reconciler.sandbox.daemon import main as run

    return run(home, os.environ)


sys.exit(main())
