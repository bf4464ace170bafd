"""What a pull request brings is data: nothing of it is run, followed or believed where there is something to lose."""

import re
import shutil
import socket
import stat
import threading
from pathlib import Path

import pytest

from support import gitops
from support.gitops import MANIFEST, NAME, Team
from support.gitops_quick import PROJECT, Quick, lines, train
from support.workflows.github import PullRequest
from support.workflows.issues import BOT
from support.workflows.repository import Person
from support.workflows.results import Run

pytestmark = pytest.mark.servers

FOLDER = f"ml-projects/{PROJECT}"
MARK = "<!-- reconcile plan prod -->"
SECRET = "c4nary-that-nobody-is-to-see"


@pytest.fixture
def team(quick: Quick) -> Team:
    return quick.without_projects()


@pytest.fixture
def only_plan(team: Team) -> None:
    """The check of a pull request's own code is another matter, and takes its time."""
    team.github.left_out |= {"check.yml"}


def opened(team: Team, person: Person, title: str) -> dict[str, Run]:
    """The runs that a pull request starts, by workflow."""
    _, runs = team.github.open(person, title, NAME)
    return {run.workflow: run for run in runs}


def comments(team: Team) -> list[str]:
    """What the workflows wrote on the last pull request."""
    pull = team.github.pulls[-1]
    return [one.body for one in pull.issue.comments if one.author == BOT]


def told_by(run: Run) -> str:
    """Everything that a run said, wherever people read it."""
    return "\n".join(job.output + job.summary for job in run.jobs)


def test_a_forks_pull_request_is_validated_and_gets_no_credentials_and_no_comment(team):
    team.github.fork(NAME, "mallory")
    mallory = team.github.person("mallory", "mallory/models")
    mallory.start("change")
    train(mallory, "mine")
    mallory.write(MANIFEST, team.manifest(churn=lines(1)))
    mallory.commit("churn")
    runs = opened(team, mallory, "let me in")
    assert runs["check.yml"].job("validate").steps[-1].output.endswith("prod.yaml is valid: 1 project\n")
    assert {job.conclusion for job in runs["plan.yml"]} == {"skipped"}
    everything = [job for run in runs.values() for job in run]
    assert [job.roles for job in everything if job.roles] == []
    assert {job.secrets for job in everything} == {()}
    assert {job.environment for job in everything} == {""}
    assert {level for job in everything for level in job.permissions.values()} <= {"read"}
    assert comments(team) == []


def test_an_invalid_manifest_of_a_fork_is_told_in_its_check(team):
    team.github.fork(NAME, "mallory")
    mallory = team.github.person("mallory", "mallory/models")
    mallory.start("change")
    mallory.write(MANIFEST, team.manifest(churn={"deploymint": {}}))
    mallory.commit("churn")
    run = opened(team, mallory, "a slip")["check.yml"]
    assert run.job("validate").conclusion == "failure"
    assert "deploymint" in run.job("validate").output


def canary(folder: Path, name: str) -> str:
    """A line of shell that tells that it ran, for which event, and what it could have taken."""
    return f'echo "$GITHUB_EVENT_NAME ${{AWS_SESSION_TOKEN:+credentials}}" >> {folder}/{name}'


def lay_traps(mallory: Person, folder: Path) -> None:
    """In every place from which something might be executed."""
    make = "".join(
        f"{rule}:\n\t{canary(folder, 'make').replace('$', '$$')}\n" for rule in ("install", "setup", "validate")
    )
    mallory.write("Makefile", f".PHONY: install setup validate\n{make}")
    python = 'import os; os.system("""' + canary(folder, "python") + '""")\n'
    for path in ("reconciler/__init__.py", "reconciler/__main__.py", "sitecustomize.py", "ml-projects/churn/train.py"):
        mallory.write(path, python)
    for hook in ("post-checkout", "post-merge", "pre-merge-commit", "fsmonitor"):
        mallory.write(f".githooks/{hook}", f"#!/bin/sh\n{canary(folder, 'hook')}\n")
        (mallory.folder / ".githooks" / hook).chmod(stat.S_IRWXU)
    mallory.write(".gitattributes", "* filter=trap merge=trap diff=trap\n")
    settings = f'[core]\n\thooksPath = .githooks\n[filter "trap"]\n\tsmudge = sh -c "{canary(folder, "filter")}"\n'
    mallory.write(".gitconfig", settings)
    mallory.write("terraform/stacks/training/trap.tf", 'data "external" "trap" { program = ["sh", "-c", "exit 1"] }\n')
    action = f"runs:\n  using: composite\n  steps:\n    - {{shell: bash, run: '{canary(folder, 'action')}'}}\n"
    for name in ("setup", "change", "vpn"):
        mallory.write(f".github/actions/{name}/action.yml", action)
    evil = EVIL.replace("CANARY", canary(folder, "workflow"))
    mallory.write(".github/workflows/plan.yml", evil.replace("on: pull_request", "on: pull_request_target"))
    mallory.write(".github/workflows/evil.yml", evil)


EVIL = f"""
on: pull_request
jobs:
  named:
    runs-on: ubuntu-24.04
    environment: prod-plan
    permissions: {{id-token: write}}
    steps: [{{run: 'CANARY'}}]
  unnamed:
    runs-on: ubuntu-24.04
    permissions: {{id-token: write}}
    steps:
      - uses: aws-actions/configure-aws-credentials@8df5847569e6427dd6c4fb1cf565c83acfa8afa7
        with: {{role-to-assume: "{gitops.PLAN_ROLE}", aws-region: eu-west-1}}
      - run: 'CANARY'
"""


def test_nothing_that_a_pull_request_brings_is_executed_where_credentials_are(team, quick, tmp_path):
    mallory = team.person("mallory")
    mallory.start("trap")
    train(mallory, "bait")
    lay_traps(mallory, tmp_path)
    mallory.write(MANIFEST, team.manifest(churn=lines(1)))
    mallory.commit("a small change")
    quick.cloud.gate.arm()
    runs = opened(team, mallory, "a small change")
    plan = runs["plan.yml"]
    assert plan.conclusion == "success", plan.ends
    assert [role.arn for role in plan.job("plan (prod)").roles] == [gitops.PLAN_ROLE]
    assert "### churn" in comments(team)[0]
    assert [call for call in quick.cloud.gate.calls if call.startswith("terraform")] == []
    sprung = {path.name: set(path.read_text().splitlines()) for path in tmp_path.iterdir()}
    # The traps do work: as the pull request has it, and where there is nothing to take, its own code runs.
    assert sprung["action"] == {"pull_request "}
    assert set().union(*sprung.values()) == {"pull_request "}


@pytest.mark.parametrize("place", ["GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL"])
def test_no_filter_or_driver_of_the_machine_runs_when_a_pull_request_is_merged(team, only_plan, tmp_path, place):
    """Git LFS is installed for everybody on GitHub's machines, and would ask the server that the change names."""
    trap, ran = tmp_path / "trap", tmp_path / "ran"
    trap.write_text(f'#!/bin/sh\necho "$1 ${{GIT_LFS_SKIP_SMUDGE:-asks}}" >> {ran}\ncat\n')
    trap.chmod(stat.S_IRWXU)
    ran.touch()
    lfs = f'[filter "lfs"]\n\tsmudge = {trap} smudge\n\tclean = cat\n\trequired = true\n'
    (tmp_path / "gitconfig").write_text(f'{lfs}[merge "lfs"]\n\tdriver = {trap} merge\n')
    mallory, alice = team.person("mallory"), team.person("alice")
    alice.start("main")
    alice.write("ours.bin", "ours\n")
    alice.commit("data")
    mallory.start("filters")
    train(mallory, "bait")
    mallory.write(".gitattributes", "* filter=lfs merge=lfs diff=lfs\n")
    mallory.write(".lfsconfig", "[lfs]\n\turl = https://evil.invalid\n")
    mallory.write(MANIFEST, team.manifest(churn=lines(1)))
    mallory.commit("a small change")
    alice.write("ours.bin", "ours, and newer\n")
    alice.commit("newer data")
    team.github.given = {**team.github.given, place: str(tmp_path / "gitconfig")}
    plan = opened(team, mallory, "a small change")["plan.yml"]
    assert plan.conclusion == "success", plan.ends
    # Where the settings of the machine's owner are read, at the checkout alone, Git LFS is told to ask nobody.
    assert set(ran.read_text().splitlines()) <= ({"smudge 1"} if place == "GIT_CONFIG_GLOBAL" else set())


@pytest.fixture
def planned(team: Team, only_plan: None) -> PullRequest:
    """A pull request that has its plan."""
    mallory = team.person("mallory")
    mallory.start("change")
    train(mallory, "bait")
    mallory.write(MANIFEST, team.manifest(churn=lines(1)))
    mallory.commit("a change")
    pull, _ = team.github.open(mallory, "a change", NAME)
    return pull


def test_a_pull_request_that_is_turned_to_the_default_branch_gets_its_plan_without_a_push(team, planned):
    [plan] = team.github.retarget(planned, "develop")
    assert (plan.workflow, plan.conclusion) == ("plan.yml", "success")
    assert [role.arn for role in plan.job("plan (prod)").roles] == [gitops.PLAN_ROLE]
    assert "### churn" in comments(team)[0]


def test_another_title_makes_no_plan_and_ends_none_that_is_being_made(team, planned):
    before = comments(team)
    [opened] = team.github.update(planned)
    [plan] = team.github.retitle(planned, "a better title")
    assert {job.conclusion for job in plan.jobs} == {"skipped"}
    assert plan.concurrency != opened.concurrency
    [turned] = team.github.retarget(planned, "develop")
    assert turned.concurrency == opened.concurrency
    assert comments(team) == before


def test_a_workflow_of_a_pull_request_is_given_no_role_whatever_it_says(team, tmp_path):
    mallory = team.person("mallory")
    mallory.start("trap")
    lay_traps(mallory, tmp_path)
    mallory.commit("another small change")
    evil = opened(team, mallory, "another small change")["evil.yml"]
    assert "not allowed to deploy to prod-plan" in evil.job("named").why
    assert "Not authorized to perform sts:AssumeRoleWithWebIdentity" in evil.job("unnamed").output
    assert [job.roles for job in evil if job.roles] == []


@pytest.mark.parametrize("path", [MANIFEST, f"{FOLDER}/resource-requirements.json", FOLDER])
def test_a_link_that_leads_out_of_the_checkout_tells_nothing_of_what_is_there(team, only_plan, tmp_path, path):
    hidden = tmp_path / "hidden"
    hidden.write_text(f'{{"aws_access_key_id": "{SECRET}", }}\n{SECRET}: [\n')
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "policy.json").write_text(hidden.read_text())
    mallory = team.person("mallory")
    mallory.start("link")
    train(mallory, "bait")
    mallory.write(MANIFEST, team.manifest(churn=lines(1)))
    mallory.write(f"ml-projects/{PROJECT}/resource-requirements.json", "[]")
    link = mallory.folder / path
    if link.is_dir():
        shutil.rmtree(link)
    else:
        link.unlink()
    link.symlink_to(hidden if "." in link.name else tmp_path / "folder")
    mallory.commit("a link")
    plan = opened(team, mallory, "a link")["plan.yml"]
    assert plan.job("plan (prod)").conclusion == "failure"
    assert "leads out of" in comments(team)[0]
    assert SECRET not in told_by(plan) + "".join(comments(team))


@pytest.fixture
def listener():
    """A server of somebody else's, which notes who called."""
    calls: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    calls.append(connection.recv(10_000))

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", calls
        done.set()
        thread.join()


@pytest.mark.parametrize("kept", [True, False], ids=["in-the-sandbox", "outside-of-it"])
def test_a_manifest_that_would_send_credentials_elsewhere_is_refused_before_anybody_is_asked(
    team, only_plan, listener, kept
):
    address, calls = listener
    mallory = team.person("mallory")
    mallory.start("elsewhere")
    team.header["mlflow"] = {"tracking_uri": address}
    team.header["state_bucket"] = "mallorys-bucket"
    if not kept:
        del team.header["sandbox"]
    mallory.write(MANIFEST, team.manifest())
    mallory.commit("a better server")
    plan = opened(team, mallory, "a better server")["plan.yml"]
    assert plan.job("plan (prod)").conclusion == "failure"
    assert "is of another environment" in comments(team)[0].replace("\\", "")
    assert calls == []


def test_words_of_a_pull_request_call_nobody_show_nothing_and_pass_for_no_comment_of_ours(team, only_plan):
    mallory = team.person("mallory")
    mallory.start("words")
    train(mallory, "bait")
    words = f"@acme/admins ![](http://x.invalid/x.png) <img src=x> [ok](http://x.invalid) {MARK} # approved"
    paused = {"reason": words, "until": "2099-01-01"}
    mallory.write(MANIFEST, team.manifest(churn=lines(1, paused=paused)))
    mallory.commit("words")
    opened(team, mallory, "words")
    pull = team.github.pulls[-1]
    [ours] = comments(team)
    assert "admins" in ours
    assert "is valid" not in ours
    assert re.findall(r"@acme|(?<!\\)<|(?<!\\)\]\(|^# approved", ours.removeprefix(MARK)) == []
    forged = team.github.board(NAME).comment(pull.issue, "mallory", f"{MARK}\nNo changes: all is well.")
    mallory.write(MANIFEST, team.manifest(churn=lines(2)))
    mallory.commit("more")
    team.github.update(pull)
    assert (forged.body, forged.edits) == (f"{MARK}\nNo changes: all is well.", 0)
    [ours] = comments(team)
    assert "version 2" in ours
