"""`make demo`: the life of one model, told with the commands that a person would type.

It plays in a clone of this repository inside the sandbox's folder, so that its commits touch nobody's work.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from reconciler.sandbox import find

MANIFEST = "manifests/sandbox.yaml"
PROJECT = "test-project"
REQUEST = f"ml-projects/{PROJECT}/request.json"
IDENTITY = ("--config=user.name=demo", "--config=user.email=demo@example.invalid", "--config=commit.gpgsign=false")


@dataclass(slots=True)
class Story:
    """Prints each step with the command that it is, runs it, and keeps the time."""

    root: Path
    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step of the story."""
        say(f"\n\033[1m== {title}\033[0m" if sys.stdout.isatty() else f"\n== {title}")
        began = time.monotonic()
        yield
        self.seconds[title] = time.monotonic() - began

    def run(self, *command: str, cwd: Path | None = None) -> None:
        """Print and run one command; the story ends where a command fails."""
        say(f"$ {shlex.join(command)}")
        binaries = Path(sys.executable).parent
        environment = {**os.environ, "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
        environment["RECONCILE_SANDBOX_HOME"] = str(self.folder.parent)
        ended = subprocess.run(command, cwd=cwd or self.folder, env=environment, check=False)
        if ended.returncode:
            sys.exit(f"the demo stopped: `{' '.join(command)}` ended with {ended.returncode}")

    def edit(self, key: str, value: int, message: str) -> None:
        """Change one number of the manifest, and commit it."""
        path = self.folder / MANIFEST
        before = path.read_text()
        after, found = re.subn(rf"(?m)^(\s+{key}: )\d+", rf"\g<1>{value}", before, count=1)
        if not found:
            sys.exit(f"the demo stopped: no project in {path} has a line `{key}: NUMBER`")
        path.write_text(after)
        say(f"# edit {MANIFEST}: {key}: {value}")
        self.run("git", "commit", "--quiet", "--all", "--message", message)


def say(text: str) -> None:
    """One line, at once."""
    print(text, flush=True)  # noqa: T201 - the demo talks to a person


def main() -> None:
    """Tell the whole story."""
    root = Path(__file__).resolve().parents[2]
    home = Path(os.environ.get("RECONCILE_SANDBOX_HOME", root / ".sandbox")).absolute()
    story = Story(root, home / "demo")
    tell(story)
    say("\nSeconds for each step:")
    for title, seconds in story.seconds.items():
        say(f"  {seconds:6.1f}  {title}")
    farewell(home)


def tell(story: Story) -> None:
    """From an empty sandbox, or a used one, through a rollout and back."""
    reconcile = ("reconcile", "-m", MANIFEST)
    with story.step("Start the sandbox: AWS and MLflow on this machine alone"):
        story.run("reconcile", "sandbox", "up", cwd=story.root)
    with story.step("Make a clone to play in"):
        shutil.rmtree(story.folder, ignore_errors=True)
        story.run("git", "clone", "--quiet", *IDENTITY, str(story.root), str(story.folder), cwd=story.root)
    with story.step("What would happen?"):
        story.run(*reconcile, "--dry-run")
    with story.step("Make it so: train the model, deploy version 1"):
        story.run(*reconcile, "--wait")
    with story.step("Ask the model"):
        ask(story)
    version = versions(story) + 1
    with story.step(f"Train again: a new revision becomes version {version}"):
        story.edit("revision", version, "Train again")
        story.run(*reconcile, "--wait")
    with story.step(f"Roll version {version} out"):
        story.edit("version", version, f"Deploy version {version}")
        story.run(*reconcile, "--dry-run")
        story.run(*reconcile)
        ask(story)
    with story.step("Roll back: revert the commit"):
        story.run("git", "revert", "--no-edit", "HEAD")
        story.run(*reconcile)
        ask(story)
    with story.step("Where does everything stand?"):
        story.run("reconcile", "status", "-m", MANIFEST)


def ask(story: Story) -> None:
    """Send one request to the live model."""
    story.run("reconcile", "invoke", PROJECT, "-m", MANIFEST, "--data", REQUEST)


def versions(story: Story) -> int:
    """The newest version of the model in the registry."""
    running = find(story.folder.parent)
    if running is None:
        sys.exit("the demo stopped: the sandbox is not running")
    url = f"{running.mlflow_url}/api/2.0/mlflow/model-versions/search"
    answer = requests.get(url, {"filter": f"name='{PROJECT}'"}, auth=running.keys.mlflow, timeout=30)
    answer.raise_for_status()
    found = answer.json().get("model_versions", [])
    return max((int(one["version"]) for one in found), default=0)


def farewell(home: Path) -> None:
    """How to look around, and how to stop."""
    running = find(home)
    say("\nThe sandbox keeps running. To look around:")
    say("  source .venv/bin/activate")
    say(f"  reconcile status -m {MANIFEST}")
    say(f"  reconcile --dry-run -m {MANIFEST}")
    if running:
        say(f"  open {running.mlflow_url}   (MLflow: runs, metrics, model versions)")
        say("  reconcile sandbox env   (user and password for it, and what other tools need)")
    say("To stop it: make sandbox-down")


if __name__ == "__main__":
    main()
