"""The life of a model from its first training to its retirement: real Terraform, training and inference.

Each test brings its project to where it starts, which costs nothing where it is there already.
"""

import json
import shlex
import subprocess
from hashlib import sha256

import pytest
import requests

from reconciler.sandbox import status
from support.checkout import REPOSITORY, Checkout

pytestmark = pytest.mark.e2e

EXAMPLE = REPOSITORY / "ml-projects" / "test-project"
REQUEST = EXAMPLE / "request.json"
NAME = "test-project"
ENDPOINT = "e2e-test-test-project"


@pytest.fixture
def first(checkout: Checkout) -> Checkout:
    """Version 1 is live."""
    return at(checkout, version=1, revision=1)


@pytest.fixture
def second(checkout: Checkout) -> Checkout:
    """Version 2 exists and is live."""
    if checkout.newest_version(NAME) < 2:
        at(at(checkout, version=1, revision=1), version=1, revision=2)
    return at(checkout, version=2, revision=2)


def at(checkout: Checkout, version: int, revision: int) -> Checkout:
    if not (checkout.root / "ml-projects" / NAME).exists():
        checkout.add_project(NAME, EXAMPLE)
    pin(checkout, version, revision)
    ran = checkout.run("--wait", "--project", NAME)
    assert ran.code == 0, ran
    return checkout


def pin(checkout: Checkout, version: int, revision: int) -> None:
    checkout.want(NAME, training={"revision": revision}, deployment={"version": version})


def test_a_new_project_is_trained_deployed_and_answers(first):
    project = first.project(NAME)
    assert (project["sync"], project["health"], project["live_version"]) == ("Synced", "Healthy", 1)
    assert len(first.ask(NAME, REQUEST)) > 0


def test_a_doctor_finds_nothing_wrong_with_an_environment_that_works(first):
    document = first.document("doctor")
    assert document["healthy"], document
    verdicts = {one["check"]: one["verdict"] for one in document["findings"]}
    assert {check for check, verdict in verdicts.items() if verdict == "skipped"} == {"Docker", "quotas"}
    assert {"credentials", "permissions", "state bucket", "lease", "MLflow", "MLflow sign-in"} <= verdicts.keys()


def test_a_version_is_traced_from_its_commit_to_what_serves_and_back(first):
    chain = first.document("trace", NAME, "v1")["chains"][0]
    assert chain["live"]
    assert all(chain[part] for part in ("commit", "source_digest", "job", "run", "training_image", "model_image"))
    for word in (chain["job"], chain["model_image"]["digest"], chain["configurations"][0]["name"]):
        assert first.document("trace", NAME, word)["chains"] == [chain]


def test_after_convergence_two_dry_runs_in_a_row_find_nothing_to_do(first):
    runs = [first.run("--dry-run", "--detailed-exitcode", "--project", NAME) for _ in range(2)]
    assert [ran.code for ran in runs] == [0, 0], runs
    assert "No changes: 1 project is in sync." in runs[1].out


def test_a_changed_pin_is_pending_and_changes_nothing_in_a_dry_run(second):
    pin(second, 1, 2)
    ran = second.run("--dry-run", "--detailed-exitcode", "--project", NAME)
    assert ran.code == 2, ran
    assert "Plan: 0 to train, 0 to deploy, 1 to update (1 rollback), 0 to retire." in ran.out
    assert second.project(NAME)["live_version"] == 2


def test_a_reverted_pin_rolls_back_without_a_build_as_soon_as_the_agent_has_pulled_it(second):
    shared = second.root.parent / "shared.git"
    second.git("clone", "--quiet", "--bare", ".", str(shared))
    second.git("remote", "add", "origin", str(shared))
    agent = second.start("watch", "--interval", "10")
    told = told_until(agent, "No changes: ")
    pin(second, 1, 2)
    second.git("push", "--quiet", "origin", "main")
    told += told_until(agent, "Applied: 1 done, 0 failed, 0 not begun.")
    agent.terminate()
    told += agent.communicate(timeout=60)[0]
    assert agent.returncode == 0, told
    assert "rollback version 2 -> 1" in told
    assert "build" not in told
    status = second.document("status")
    assert (status["sync"], status["health"], status["commits"]["head_applied"]) == ("Synced", "Healthy", True)
    assert status["projects"][0]["live_version"] == 1
    assert len(second.ask(NAME, REQUEST)) > 0


def told_until(program: subprocess.Popen[str], words: str) -> str:
    """What a program says, up to the line that holds the words."""
    told = ""
    for line in program.stdout or ():
        told += line
        if words in line:
            return told
    raise AssertionError(told)


def test_a_changed_instance_type_is_an_update_of_the_same_version(second):
    second.want(
        NAME,
        training={"revision": 2},
        deployment={"version": 2, "endpoint": {"type": "realtime", "instance_type": "ml.c5.large"}},
    )
    ran = second.run("--project", NAME)
    assert ran.code == 0, ran
    assert "realtime.instance_type: ml.t2.medium -> ml.c5.large" in ran.out
    assert second.project(NAME)["live_version"] == 2


def test_deleted_lines_are_refused_beyond_the_limit_and_then_leave_nothing(first):
    lines = first.projects[NAME]
    first.drop(NAME)
    refused = first.run("--project", NAME)
    assert refused.code == 4, refused
    assert f"--allow-retire {NAME}" in refused.out
    retired = first.run("--project", NAME, "--allow-retire", NAME)
    assert retired.code == 0, retired
    assert what_is_left(first) == {}
    first.projects[NAME] = lines


def test_a_project_that_was_just_begun_trains_goes_live_and_answers(checkout):
    checkout.save()
    begun = checkout.run("init", "novel")
    assert begun.code == 0, begun
    # What it says to type is typed.
    for line in begun.out.splitlines():
        if line.startswith("  git "):
            checkout.git(*shlex.split(line)[1:])
    checkout.projects["novel"] = {"deployment": {"version": 1}}
    ran = checkout.run("--wait", "--project", "novel")
    assert ran.code == 0, ran
    assert checkout.ask("novel", checkout.root / "ml-projects" / "novel" / "request.json") == ["first", "second"]


def what_is_left(checkout: Checkout) -> dict[str, list[str]]:
    """Everything of the project that AWS or this machine still holds; its model versions stay in MLflow."""
    buckets = checkout.aws("s3").list_objects_v2(Bucket="e2e-test-tfstate", Prefix=f"test/projects/{NAME}/")
    sagemaker, batch = checkout.aws("sagemaker"), checkout.aws("batch")
    definitions = batch.describe_job_definitions(jobDefinitionName=ENDPOINT, status="ACTIVE")["jobDefinitions"]
    repositories = checkout.aws("ecr").describe_repositories()["repositories"]
    roles = checkout.aws("iam").list_roles()["Roles"]
    groups = checkout.aws("logs").describe_log_groups()["logGroups"]
    found = {
        "state": [one["Key"] for one in buckets.get("Contents", [])],
        "endpoints": [one["EndpointName"] for one in sagemaker.list_endpoints(NameContains=ENDPOINT)["Endpoints"]],
        "models": [one["ModelName"] for one in sagemaker.list_models()["Models"] if ENDPOINT in one["ModelName"]],
        "configurations": [
            one["EndpointConfigName"]
            for one in sagemaker.list_endpoint_configs(NameContains=ENDPOINT)["EndpointConfigs"]
        ],
        "definitions": [one["jobDefinitionName"] for one in definitions],
        "repositories": [one["repositoryName"] for one in repositories if NAME in one["repositoryName"]],
        "roles": [one["RoleName"] for one in roles if NAME in one["RoleName"]],
        "logs": [one["logGroupName"] for one in groups if NAME in one["logGroupName"]],
        "processes": orphaned_servers(checkout),
    }
    return {kind: names for kind, names in found.items() if names}


def orphaned_servers(checkout: Checkout) -> list[str]:
    """Scoring processes of this sandbox beyond one for each endpoint that there is."""
    servers = [one.name for one in status(checkout.sandbox.home) if one.role == "model server"]
    endpoints = checkout.aws("sagemaker").list_endpoints(MaxResults=100)["Endpoints"]
    return servers[len(endpoints) :]


GIVEN = REPOSITORY / "tests" / "projects" / "given"
HOSTILE = 'it\'s "$HOME" $(touch /tmp/owned) {x} | größe\n`second` line'
CANARIES = ("canary-of-a-parameter-41c7", "canary-of-a-secret-9e02")


def test_what_a_training_and_a_model_are_given_arrives_unharmed_and_secrets_stay_secret(checkout):
    parameter, secret = CANARIES
    checkout.aws("ssm").put_parameter(Name="/acme/db", Value=parameter, Type="SecureString")
    training = {
        "entry_point": "train",
        "parameters": {"alpha": 0.5, "text": HOSTILE},
        "env": {"MODE": "fast"},
        "secrets": {"FROM_PARAMETER": "parameter:/acme/db", "FROM_SECRET": "secret:hf:token"},
    }
    checkout.add_project("given", GIVEN)
    checkout.want("given", training=training, deployment={"version": 1, "env": {"GREETING": "hello"}})

    absent = checkout.run("--wait", "--project", "given")
    assert absent.code == 1, absent
    assert "a secret that it names is not there" in absent.out
    assert "put it where training.secrets says" in absent.out

    value = json.dumps({"token": secret})
    checkout.aws("secretsmanager").create_secret(Name="hf", SecretString=value)
    made = checkout.run("train", "given", "--wait")
    assert made.code == 0, made
    assert checkout.ask("given", REQUEST_OF_GIVEN) == ["hello", "hello"]
    assert tags_of_newest_run(checkout) == {
        "got.alpha": "0.5",
        "got.text": HOSTILE,
        "got.mode": "fast",
        "got.parameter": sha256(parameter.encode()).hexdigest(),
        "got.secret": sha256(secret.encode()).hexdigest(),
    }
    settled = checkout.run("--dry-run", "--detailed-exitcode", "--project", "given")
    assert settled.code == 0, settled

    changed = {"version": 1, "env": {"GREETING": "good day"}}
    checkout.want("given", training=training, deployment=changed)
    planned = checkout.run("--dry-run", "--project", "given")
    assert "GREETING" in planned.out, planned
    moved = checkout.run("--project", "given")
    assert moved.code == 0, moved
    assert checkout.ask("given", REQUEST_OF_GIVEN) == ["good day", "good day"]

    by_hand = checkout.run("train", "given", "-P", "alpha=0.9", "--wait")
    assert by_hand.code == 0, by_hand
    assert tags_of_newest_run(checkout)["got.alpha"] == "0.9"
    assert checkout.newest_version("given") == 2
    unmoved = checkout.run("--dry-run", "--detailed-exitcode", "--project", "given")
    assert unmoved.code == 0, unmoved
    refused = checkout.run("train", "given", "-P", "alhpa=0.9")
    assert "-P alhpa: is no parameter of train; did you mean alpha?" in refused.out, refused
    traced = checkout.run("trace", "given", "2", "-o", "json")
    assert json.loads(json.loads(traced.out)["chains"][0]["given_by_hand"]) == {"alpha": "0.9", "text": HOSTILE}

    said = "\n".join(str(ran) for ran in (absent, made, settled, planned, moved, by_hand, unmoved, refused, traced))
    for canary in CANARIES:
        assert canary not in said
        found = subprocess.run(
            ("grep", "-rlF", canary, str(checkout.sandbox.home), str(checkout.root)),
            check=False,
            capture_output=True,
            text=True,
        )
        assert [name for name in found.stdout.split() if not name.endswith(KEPT_BY_THE_STAND_IN)] == []


REQUEST_OF_GIVEN = REPOSITORY / "tests" / "projects" / "moody-request.json"
KEPT_BY_THE_STAND_IN = ("aws.pickle",)
"""Where the stand-in of Systems Manager and Secrets Manager keeps what they hold."""


def tags_of_newest_run(checkout: Checkout) -> dict[str, str]:
    """What the newest run of project `given` noted of what it was given."""
    url = f"{checkout.sandbox.mlflow_url}/api/2.0/mlflow"
    login = checkout.sandbox.keys.mlflow
    experiment = requests.get(
        f"{url}/experiments/get-by-name", params={"experiment_name": "test/given"}, auth=login, timeout=30
    ).json()["experiment"]["experiment_id"]
    body = {"experiment_ids": [experiment], "order_by": ["start_time DESC"], "max_results": 1}
    found = requests.post(f"{url}/runs/search", json=body, auth=login, timeout=30).json()
    return {one["key"]: one["value"] for one in found["runs"][0]["data"]["tags"] if one["key"].startswith("got.")}
