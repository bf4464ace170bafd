"""IAM: AWS's own managed policies, which moto leaves out unless asked, and roles that keep their description."""

from typing import Any

from moto.core.config import default_user_config
from moto.core.responses import ActionResult, EmptyResult
from moto.iam import models
from moto.iam.responses import IamResponse

from reconciler.sandbox.aws.patches import Patches


def update_role(self: Any) -> ActionResult:
    """Moto forgets what a call does not name."""
    role = self.backend.get_role(self._get_param("RoleName"))
    role.description = self._get_param("Description", role.description)
    role.max_session_duration = self._get_param("MaxSessionDuration", role.max_session_duration)
    return EmptyResult()


def install(patches: Patches) -> None:
    """The policies take effect for backends made afterwards."""
    patches.entry(default_user_config["iam"], "load_aws_managed_policies", value=True)
    # To tell whose access key it is, moto makes IAM anew for each of AWS's six partitions, 4 MB of policies each.
    patches.attribute(models, "PARTITION_NAMES", ["aws"])
    patches.operations(IamResponse, update_role)
