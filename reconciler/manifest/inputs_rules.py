"""Rules of what trainings and models are given that look at more than one value."""

from collections.abc import Iterator

from reconciler.manifest.inputs import is_secret_name
from reconciler.manifest.problem import Problem, Where
from reconciler.manifest.schema import ManifestFile, Training, TrainingDefaults
from reconciler.manifest.schema_serving import DeploymentDefaults

MOST_BYTES = 16_000
BECAUSE = (
    "AWS Batch takes job definitions of 24 KiB (https://docs.aws.amazon.com/batch/latest/userguide/service_limits.html)"
)
IN_THE_OPEN = (
    "has the name of a secret, and `env` is read by everybody who may see the manifest; put the secret into Systems "
    "Manager or Secrets Manager, and write below `secrets` where it is"
)
OF_A_MODEL = (
    "has the name of a secret, and SageMaker shows a model's variables to everybody who may describe it; let the code "
    "of the model read the secret with its role"
)


def broken_inputs(file: ManifestFile) -> Iterator[Problem]:
    """What no value alone shows: names of secrets that stand in the open, one name twice, and too much of it all."""
    parts: list[tuple[Where, TrainingDefaults | DeploymentDefaults | None]] = [
        (("defaults", "training"), file.defaults.training),
        (("defaults", "deployment"), file.defaults.deployment),
    ]
    for name, project in (file.projects or {}).items():
        parts += [
            (("projects", name, "training"), project.training),
            (("projects", name, "deployment"), project.deployment),
        ]
    for where, part in parts:
        if part is not None:
            yield from _broken(where, part)


def _broken(where: Where, part: TrainingDefaults | DeploymentDefaults) -> Iterator[Problem]:
    secrets = (part.secrets or {}) if isinstance(part, TrainingDefaults) else {}
    for name in part.env or {}:
        if is_secret_name(name):
            yield Problem((*where, "env", name), IN_THE_OPEN if isinstance(part, TrainingDefaults) else OF_A_MODEL)
        elif name in secrets:
            yield Problem((*where, "env", name), "stands below `secrets` as well; keep one of them")
    given = [*(part.env or {}).items(), *secrets.items()]
    given += list((part.parameters or {}).items()) if isinstance(part, Training) else []
    if sum(len(name.encode()) + len(text.encode()) for name, text in given) > MOST_BYTES:
        yield Problem(where, f"gives more than {MOST_BYTES} bytes of parameters and variables, because {BECAUSE}")
