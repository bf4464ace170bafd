"""`reconcile logs`: the real command line on a cloud in memory."""

import io
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.cli import run
from reconciler.core import names
from reconciler.core.history import Outcome, ProjectRecord
from reconciler.core.logs import BuildLog
from reconciler.core.observed import JobStatus
from reconciler.errors import ReadFailed
from support.builders import PLATFORM, record
from support.command_line import CommandLine

GROUP = names.log_group(names.endpoint(PLATFORM, "churn"))
TRAINING = names.training_log_group(PLATFORM, "churn")


@pytest.fixture
def team(tmp_path, monkeypatch) -> CommandLine:
    """Version 1 of churn serves, and a later training of it failed."""
    line = CommandLine(tmp_path / "team", monkeypatch)
    line.want("churn", deployment={"version": 1})
    line.want("churn-two")
    assert line.run("--wait").code == 0
    line.cloud.fails_to_train = {"churn"}
    (line.root / "ml-projects/churn/train.py").write_text("raise ValueError\n")
    line.commit()
    return line


def split(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    return code, out.getvalue(), err.getvalue()


def test_the_log_of_the_newest_failed_training_is_on_standard_output_and_nothing_else(team):
    [(name, job)] = [one for one in team.cloud.jobs if names.project_of_job(PLATFORM, one[0])[0] == "churn"][:1]
    later = replace(job, id="broken", status=JobStatus.FAILED, created=job.created + 5)
    team.cloud.jobs.insert(0, (name, later))
    team.cloud.written = {job.id: ("it went well",), "broken": ("Traceback", "ValueError: no age", "\x1b[31mred")}
    assert split("logs", "churn") == (0, "Traceback\nValueError: no age\n\\x1b[31mred\n", "")


@pytest.mark.parametrize(
    ("words", "note"),
    [(("--follow",), "was followed to its end"), (("--attempt", "2"), "attempt 2 alone")],
)
def test_what_is_no_line_of_the_log_is_told_on_standard_error(team, words, note):
    code, out, err = split("logs", "churn", *words)
    assert (code, out) == (0, "")
    assert note in err


def test_the_log_of_an_endpoint(team):
    team.cloud.written = {GROUP: ("GET /ping 200",)}
    assert split("logs", "churn", "--endpoint") == (0, "GET /ping 200\n", "")


def test_an_endpoint_whose_containers_wrote_nothing_says_how_it_stands(team):
    team.cloud.written = {GROUP: ()}
    code, out, err = split("logs", "churn", "--endpoint")
    assert (code, out) == (0, "")
    assert f"{GROUP} holds no line: endpoint acme-test-churn is InService, and containers write when they start" in err


def test_a_job_that_batch_has_forgotten_is_read_from_what_cloudwatch_still_has(team):
    team.cloud.jobs, team.cloud.written = [], {TRAINING: ("epoch 1",)}
    code, out, err = split("logs", "churn")
    assert (code, out) == (0, "epoch 1\n")
    assert f"Batch knows no job of churn any more: this is the newest log in {TRAINING}" in err


def test_the_newest_build_on_this_machine(team):
    repository = names.model_repository(PLATFORM, "churn")
    team.cloud.built = {repository: BuildLog(f"{repository}:v1", "2026-01-01T12:00:00+00:00", ("step 1", "done"))}
    code, out, err = split("logs", "churn", "--build")
    assert (code, out) == (0, "step 1\ndone\n")
    assert err == f"build of {repository}:v1, begun 2026-01-01T12:00:00+00:00\n"


def built(team: CommandLine) -> None:
    steps = ("ProvisionDeployment", "BuildModelImage")
    team.cloud.records = [record(ProjectRecord("churn", None, 1, steps, Outcome.DONE, 1.0))]


NOWHERE = [
    ("logs chrun", "no project named chrun; did you mean churn?\n  known are: churn, churn-two\n", ""),
    ("invoke chrun -d body.json", "no project named chrun; did you mean churn?\n  known are: churn, churn-two\n", ""),
    ("trace chrun", "no project named chrun; did you mean churn?\n  known are: churn, churn-two\n", ""),
    ("--project chrun --dry-run", "no project named chrun; did you mean churn?\n  known are: churn, churn-two\n", ""),
    ("logs zebra", "no project named zebra\n  known are: churn, churn-two\n", ""),
    (
        "logs churn",
        f"churn has no training job, and {TRAINING} holds no log of one\n  Batch forgets ended jobs after a week",
        "no jobs",
    ),
    (
        "logs churn --endpoint",
        f"there is no log group {GROUP}: churn has no endpoint\n  it is made when a version is pinned and reconciled\n",
        "",
    ),
    ("logs churn --build", "no image of churn was built on this machine\n  what a build says is kept where", ""),
    ("logs churn --endpoint --build", "--endpoint and --build are two logs: ask for one of them\n", ""),
    ("logs churn --attempt 1 --build", "--attempt is one of a job: leave out --endpoint and --build\n", ""),
    ("logs churn --follow --build", "a build is followed where it runs: leave out --follow, and ask again later\n", ""),
    ("logs churn --attempt 0", "invalid value for '--attempt': 0 is not in the range x>=1\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("command", "said", "world"), NOWHERE, ids=[row[0] for row in NOWHERE])
def test_what_is_not_there_is_told_with_what_to_do(team, command, said, world):
    (team.root / "body.json").write_text("{}")
    if world == "no jobs":
        team.cloud.jobs = []
    ran = team.run(*command.split())
    assert ran.code == 1
    assert ran.out.startswith(said), ran


def test_where_the_newest_image_was_built_is_told_as_far_as_the_history_knows(team):
    built(team)
    told = team.run("logs", "churn", "--build").out
    assert "run 20260101T120000Z-00000001 of ann, https://ci.test/1\n" in told
    team.cloud.broken = {"read history": ReadFailed("AccessDenied")}
    assert "in CI it is in the log of the job that ran reconcile\n" in team.run("logs", "churn", "--build").out


def test_a_project_that_left_the_manifest_still_has_its_logs(team):
    team.drop("churn")
    team.cloud.written = {GROUP: ("bye",)}
    assert split("logs", "churn", "--endpoint")[:2] == (0, "bye\n")


def test_a_secret_in_a_log_is_not_shown(team, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "canary-7f3a")
    team.cloud.written = {GROUP: ("password canary-7f3a",)}
    code, out, _ = split("logs", "churn", "--endpoint")
    assert (code, "canary" in out, out.startswith("password ")) == (0, False, True)


ENDLESS = """
import sys
from pathlib import Path

import pytest

from reconciler.__main__ import main
from reconciler.core import names
from support.builders import PLATFORM
from support.command_line import CommandLine

line = CommandLine(Path("team").absolute(), pytest.MonkeyPatch())
line.want("churn")
line.cloud.written = {names.log_group(names.endpoint(PLATFORM, "churn")): tuple(map(str, range(100_000)))}
sys.argv = ["reconcile", "logs", "churn", "--endpoint"]
main()
"""


def test_a_reader_who_has_seen_enough_ends_it_without_a_word(tmp_path):
    path = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": path, "HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "0\n"
    process.stdout.close()
    said = process.stderr.read()
    assert process.wait(60) in (1, -signal.SIGPIPE)
    assert said == ""
