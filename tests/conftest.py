"""What every test may use."""

import atexit
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from reconciler.sandbox import Sandbox, down, up
from support import shapes
from support.chaos.figures import KEY, lines

HERE = Path(__file__).parent
SERVERS = (HERE / "adapters", HERE / "sandbox", HERE / "example")
"""Folders whose tests start servers and processes of their own."""


WAITING = (
    "test_environment",
    "test_story",
    "test_server_on_the",
    "test_platform_on_the",
    "test_bootstrap_on_the",
    "test_stacks",
)
"""Files that wait for minutes inside Terraform's provider, or take longest: begun first, they run beside the others."""


HELD = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """A shell that starts something in the background lets it ignore SIGINT, and so all that the tests interrupt.

    Every sandbox of the session holds its answers against AWS's models, and nothing is remembered in anybody's home.
    """
    config.stash[HELD] = shapes.ask()
    if not hasattr(config, "workerinput"):  # workers have it from the session that starts them
        os.environ["XDG_STATE_HOME"] = mkdtemp(prefix="state-")
        atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test is of one kind: end to end, with servers, or pure and quick."""
    for item in items:
        started = any(item.path.is_relative_to(folder) for folder in SERVERS)
        if started and not item.get_closest_marker("e2e"):
            item.add_marker("servers")
    items.sort(key=lambda item: not item.path.name.startswith(WAITING))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox of the test session's own: its AWS, its MLflow server, gone with everything in it afterwards."""
    home: Path = tmp_path_factory.mktemp("sandbox") / "home"
    yield up(home, print)
    down(home, print, wipe=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A difference from AWS's models that nobody explained fails the session."""
    if not hasattr(session.config, "workerinput") and shapes.held(session.config.stash[HELD]).unexplained:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What the trials of `tests/chaos` counted, and what was held against AWS's models, stands at the end."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    recorded = [
        value
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == KEY
    ]
    for line in (*lines(recorded), *shapes.held(config.stash[HELD]).lines()):
        terminalreporter.write_line(line)
