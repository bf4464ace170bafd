"""Values that ECS's agent fetches for a container before it starts, with the execution role.

https://docs.aws.amazon.com/batch/latest/userguide/specifying-sensitive-data.html. The words of what goes wrong are of
https://github.com/aws/copilot-cli/issues/2095 and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from reconciler.sandbox.aws.batch.roles import TASKS
from reconciler.sandbox.aws.iam.errands import Errand

READ_PARAMETERS, READ_SECRET = "ssm:GetParameters", "secretsmanager:GetSecretValue"
_UNABLE = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
NO_PARAMETER = _UNABLE + "unable to retrieve secrets from ssm: service call has been retried 1 time(s): "
NO_SECRET = _UNABLE + "unable to retrieve secret from asm: service call has been retried 1 time(s): "
_IS_WHOLE = re.compile(r"-[A-Za-z0-9]{6}$")
"""What ends so is looked for as a whole ARN, whatever the secret is called:
https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen"""
NO_ROLE = "The container has secrets and no execution role"


def fetch(properties: Mapping[str, Any], region: str) -> dict[str, str]:
    """Variables of a container that stand in `secrets` of its definition. Raises RuntimeError in ECS's words."""
    wanted = {one["name"]: str(one["valueFrom"]) for one in properties.get("secrets") or ()}
    if not wanted:
        return {}
    if not properties.get("executionRoleArn"):
        raise RuntimeError(_UNABLE + NO_ROLE)
    errand = Errand(TASKS, properties["executionRoleArn"], f"arn:aws:ecs:{region}:{DEFAULT_ACCOUNT_ID}:task/batch")
    return {name: _value(where, region, errand) for name, where in wanted.items()}


def _value(where: str, region: str, errand: Errand) -> str:
    if ":secretsmanager:" in where:
        return _secret(where, errand)
    start = f"arn:aws:ssm:{region}:{DEFAULT_ACCOUNT_ID}:parameter/"
    return _parameter(where if where.startswith("arn:") else start + where.lstrip("/"), errand)


def _parameter(arn: str, errand: Errand) -> str:
    if errand.refused([READ_PARAMETERS], arn):
        raise RuntimeError(f"{NO_PARAMETER}AccessDeniedException: {errand.sentence(READ_PARAMETERS, arn)}")
    region, name = arn.split(":")[3], arn.partition(":parameter/")[2]
    backend = ssm_backends[DEFAULT_ACCOUNT_ID][region]
    found = backend.get_parameters([f"/{name}", name])
    if not found:
        raise RuntimeError(f"{NO_PARAMETER}invalid ssm parameters: /{name}")
    return str(next(iter(found.values())).response_object(decrypt=True)["Value"])


def _secret(where: str, errand: Errand) -> str:
    parts = where.split(":")
    arn, name, key = ":".join(parts[:7]), parts[6], parts[7] if len(parts) > 7 else ""
    stored = next(
        (
            one
            for one in secretsmanager_backends[DEFAULT_ACCOUNT_ID][parts[3]].secrets.values()
            if arn == one.arn or (arn == one.arn[:-7] and not _IS_WHOLE.search(arn))
        ),
        None,
    )
    known = stored.arn if stored else arn
    if errand.refused([READ_SECRET], known):
        raise RuntimeError(
            f"{NO_SECRET}failed to fetch secret {arn} from secrets manager: AccessDeniedException: "
            f"{errand.sentence(READ_SECRET, known)}"
        )
    if stored is None or stored.is_deleted():
        raise RuntimeError(
            f"{NO_SECRET}failed to fetch secret {arn} from secrets manager: ResourceNotFoundException: "
            "Secrets Manager can't find the specified secret."
        )
    text = stored.versions[stored.default_version_id].get("secret_string")
    return _of_key(str(text), key, name) if key else str(text)


def _of_key(text: str, key: str, name: str) -> str:
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError) as error:
        what = f"retrieved secret from Secrets Manager did not contain json key {key}"
        raise RuntimeError(f"{NO_SECRET}{what} (of {name})") from error
