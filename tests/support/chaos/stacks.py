"""What each stand-in stack wants, and what it publishes."""

from collections.abc import Mapping
from typing import Any

from support.chaos.resources import Resource

Variables = Mapping[str, Any]
NAMING = frozenset({"platform", "environment", "project"})
OF_ONE_APPLY = frozenset({"adopt", "ignored_alarms", "unguarded"})
"""Variables that `spec` does not tell again."""


def resources(kind: str, variables: Variables) -> tuple[Resource, ...]:
    """In the order in which they are made."""
    made = {"platform": _platform, "training": _training, "deployment": _deployment}[kind](variables)
    return (*made, Resource("terraform_data", "terraform_data.applied", "applied", _spec(variables)))


def tags(variables: Variables) -> dict[str, str]:
    """The provider's default tags."""
    named = {f"reconciler:{key}": variables[key] for key in sorted(NAMING) if key in variables}
    return {**named, "managed-by": "lean-mlops-control-centre"}


def outputs(kind: str, variables: Variables) -> dict[str, Any]:
    """Outputs made of variables alone, which Terraform stores even when an apply fails."""
    if kind == "deployment":
        return {"releases": variables.get("releases", []), "guardrails": None}
    if kind == "platform":
        return {"network": {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"]}, "security_group_id": "sg-1"}
    return {}


def _spec(variables: Variables) -> dict[str, Any]:
    return {key: value for key, value in variables.items() if key not in NAMING | OF_ONE_APPLY}


def _platform(variables: Variables) -> tuple[Resource, ...]:
    prefix = _prefix(variables)
    environment = f"{prefix}-fargate-"
    return (
        Resource("aws_sns_topic", "aws_sns_topic.alerts", f"{prefix}-alerts"),
        Resource("aws_iam_role", "aws_iam_role.instance", f"{prefix}-batch-instance"),
        Resource("aws_batch_compute_environment", 'aws_batch_compute_environment.serverless["fargate"]', environment),
        Resource(
            "aws_batch_job_queue", 'aws_batch_job_queue.pool["fargate"]', f"{prefix}-fargate", {"of": environment}
        ),
    )


def _training(variables: Variables) -> tuple[Resource, ...]:
    prefix, project = _prefix(variables), variables["project"]
    name = f"{prefix}-{project}"
    group = f"/{variables['platform']}/{variables['environment']}/{project}/training"
    container = {
        "image": variables["image"],
        "command": ["mlflow", "run", ".", "--env-manager", "local", "--run-id", "Ref::run_id"],
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}],
        "environment": [
            {"name": "MLFLOW_TRACKING_URI", "value": variables["tracking_uri"]},
            {"name": "RECONCILER_MODEL", "value": variables["model"]},
        ],
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": group}},
    }
    return (
        Resource("aws_ecr_repository", "aws_ecr_repository.training", f"{prefix}/{project}/training"),
        Resource("aws_cloudwatch_log_group", "aws_cloudwatch_log_group.training", group),
        Resource("aws_iam_role", "aws_iam_role.execution", f"{name}-training-exec"),
        Resource("aws_iam_role", "aws_iam_role.job", f"{name}-training-job"),
        Resource("aws_batch_job_definition", "aws_batch_job_definition.training", name, {"container": container}),
    )


def _deployment(variables: Variables) -> tuple[Resource, ...]:
    prefix, project = _prefix(variables), variables["project"]
    name = f"{prefix}-{project}"
    wanted = [
        Resource("aws_ecr_repository", "aws_ecr_repository.model", f"{prefix}/{project}/model"),
        Resource("aws_cloudwatch_log_group", "aws_cloudwatch_log_group.endpoint", f"/aws/sagemaker/Endpoints/{name}"),
        Resource("aws_iam_role", "aws_iam_role.serving", f"{name}-serving"),
    ]
    for release in variables.get("releases", ()):
        key, named = f'["{release["name"]}"]', f"{name}-{release['name']}"
        wanted += [
            Resource("aws_sagemaker_model", f"aws_sagemaker_model.release{key}", named, {"image": release["image"]}),
            Resource(
                "aws_sagemaker_endpoint_configuration",
                f"aws_sagemaker_endpoint_configuration.release{key}",
                named,
                {"size": _size(release)},
            ),
        ]
    if live := variables.get("live"):
        wants = {"configuration": f"{name}-{live}"}
        wanted.append(Resource("aws_sagemaker_endpoint", "aws_sagemaker_endpoint.live[0]", name, wants))
    return tuple(wanted)


def _size(release: Mapping[str, Any]) -> dict[str, Any]:
    realtime = release["realtime"]
    return {"InstanceType": realtime["instance_type"], "InitialInstanceCount": realtime["instances"]}


def _prefix(variables: Variables) -> str:
    return f"{variables['platform']}-{variables['environment']}"
