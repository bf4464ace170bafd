"""Secrets Manager: a list tells less than a description."""

import json
from typing import Any

from moto.secretsmanager.responses import SecretsManagerResponse

from reconciler.sandbox.aws.patches import Patches

_list = SecretsManagerResponse.list_secrets


def list_secrets(self: Any) -> str:
    """Moto tells the versions under the name that a description has for them as well."""
    answer = json.loads(_list(self))
    for secret in answer["SecretList"]:
        secret.pop("VersionIdsToStages", None)
    return json.dumps(answer)


def install(patches: Patches) -> None:
    """Put this in the place of moto's."""
    patches.operations(SecretsManagerResponse, list_secrets)
