"""The workflows that somebody starts by hand: what they edit, what they do, and what they never take for a command."""

import pytest
import yaml

from support import gitops
from support.gitops import MANIFEST, NAME, Team
from support.gitops_quick import PROJECT, Quick
from support.workflows.results import Run

pytestmark = pytest.mark.servers


@pytest.fixture
def live(quick: Quick) -> Team:
    return quick.with_a_live_version()


def projects(team: Team) -> dict:
    """Of the manifest on the branch."""
    return yaml.safe_load(team.repository.git("show", f"main:{MANIFEST}"))["projects"]


def edited(run: Run, team: Team, message: str) -> None:
    """A commit of the workflow's stands on the branch, made by a job that has no other rights."""
    edit = run.job("edit")
    assert (edit.permissions, edit.roles, edit.secrets) == ({"contents": "write"}, [], ())
    assert edit.requests == [f"git push /{NAME}"]
    assert team.repository.git("log", "-1", "--format=%an: %s", "main").strip() == f"github-actions[bot]: {message}"


def test_a_deployment_is_taken_down_and_rolled_out_again(quick, live):
    down = live.github.dispatch(NAME, "deployment-job.yml", "bob", project=PROJECT, what="remove")
    assert down.conclusion == "success", down.ends
    edited(down, live, "Take churn down")
    assert "deployment" not in projects(live)[PROJECT]
    assert quick.endpoints() == []
    up = live.github.dispatch(NAME, "deployment-job.yml", "bob", project=PROJECT, version="1")
    assert up.conclusion == "success", up.ends
    edited(up, live, "Deploy version 1 of churn")
    assert projects(live)[PROJECT]["deployment"]["version"] == 1
    assert [role.arn for role in up.job("apply / apply").roles] == [gitops.APPLY_ROLE]
    assert quick.serves().startswith("acme-prod-churn-v1-")
    tip = live.repository.tip()
    again = live.github.dispatch(NAME, "deployment-job.yml", "bob", project=PROJECT, version="1")
    assert again.conclusion == "success", again.ends
    assert "nothing to commit: the branch says so already" in again.job("edit").output
    assert live.repository.tip() == tip


def test_a_project_is_trained_once_more_and_nothing_is_edited(quick, live):
    before = live.repository.tip()
    run = live.github.dispatch(NAME, "training-job.yml", "bob", project=PROJECT)
    assert (run.job("train").conclusion, run.job("edit").conclusion) == ("success", "skipped")
    assert live.repository.tip() == before
    jobs = quick.cloud.client("batch").list_jobs(
        jobQueue="acme-prod-fargate", filters=[{"name": "JOB_NAME", "values": [f"acme-prod-{PROJECT}-*"]}]
    )
    assert len(jobs["jobSummaryList"]) == 2


def test_a_project_that_is_deployed_is_not_removed_and_one_that_is_not_leaves_nothing(quick, live):
    refused = live.github.dispatch(NAME, "training-job.yml", "bob", project=PROJECT, what="remove")
    assert (refused.job("edit").conclusion, "apply" in " ".join(refused.ends)) == ("failure", True)
    assert "churn is deployed" in refused.job("edit").output
    assert PROJECT in projects(live)
    alice, old = live.person("alice"), live.repository.tip()
    alice.start("main")
    alice.write(MANIFEST, live.manifest(churn={}))
    alice.commit("churn serves no more")
    live.github.left_out |= {"apply.yml"}
    live.github.push(alice, old)
    gone = live.github.dispatch(NAME, "training-job.yml", "bob", project=PROJECT, what="remove")
    assert gone.conclusion == "success", live.github.log.text
    edited(gone, live, "Remove churn")
    assert projects(live) == {}
    assert quick.endpoints() == []
    assert quick.cloud.client("ecr").describe_repositories()["repositories"] == []


def test_the_mlflow_server_workflow_says_what_the_command_says(live):
    run = live.github.dispatch(NAME, "mlflow-server.yml", "bob", what="up")
    server = run.job("server")
    assert (server.conclusion, server.environment) == ("failure", "prod")
    assert "the manifest has no MLflow server of its own" in server.output
    assert [role.arn for role in server.roles] == [gitops.APPLY_ROLE]


@pytest.mark.parametrize(
    ("file", "given"),
    [
        ("deployment-job.yml", {"project": "TRICK", "version": "1"}),
        ("deployment-job.yml", {"project": PROJECT, "version": "TRICK"}),
        ("training-job.yml", {"project": "TRICK"}),
        ("apply.yml", {"allow_retire": "TRICK"}),
        ("apply.yml", {"despite_alarm": "TRICK"}),
        ("apply.yml", {"environment": "TRICK"}),
    ],
)
def test_what_somebody_types_is_never_a_command(live, tmp_path, file, given):
    canary = tmp_path / "sprung"
    trick = f'x"; touch {canary}; echo "$(touch {canary})`touch {canary}`'
    before = live.repository.tip()
    live.github.dispatch(NAME, file, "mallory", **{key: value.replace("TRICK", trick) for key, value in given.items()})
    assert not canary.exists()
    assert live.repository.tip() == before
