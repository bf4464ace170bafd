"""A whole environment, from an empty account to an empty account, with the commands that a person types.

State bucket and roles, MLflow server, platform, a model trained, pinned and rolled out, and all of it taken down again.
The tests tell one story, in their order. What CI does is done with the roles that CI has, the rest as administrator.
"""

import subprocess
import time
from pathlib import Path

import pytest

from reconciler.sandbox import Sandbox
from support.chaos.figures import tell
from support.checkout import Checkout, Ran
from support.moody import MOODY, REQUEST
from support.rights import Rights
from support.unused import NEVER, unexplained

pytestmark = pytest.mark.e2e

NAME = "moody"
SERVER = {"database": {"engine": "postgres"}, "deletion_protection": False}
HEADER = {
    "mlflow": {"server": SERVER},
    "github": {"repository": "acme/models", "environment": "prod"},
    "alerts": {"email": ["ml-team@example.invalid"]},
}
BUCKET = "e2e-whole-tfstate"
ENDED = {"SUCCEEDED", "FAILED"}
PLAN, APPLY = "e2e-whole-plan", "e2e-whole-apply"
TAKEN_AWAY = ("batch:RegisterJobDefinition", "sagemaker:CreateEndpoint", "logs:DeleteLogGroup")
"""One for each step; LONG=1 has `test_rights.py` take all that are used."""


@pytest.fixture(scope="module")
def environment(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    made = Checkout(tmp_path_factory.mktemp("environment") / "team", sandbox, environment="whole", header=dict(HEADER))
    made.add_project(NAME, MOODY)
    made.want(NAME, owner="ml-team")
    return made


def well(ran: Ran) -> Ran:
    assert ran.code == 0, ran
    return ran


def without(environment: Checkout, action: str, *words: str) -> None:
    """A run that lacks one action ends with that action named, and changes no line of the manifest for good."""
    before = manifest(environment).read_text()
    with environment.playing(APPLY), Rights(environment.aws("iam"), APPLY).without(action):
        ran = environment.run(*words)
    assert ran.code == 1, ran
    assert action in ran.out.replace("\n", ""), ran
    manifest(environment).write_text(before)


def manifest(environment: Checkout) -> Path:
    return environment.root / "manifests" / "sandbox.yaml"


def changed_lines(environment: Checkout) -> list[str]:
    """Lines of the manifest that differ from the commit."""
    diff = subprocess.run(("git", "diff", "-U0"), cwd=environment.root, capture_output=True, text=True, check=True)
    return [line for line in diff.stdout.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_bootstrap_makes_the_bucket_that_keeps_its_state_and_then_changes_nothing(environment):
    well(environment.run("bootstrap"))
    s3 = environment.aws("s3")
    kept = sorted(one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"])
    assert (kept[0], kept[1].startswith("whole/history/"), len(kept)) == ("whole/bootstrap.tfstate", True, 2)
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    roles = {role["RoleName"] for role in environment.aws("iam").list_roles()["Roles"]}
    assert {"e2e-whole-plan", "e2e-whole-apply"} <= roles
    assert "No changes." in well(environment.run("bootstrap")).out


def test_nothing_is_planned_before_the_server_stands_whose_network_is_shared(environment):
    with environment.playing(PLAN):
        ran = environment.run("--dry-run")
    assert ran.code == 1, ran
    assert "make mlflow-server" in ran.out


def test_the_mlflow_server_stands_and_then_nothing_changes(environment):
    with environment.playing(APPLY):
        well(environment.run("mlflow-server", "up", seconds=800))
        assert "No changes." in well(environment.run("mlflow-server", "up")).out
    [service] = environment.aws("ecs").describe_services(cluster="e2e-whole-mlflow", services=["e2e-whole-mlflow"])[
        "services"
    ]
    assert service["status"] == "ACTIVE"


def test_a_changed_server_is_noted_by_every_plan_and_changed_in_place(environment):
    environment.header["mlflow"] = {"server": {**SERVER, "cpu": 2048}}
    environment.save()
    with environment.playing(PLAN):
        assert "the MLflow server is not as the manifest says (cpu)" in environment.run("--dry-run").out
    with environment.playing(APPLY):
        ran = well(environment.run("mlflow-server", "up", seconds=800))
    assert "cpu: 1024 -> 2048" in ran.out


def test_a_training_job_runs_in_the_servers_network(environment):
    without(environment, TAKEN_AWAY[0], "train", NAME, "--wait")
    with environment.playing(APPLY):
        well(environment.run("train", NAME, "--wait"))
    assert environment.project(NAME)["sync"] == "Synced"
    platform = environment.aws("batch").describe_compute_environments()["computeEnvironments"]
    vpcs = environment.aws("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
    subnets = environment.aws("ec2").describe_subnets(
        Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"] for vpc in vpcs]}]
    )["Subnets"]
    used = {
        subnet
        for one in platform
        if "e2e-whole" in one["computeEnvironmentName"]
        for subnet in one["computeResources"]["subnets"]
    }
    assert used
    assert used <= {subnet["SubnetId"] for subnet in subnets}


def test_why_a_training_failed_is_read_by_the_role_that_plans(environment):
    environment.write(NAME, "mood", "failing")
    with environment.playing(APPLY):
        well(environment.run())
    until_no_job_runs(environment)
    with environment.playing(PLAN):
        ran = environment.run("--dry-run")
    assert "the training data is missing" in ran.out, ran
    environment.write(NAME, "mood", (MOODY / "mood").read_text())


def test_tags_reach_everything_in_place_and_leave_it_again_with_the_rights_that_ci_has(environment):
    environment.save()
    with environment.playing(APPLY):
        well(environment.run("--wait"))
        until_no_job_runs(environment)
        before = images_and_revisions(environment)
        environment.header["tags"] = {"cost-centre": "42"}
        environment.save()
        ran = well(environment.run())
        assert "tags.cost-centre: 42" in ran.out or "tags:" in ran.out, ran
        well(environment.run("mlflow-server", "up", seconds=800))
    well(environment.run("bootstrap"))
    ours = resources(environment, {"reconciler:environment": "whole"})
    untagged = {arn for arn, tags in ours.items() if tags.get("cost-centre") != "42" and not is_aws_own(arn)}
    assert untagged == set()
    assert images_and_revisions(environment) == before
    with environment.playing(APPLY):
        del environment.header["tags"]
        environment.save()
        well(environment.run())
        assert "No changes" in well(environment.run("--dry-run")).out


def images_and_revisions(environment: Checkout) -> tuple[object, ...]:
    """What a change of tags must not move."""
    definitions = environment.aws("batch").describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    pools = environment.aws("batch").describe_compute_environments()["computeEnvironments"]
    return (
        sorted((one["jobDefinitionName"], one["revision"]) for one in definitions),
        sorted(one["uuid"] for one in pools if "uuid" in one),
    )


def resources(environment: Checkout, wanted: dict[str, str]) -> dict[str, dict[str, str]]:
    """Tags of everything that carries the wanted ones, by ARN."""
    filters = [{"Key": key, "Values": [value]} for key, value in wanted.items()]
    pages = environment.aws("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters)
    found = [one for page in pages for one in page["ResourceTagMappingList"]]
    return {one["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]} for one in found}


def is_aws_own(arn: str) -> bool:
    """Backups that RDS made before, and revisions of a task that another has replaced."""
    return ":snapshot:rds:" in arn or arn.endswith(":task-definition/e2e-whole-mlflow:1")


def until_no_job_runs(environment: Checkout) -> None:
    batch, queue = environment.aws("batch"), "e2e-whole-fargate"
    named = [{"name": "JOB_NAME", "values": ["e2e-whole-*"]}]
    deadline = time.monotonic() + 120
    while {job["status"] for job in batch.list_jobs(jobQueue=queue, filters=named)["jobSummaryList"]} - ENDED:
        assert time.monotonic() < deadline, "the job never ended"
        time.sleep(0.2)


def test_a_deployment_job_pins_its_version_and_touches_no_other_byte(environment):
    manifest(environment).write_text(f"# ours\n{manifest(environment).read_text()}# the end\n")
    environment.commit("comments")
    without(environment, TAKEN_AWAY[1], "deploy", NAME, "1")
    with environment.playing(APPLY):
        ran = well(environment.run("deploy", NAME, "1"))
    assert "commit it" in ran.out
    added = changed_lines(environment)
    assert all(line.startswith("+") for line in added), added
    assert "version: 1" in "".join(added)
    environment.commit("pin")
    assert environment.ask(NAME, REQUEST) == ["good", "good"]


def test_nothing_has_drifted_as_far_as_the_role_that_plans_may_see(environment):
    with environment.playing(PLAN):
        ran = environment.run("drift", seconds=600)
        well(environment.run("status"))
        assert "the training data is missing" in well(environment.run("logs", NAME)).out
        well(environment.run("history"))
    assert "No drift" in well(ran).out


def test_what_the_endpoint_needs_is_not_removed_before_it(environment):
    before = manifest(environment).read_text()
    for words, reason in (
        (("remove", NAME), "undeploy"),
        (("mlflow-server", "down"), "still needed by project moody, the platform"),
    ):
        ran = environment.run(*words)
        assert ran.code == 4, ran
        assert reason in ran.out
    assert manifest(environment).read_text() == before


def test_a_deployment_job_is_undone_and_the_training_stays(environment):
    without(environment, TAKEN_AWAY[2], "undeploy", NAME)
    with environment.playing(APPLY):
        well(environment.run("undeploy", NAME))
    assert environment.aws("sagemaker").list_endpoints(NameContains="e2e-whole")["Endpoints"] == []
    assert environment.project(NAME)["sync"] == "Synced"
    environment.commit("undeployed")


def test_the_roles_were_refused_nothing_but_what_was_taken_away_and_may_little_that_they_do_not_use(
    environment, record_property
):
    told = {one["role"].rpartition("/")[2]: one for one in environment.control.roles()}
    plan, apply = told[PLAN], told[APPLY]
    assert plan["refused"] == []
    assert {one["action"] for one in apply["refused"]} == set(TAKEN_AWAY)
    unused = set(apply["unused"]) - plan["used"].keys()
    assert unexplained(unused) <= NEVER
    figures = {"actions_used": len({*plan["used"], *apply["used"]}), "allowed_and_never_used": len(unused)}
    tell(record_property, "roles of CI", calls=sum((*plan["used"].values(), *apply["used"].values())), **figures)


def test_teardown_leaves_nothing(environment):
    well(environment.run("teardown", "--yes", seconds=900))
    assert what_is_left(environment) == {}


def what_is_left(environment: Checkout) -> dict[str, list[str]]:
    """Everything of ours that AWS still holds, by the names and tags that everything of ours has.

    NAT gateways and all of ECS are looked at by their status: AWS goes on telling of those that are gone.
    """
    tagged = environment.aws("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "reconciler:environment", "Values": ["whole"]}]
    )["ResourceTagMappingList"]
    iam, ec2, ecs = (environment.aws(service) for service in ("iam", "ec2", "ecs"))
    found = {
        "tagged": [
            one["ResourceARN"]
            for one in tagged
            if ":ecs:" not in one["ResourceARN"] and ":natgateway/" not in one["ResourceARN"]
        ],
        "gateways": [
            one["NatGatewayId"] for one in ec2.describe_nat_gateways()["NatGateways"] if one["State"] != "deleted"
        ],
        "clusters": [
            one["clusterName"]
            for one in ecs.describe_clusters(clusters=["e2e-whole-mlflow"])["clusters"]
            if one["status"] != "INACTIVE"
        ],
        "definitions": ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"],
        "buckets": [
            one["Name"] for one in environment.aws("s3").list_buckets()["Buckets"] if "e2e-whole" in one["Name"]
        ],
        "roles": [one["RoleName"] for one in iam.list_roles()["Roles"] if "e2e-whole" in one["RoleName"]],
        "policies": [one["PolicyName"] for one in iam.list_policies(Scope="Local")["Policies"]],
        "providers": [one["Arn"] for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]],
        "vpcs": [one["VpcId"] for one in ec2.describe_vpcs()["Vpcs"] if not one["IsDefault"]],
        "databases": [
            one["DBInstanceIdentifier"] for one in environment.aws("rds").describe_db_instances()["DBInstances"]
        ],
        "secrets": [one["Name"] for one in environment.aws("secretsmanager").list_secrets()["SecretList"]],
        "queues": [
            one["jobQueueName"]
            for one in environment.aws("batch").describe_job_queues()["jobQueues"]
            if "e2e-whole" in one["jobQueueName"]
        ],
        "topics": [
            one["TopicArn"] for one in environment.aws("sns").list_topics()["Topics"] if "e2e-whole" in one["TopicArn"]
        ],
    }
    return {kind: names for kind, names in found.items() if names}
