"""What AWS's services do with the roles that they were given, where the calls do not pass through the door."""

from collections.abc import Iterable
from dataclasses import dataclass

from moto.core import DEFAULT_ACCOUNT_ID

from reconciler.sandbox.aws.iam import identities
from reconciler.sandbox.aws.iam.context import SECURE
from reconciler.sandbox.aws.iam.patterns import Context
from reconciler.sandbox.aws.iam.policy import Question
from reconciler.sandbox.aws.images import ADDRESS

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
SIGN_IN = "ecr:GetAuthorizationToken"
LOG = ("logs:CreateLogStream", "logs:PutLogEvents")


@dataclass(frozen=True, slots=True)
class Errand:
    """A service acts with a role."""

    service: str
    """As roles trust it, `sagemaker.amazonaws.com`."""
    role: str
    """Its ARN."""
    source: str = ""
    """ARN of what it acts for: the role's trust policy may ask for it."""

    @property
    def trusted(self) -> bool:
        """Whether the role lets the service take it."""
        return identities.trusts_service(self.role, self.service, {"aws:SourceArn": self.source} if self.source else {})

    def refused(self, actions: Iterable[str], resource: str, context: Context | None = None) -> str:
        """The first of these actions that the role does not allow; empty if it allows them all."""
        questions = (Question(action, resource, {**SECURE, **(context or {})}) for action in actions)
        return next((one.action for one in questions if not identities.may(self.role, one).allowed), "")

    def sentence(self, action: str, resource: str) -> str:
        """Who may not do what, in IAM's words."""
        name = self.role.rpartition("/")[2]
        user = f"arn:aws:sts::{DEFAULT_ACCOUNT_ID}:assumed-role/{name}/{self.service.partition('.')[0]}"
        why = f"because no identity-based policy allows the {action} action"
        return f"User: {user} is not authorized to perform: {action} on resource: {resource} {why}"


def repository(image: str) -> str:
    """ARN of the ECR repository that an image's address names; empty for an address of somebody else's."""
    found = ADDRESS.match(image)
    return f"arn:aws:ecr:{found['region']}:{found['account']}:repository/{found['repository']}" if found else ""


def log_streams(region: str, group: str) -> str:
    """ARN of all streams of a log group."""
    return f"arn:aws:logs:{region}:{DEFAULT_ACCOUNT_ID}:log-group:{group}:log-stream:*"
