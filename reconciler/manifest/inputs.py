"""Forms of what a training and a model are given: each function returns the text, or raises ValueError."""

import re

from reconciler.core.redaction import is_secret

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_TAKEN = re.compile(
    r"AWS_.*|MLFLOW_(TRACKING_|EXPERIMENT_|RUN_|REGISTRY_|DISABLE_TELEMETRY).*|RECONCILER_.*|SAGEMAKER_.*|ECS_.*"
    r"|PATH|HOME|LD_.*"
)
"""AWS Batch keeps AWS_BATCH for itself: https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerProperties.html"""
_LOGIN = frozenset({"MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"})
VARIABLE = (
    "the name of a variable: letters, digits and _, not beginning with a digit; not AWS_…, RECONCILER_…, SAGEMAKER_…, "
    "ECS_…, MLflow's own for servers and runs, PATH, HOME or LD_…"
)
LONGEST = 1024
"""Bytes: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html, Environment"""
VALUE = f"text in quotes of at most {LONGEST} bytes that looks like no password or token; those go below `secrets`"
_PARAMETER = re.compile(r"parameter:(/?[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+){0,14})")
_SECRET = re.compile(r"secret:([A-Za-z0-9/_+=.@-]{1,512})(?::([A-Za-z0-9_.-]{1,128}))?")
_MISLEADS = re.compile(r"-[A-Za-z0-9]{6}")
"""At the end of a secret's name it is taken for the end of an ARN, and the secret is not found:
https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen"""
REFERENCE = (
    "parameter:/name for one of Systems Manager, secret:name or secret:name:key for one of Secrets Manager whose name "
    "ends with no hyphen and six letters or digits (Secrets Manager would take them for its own), of "
    "this account and region"
)
"""Names: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html,
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html"""
_CREDENTIAL = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(?:API|ACCESS|PRIVATE|SECRET)_?KEY)$",
    re.IGNORECASE,
)


def variable(name: str) -> str:
    """The name of an environment variable that is nobody else's. Raises ValueError."""
    if not _VARIABLE.fullmatch(name) or _TAKEN.fullmatch(name):
        raise ValueError(name)
    return name


def secret_variable(name: str) -> str:
    """The same of a secret, which may be a login of MLflow's as well. Raises ValueError."""
    return name if name in _LOGIN else variable(name)


def value(text: str) -> str:
    """The value of a variable that everybody may see. Raises ValueError."""
    if len(text.encode()) > LONGEST or "\0" in text or is_secret(text):
        raise ValueError(text)
    return text


def reference(text: str) -> str:
    """Where a secret is kept. Raises ValueError."""
    parameter = _PARAMETER.fullmatch(text)
    reserved = parameter and parameter[1].lstrip("/").lower().startswith(("aws", "ssm"))
    secret = _SECRET.fullmatch(text)
    misleads = secret and _MISLEADS.fullmatch(secret[1][-7:])
    if not (parameter or secret) or reserved or misleads or len(text) > 1000:
        raise ValueError(text)
    return text


def is_secret_name(name: str) -> bool:
    """Whether what stands under such a name is a secret, whatever it looks like."""
    return bool(_CREDENTIAL.search(name))
