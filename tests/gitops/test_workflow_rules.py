"""What holds for every workflow and every action of the repository, read from their files."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from support.checkout import REPOSITORY
from support.workflows import files
from support.workflows.files import Action, Job, Step, Workflow

WORKFLOWS = files.workflows(REPOSITORY)
ACTIONS = {
    path.parent.name: files.action(path.parent) for path in sorted(REPOSITORY.glob(".github/actions/*/action.yml"))
}
SOURCES = sorted([*REPOSITORY.glob(".github/workflows/*.yml"), *REPOSITORY.glob(".github/actions/*/action.yml")])
PULLED = "change"
"""The folder, and the action, in which a pull request is data."""
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)+")
WRITES = ("pull-requests", "issues", "contents")
SAFE = re.compile(r"""-m "?change/\$\{?MANIFEST\}?"? """)
"""How a pull request's files come into a script: a manifest of it, to be read."""


def jobs() -> Iterator[tuple[Workflow, Job]]:
    return ((workflow, job) for workflow in WORKFLOWS.values() for job in workflow.jobs.values())


def working_jobs() -> list[Any]:
    """Jobs with steps, and those of the actions that they use."""
    return [pytest.param(workflow, job, id=name(workflow, job)) for workflow, job in jobs() if "steps" in job.raw]


def name(workflow: Workflow, job: Job) -> str:
    return f"{workflow.file}:{job.id}"


def all_steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Steps, and those of the repository's own actions in their place."""
    for step in steps:
        yield step
        uses = str(step.raw.get("uses", ""))
        if uses.startswith("./.github/actions/"):
            yield from all_steps(ACTIONS[uses.removeprefix("./.github/actions/")].steps)


def uses(job: Job, action: str) -> list[Step]:
    return [step for step in all_steps(job.steps) if str(step.raw.get("uses", "")).startswith(f"{action}@")]


def permissions(workflow: Workflow, job: Job) -> Mapping[str, str]:
    return job.raw.get("permissions", workflow.raw.get("permissions", {}))


def pushes(job: Job) -> bool:
    return any(step.raw.get("uses") == "./.github/actions/push" for step in job.steps)


def takes_a_pull_request(job: Job) -> bool:
    return any(step.raw.get("uses") == f"./.github/actions/{PULLED}" for step in job.steps)


def read_as_a_manifest(line: str) -> bool:
    """Whether a line of a script speaks of the pull request once, as the manifest that reconcile is given."""
    starts = line.strip().startswith(".venv/bin/reconcile ")
    return starts and bool(SAFE.search(line)) and line.count(PULLED) == 1


def test_there_are_the_workflows_that_the_documentation_names():
    assert {"plan.yml", "apply.yml", "drift.yml", "mlflow-server.yml", "training-job.yml", "deployment-job.yml"} <= set(
        WORKFLOWS
    )
    assert {"setup", "vpn", "change"} <= set(ACTIONS)


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=lambda one: one.file)
def test_nothing_is_permitted_that_a_job_does_not_ask_for(workflow):
    assert workflow.raw["permissions"] == {}


@pytest.mark.parametrize(("workflow", "job"), [pytest.param(*one, id=name(*one)) for one in jobs()])
def test_every_job_says_what_it_may_and_how_long_it_takes(workflow, job):
    assert "permissions" in job.raw
    assert "uses" in job.raw or job.raw["timeout-minutes"] <= 240


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPOSITORY / ".github")))
def test_every_action_of_others_is_pinned_to_a_commit_and_says_its_version(path):
    used = re.findall(r"^\s*(?:- )?uses: (.+)$", path.read_text(), re.MULTILINE)
    loose = [one for one in used if not one.startswith("./") and not PINNED.fullmatch(one)]
    assert loose == []


def test_one_action_has_one_version_everywhere():
    used = {one for path in SOURCES for one in re.findall(r"uses: ([^.\s].+)", path.read_text())}
    names = [one.partition("@")[0] for one in used]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(("workflow", "job"), working_jobs())
def test_only_a_job_that_takes_a_role_may_say_who_it_is(workflow, job):
    asks = permissions(workflow, job).get("id-token") == "write"
    assert asks == bool(uses(job, "aws-actions/configure-aws-credentials"))


@pytest.mark.parametrize(("workflow", "job"), working_jobs())
def test_a_job_with_credentials_names_an_environment_and_can_write_nothing_on_github(workflow, job):
    if permissions(workflow, job).get("id-token") == "write":
        assert "environment" in job.raw
        assert {scope for scope in WRITES if permissions(workflow, job).get(scope) == "write"} == set()


@pytest.mark.parametrize(("workflow", "job"), working_jobs())
def test_a_jobs_own_checkout_is_of_the_default_branch_and_nothing_of_a_pull_request_is_checked_out_but_as_data(
    workflow, job
):
    for step in uses(job, "actions/checkout"):
        given = step.raw.get("with", {})
        of_pull_request = re.search(r"pull|head|merge", str(given.get("ref", "")))
        assert (given.get("path") == PULLED) == bool(of_pull_request)
        assert "repository" not in given
        assert given["persist-credentials"] is pushes(job)
    if takes_a_pull_request(job):
        first = next(step for step in job.steps if "uses" in step.raw)
        assert str(first.raw["uses"]).startswith("actions/checkout@")
        assert "ref" not in first.raw["with"]


@pytest.mark.parametrize(("workflow", "job"), working_jobs())
def test_nothing_in_the_folder_of_a_pull_request_is_more_than_an_argument_of_reconcile(workflow, job):
    for step in job.steps:
        script = str(step.raw.get("run", ""))
        mentions = [line for line in script.splitlines() if PULLED in line and takes_a_pull_request(job)]
        assert all(read_as_a_manifest(line) for line in mentions)
        assert PULLED not in str(step.raw.get("working-directory", ""))
        assert "change/" not in str(step.raw.get("uses", "")).removeprefix("./.github/actions/")


def test_a_trigger_that_gives_a_pull_request_credentials_is_only_in_the_workflow_that_plans():
    risky = {"pull_request_target", "workflow_run", "issue_comment"}
    assert [file for file, workflow in WORKFLOWS.items() if risky & set(workflow.on)] == ["plan.yml"]


@pytest.mark.parametrize("file", [file for file, workflow in WORKFLOWS.items() if "pull_request" in workflow.on])
def test_what_runs_as_a_pull_request_has_it_may_read_and_no_more(file):
    for job in WORKFLOWS[file].jobs.values():
        assert dict(job.raw["permissions"]) == {"contents": "read"}
        assert "environment" not in job.raw
        assert "secrets." not in str(job.raw)


def scripts() -> list[Any]:
    found: list[tuple[str, Workflow | Action, tuple[Step, ...]]] = [
        (name(workflow, job), workflow, job.steps) for workflow, job in jobs() if "steps" in job.raw
    ]
    found += [(f"actions/{folder}", action, action.steps) for folder, action in ACTIONS.items()]
    return [pytest.param(step, id=f"{where}:{step.title}") for where, _, steps in found for step in steps]


@pytest.mark.parametrize("step", scripts())
def test_no_value_is_pasted_into_a_script(step):
    assert "${{" not in str(step.raw.get("run", ""))


@pytest.mark.parametrize(
    "path", [REPOSITORY / "Makefile", *SOURCES], ids=lambda path: str(path.relative_to(REPOSITORY))
)
def test_nothing_is_written_where_somebody_else_may_have_laid_a_link(path):
    """`/tmp` is everybody's: what is written below it needs a name that nobody knows before."""
    assert re.findall(r"/tmp/[\w.-]+", path.read_text()) == []


def test_only_words_of_a_pull_request_are_edited_without_a_plan():
    plan = WORKFLOWS["plan.yml"]
    assert "edited" in plan.on["pull_request_target"]["types"]
    assert "edited" in WORKFLOWS["check.yml"].on["pull_request"]["types"]
    assert "github.event.changes.base" in str(plan.jobs["environments"].raw["if"])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPOSITORY / ".github")))
def test_nothing_is_cached(path: Path):
    text = path.read_text()
    assert "actions/cache" not in text
    assert not re.search(r"^\s*cache(-dependency-path)?:", text, re.MULTILINE)


@pytest.mark.parametrize(("workflow", "job"), working_jobs())
def test_whatever_applies_waits_its_turn_in_its_environment(workflow, job):
    applies = [step for step in uses(job, "aws-actions/configure-aws-credentials") if "apply_role" in str(step.raw)]
    if applies:
        assert str(job.raw["concurrency"]["group"]).startswith("apply-")
        assert job.raw["concurrency"]["cancel-in-progress"] is False
        assert "apply_environment" in str(job.raw["environment"])
