"""IAM: AWS's own managed policies, which moto leaves out unless asked."""

from moto.core.config import default_user_config
from moto.iam import models

from reconciler.sandbox.aws.patches import Patches


def install(patches: Patches) -> None:
    """Takes effect for backends made afterwards."""
    patches.entry(default_user_config["iam"], "load_aws_managed_policies", value=True)
    # To tell whose access key it is, moto makes IAM anew for each of AWS's six partitions, 4 MB of policies each.
    patches.attribute(models, "PARTITION_NAMES", ["aws"])
