"""Secrets lie in the environment, in Terraform's states, in AWS and in what others say: no command ever shows one.

A new command is a line of COMMANDS.
"""

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reconciler import wiring
from reconciler.adapters import patience
from reconciler.core.observed import ModelVersion
from reconciler.core.redaction import Redactor
from support import leaky
from support.command_line import CommandLine
from support.fakes import Cloud
from support.leaky import LeakyCloud, leaks

COMMANDS = (
    "--dry-run",
    "--dry-run -o json",
    "--dry-run -o markdown",
    "--dry-run --out plan.json",
    "--dry-run --detailed-exitcode --project churn",
    "--wait",
    "--wait -o json",
    "--wait -o markdown --out plan.json",
    "--plan kept.json",
    "--plan kept.json --dry-run",
    "train churn --wait",
    "retry churn --out plan.json",
    "deploy churn 1",
    "undeploy churn",
    "remove spam --dry-run",
    "status",
    "status -o json",
    "drift",
    "drift -o json",
    "drift -o markdown",
    "history",
    "history churn -o json",
    "trace churn",
    "trace churn -o json",
    "trace nobody",
    "logs churn",
    "logs churn --follow --attempt 1",
    "logs churn --endpoint",
    "logs churn --build",
    "logs nobody",
    "adopt churn --version 1 --dry-run",
    "adopt spam --version 1",
    "unlock",
    "unlock --id 0a1b2c3d",
    "validate",
    "validate -o markdown",
    "schema",
    "schema --of plan",
    "invoke churn -d body.json",
    "invoke nobody -d body.json",
    "init novel",
    "init churn",
    "doctor",
    "doctor -o json",
    "completion bash",
    "bootstrap --dry-run",
    "bootstrap",
    "mlflow-server up --dry-run",
    "mlflow-server down",
    "teardown --yes",
    "teardown --yess",
)
WORLDS = (leaky.planted, leaky.stuck, leaky.unreadable, leaky.blind, leaky.failing, leaky.rolling_back)
NOWHERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_EC2_METADATA_DISABLED": "true"}
"""What is not behind the ports finds no AWS."""


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CommandLine, Cloud]]:
    """A repository in which there is something to do, and the cloud that it finds."""
    with pytest.MonkeyPatch.context() as patch:
        line = CommandLine(tmp_path_factory.mktemp("team") / "repo", patch)
        for name, value in {**leaky.ENVIRONMENT, **leaky.UNHEARD, **NOWHERE}.items():
            patch.setenv(name, value)
        patch.setattr(patience, "BASE_SECONDS", 0.0)  # nobody answers there, however long it is waited for
        line.want("churn", owner="ml", deployment={"version": 1})
        line.want("ranker", deployment={"version": 1})
        line.want("spam")
        assert line.run("--wait").code == 0
        line.cloud.versions["churn"] = (*line.cloud.versions["churn"], ModelVersion(2, "churn-run-1"))
        line.want("churn", owner="search", deployment={"version": 2})
        (line.root / "ml-projects/ranker/train.py").write_text("print('another model')\n")
        (line.root / "body.json").write_text("{}")
        line.commit()
        assert line.run("--dry-run", "--out", "kept.json").code == 0
        yield line, line.cloud


def told(team: tuple[CommandLine, Cloud], plant: Callable[[LeakyCloud], None], command: str) -> str:
    """Everything that a command leaves behind for anybody to read: output, files, and notes in the bucket."""
    line, before = team
    line.git("checkout", "--quiet", "--", "manifests")
    line.git("clean", "--quiet", "--force", "-d", "--exclude", "kept.json")
    cloud = leaky.copied(before)
    plant(cloud)
    line.patch.setattr(wiring, "build_practice", lambda *_: leaky.examined(plant).practice)
    known = cloud.refused.copy()
    line.cloud = cloud
    ran = line.run(*shlex.split(command))
    written = [path.read_text(errors="replace") for path in _files(line.root)]
    noted = [repr(refusals) for project, refusals in cloud.refused.items() if refusals != known.get(project)]
    return "\n".join([f"{ran}", *written, *noted, repr(cloud.records), repr(cloud.lease)])


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts]


@pytest.mark.parametrize("plant", WORLDS, ids=lambda plant: plant.__name__)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_a_secret(team, plant, command):
    text = told(team, plant, command)
    assert leaks(text) == ""
    assert "Traceback" not in text


TALKATIVE = [
    ("--dry-run", leaky.unreadable), ("--dry-run", leaky.stuck), ("--dry-run -o markdown", leaky.stuck),
    ("--dry-run --out plan.json", leaky.unreadable), ("--wait", leaky.failing), ("--wait -o json", leaky.rolling_back),
    ("status", leaky.stuck), ("status", leaky.blind), ("train churn --wait", leaky.rolling_back),
    ("bootstrap", leaky.failing), ("teardown --yes", leaky.planted), ("invoke churn -d body.json", leaky.unreadable),
    ("doctor", leaky.unreadable), ("doctor -o json", leaky.unreadable), ("logs churn", leaky.planted),
    ("logs churn --endpoint", leaky.stuck), ("logs churn --build", leaky.planted),
]  # fmt: skip


@pytest.mark.parametrize(("command", "plant"), TALKATIVE, ids=[f"{row[0]} {row[1].__name__}" for row in TALKATIVE])
def test_they_would_be_seen_if_nothing_hid_them(team, plant, command, monkeypatch):
    monkeypatch.setattr(Redactor, "__call__", lambda _self, text: text)
    monkeypatch.setattr(Redactor, "output", lambda _self, text: text)
    assert leaks(told(team, plant, command))


@pytest.mark.parametrize(("command", "plant"), TALKATIVE, ids=[f"{row[0]} {row[1].__name__}" for row in TALKATIVE])
def test_the_rest_of_what_is_said_is_still_there(team, plant, command):
    assert "it said ***" in " ".join(told(team, plant, command).replace("\\*", "*").split())
