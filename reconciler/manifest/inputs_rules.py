"""Rules of what trainings and models are given that look at more than one value."""

import json
from collections.abc import Iterator, Mapping

from reconciler.core.redaction import is_secret
from reconciler.manifest.inputs import is_secret_name
from reconciler.manifest.problem import Problem, Where
from reconciler.manifest.schema import ManifestFile, Training, TrainingDefaults
from reconciler.manifest.schema_serving import DeploymentDefaults

Part = TrainingDefaults | DeploymentDefaults

MOST_OF_A_JOB = 16_000
OF_BATCH = (
    "AWS Batch takes job definitions of 24 KiB (https://docs.aws.amazon.com/batch/latest/userguide/service_limits.html)"
)
MOST_OF_A_MODEL = 32_000
MOST_VARIABLES = 100
OF_SAGEMAKER = (
    "SageMaker takes no more (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html)"
)
IN_THE_OPEN = (
    "has the name of a secret, and `env` is read by everybody who may see the manifest; put the secret into Systems "
    "Manager or Secrets Manager, and write below `secrets` where it is"
)
OF_A_COMMAND = (
    "(not shown) looks like a password or token, and parameters stand in commands, plans and MLflow for everybody; put "
    "it into Systems Manager or Secrets Manager, write below `secrets` where it is, and let the code read the variable"
)
OF_A_MODEL = (
    "has the name of a secret, and SageMaker shows a model's variables to everybody who may describe it; let the code "
    "of the model read the secret with its role"
)
EMPTY = (
    "is empty, and AWS Batch drops such a variable (https://github.com/hashicorp/terraform-provider-aws/issues/19466); "
    "leave it out"
)


def broken_inputs(file: ManifestFile) -> Iterator[Problem]:
    """What no value alone shows: names of secrets that stand in the open, one name twice, and too much of it all."""
    defaults = file.defaults
    everybodys: dict[str, Part | None] = {"training": defaults.training, "deployment": defaults.deployment}
    too_much = set()
    for key, part in everybodys.items():
        if part is not None:
            yield from _broken(("defaults", key), part)
            excess = list(_excess(("defaults", key), part, None))
            too_much |= {key} if excess else set()
            yield from excess
    for name, project in (file.projects or {}).items():
        own: dict[str, Part | None] = {"training": project.training, "deployment": project.deployment}
        for key, part in own.items():
            if part is not None:
                yield from _broken(("projects", name, key), part)
                if key not in too_much:
                    yield from _excess(("projects", name, key), part, everybodys[key])


def _broken(where: Where, part: Part) -> Iterator[Problem]:
    of_training = isinstance(part, TrainingDefaults)
    secrets = _secrets(part)
    for name, value in ((part.parameters or {}) if isinstance(part, Training) else {}).items():
        if is_secret(value):
            yield Problem((*where, "parameters", name), OF_A_COMMAND)
    for name, value in (part.env or {}).items():
        if is_secret_name(name):
            yield Problem((*where, "env", name), IN_THE_OPEN if of_training else OF_A_MODEL)
        elif name in secrets:
            yield Problem((*where, "env", name), "stands below `secrets` as well; keep one of them")
        elif of_training and not value:
            yield Problem((*where, "env", name), EMPTY)


def _excess(where: Where, part: Part, defaults: Part | None) -> Iterator[Problem]:
    """More than AWS takes of a job or a model, the defaults counted in."""
    given = {**_given(defaults), **_given(part)}
    if isinstance(part, TrainingDefaults):
        if sum(len(name.encode()) + _in_a_job(group, text) for (group, name), text in given.items()) > MOST_OF_A_JOB:
            most = f"{MOST_OF_A_JOB} bytes of parameters and variables, as JSON"
            yield Problem(where, f"gives more than {most}, because {OF_BATCH}")
        return
    size = sum(len(name.encode()) + len(text.encode()) for (_, name), text in given.items())
    if size > MOST_OF_A_MODEL or len(given) > MOST_VARIABLES:
        most = f"{MOST_VARIABLES} variables, or {MOST_OF_A_MODEL} bytes of them"
        yield Problem((*where, "env"), f"gives more than {most}, because {OF_SAGEMAKER}")


def _in_a_job(group: str, text: str) -> int:
    """Bytes of a text in a job definition, whose parameters are JSON in JSON."""
    return len(_as_json(_as_json(text) if group == "parameters" else text).encode())


def _as_json(text: str) -> str:
    """As Terraform writes it: https://developer.hashicorp.com/terraform/language/functions/jsonencode"""
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(f"\\u{ord(one):04x}" if one in "<>&" else one for one in plain)


def _given(part: Part | None) -> dict[tuple[str, str], str]:
    """Each text by what it is a part of and its name."""
    if part is None:
        return {}
    parameters = (part.parameters or {}) if isinstance(part, Training) else {}
    groups: dict[str, Mapping[str, str]] = {"env": {**_secrets(part), **(part.env or {})}, "parameters": parameters}
    return {(group, name): text for group, entries in groups.items() for name, text in entries.items()}


def _secrets(part: Part) -> Mapping[str, str]:
    return (part.secrets or {}) if isinstance(part, TrainingDefaults) else {}
