"""What SageMaker needs of the role of a model: to be trusted with it, and what the role allows."""

from collections.abc import Iterable
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

from reconciler.sandbox.aws.iam.errands import LOG, PULL, SIGN_IN, Errand, log_streams, repository

SAGEMAKER = "sagemaker.amazonaws.com"
DESCRIBE_ALARMS = "cloudwatch:DescribeAlarms"
LOG_GROUP = "/aws/sagemaker/Endpoints/{endpoint}"


def refusal_of_model(role: str) -> str:
    """Why CreateModel takes no such role; empty if it does.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html; the words: aws/sagemaker-python-sdk#300.
    """
    if Errand(SAGEMAKER, role).trusted:
        return ""
    what = f"Please ensure that the role exists and allows principal '{SAGEMAKER}' to assume the role."
    return f"Could not assume role {role}. {what}"


def check_start(role: str, image: str, region: str, endpoint: str) -> None:
    """Pull the image, open the log. Raises RuntimeError with the endpoint's failure reason.

    The words for an image: aws/sagemaker-python-sdk#2002.
    """
    errand = Errand(SAGEMAKER, role)
    if not errand.trusted:
        raise RuntimeError(refusal_of_model(role))
    refused = errand.refused([SIGN_IN], "*") or errand.refused(PULL, repository(image))
    if refused:
        action = refused.partition(":")[2]
        raise RuntimeError(f"The role '{role}' does not have {action} permission for the image: '{image}'.")
    streams = log_streams(region, LOG_GROUP.format(endpoint=endpoint))
    if refused := errand.refused(LOG, streams):
        raise RuntimeError(errand.sentence(refused, streams))


def refusal_of_alarms(roles: Iterable[str], region: str, alarms: Iterable[str]) -> str:
    """Why an update that these alarms guard is refused; empty if it is not.

    "Ensure that your IAM execution role has permission to perform the cloudwatch:DescribeAlarms action on the
    auto-rollback alarms you specify": https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    """
    for role in sorted(set(roles)):
        for alarm in alarms:
            arn = f"arn:aws:cloudwatch:{region}:{DEFAULT_ACCOUNT_ID}:alarm:{alarm}"
            if Errand(SAGEMAKER, role).refused([DESCRIBE_ALARMS], arn):
                return Errand(SAGEMAKER, role).sentence(DESCRIBE_ALARMS, arn)
    return ""


def role_of(model: Any) -> str:  # moto's own object
    """ARN of a model's execution role."""
    return str(model.execution_role_arn)
