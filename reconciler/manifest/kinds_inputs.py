"""What a training and a model are given: each leaf says what it accepts, and why."""

from typing import Annotated

from reconciler.manifest import inputs
from reconciler.manifest.leaves import checked, scalar, text

_LONGEST = 4096

EntryPoint = Annotated[
    str,
    text(
        "Entry point of MLproject that is run (else main)",
        r"^[^\s\x00-\x1f\x7f-]([^\x00-\x1f\x7f]{0,198}[^\s\x00-\x1f\x7f])?$",
        "the name of an entry point, or of a script: 1 to 200 characters on one line",
        because="`mlflow run -e` takes one",
    ),
]
ParameterName = Annotated[
    str,
    text(
        "A parameter of the entry point",
        r"^[A-Za-z_][A-Za-z0-9_-]{0,199}$",
        "the name of a parameter: letters, digits, _ and -, beginning with a letter or _",
        because="MLflow fills commands in with them",
    ),
]
ParameterValue = Annotated[
    str,
    scalar(
        "Its value, as it is handed over",
        _LONGEST,
        f"text of at most {_LONGEST} characters, a number, or true or false",
        because="it becomes an argument of `mlflow run`",
    ),
]
VariableName = Annotated[
    str,
    checked(
        "An environment variable",
        inputs.variable,
        inputs.VARIABLE,
        because="the others are set by AWS, MLflow or the reconciler, or cannot be set at all",
    ),
]
SecretVariableName = Annotated[
    str,
    checked(
        "An environment variable",
        inputs.secret_variable,
        f"{inputs.VARIABLE}; or MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD or MLFLOW_TRACKING_TOKEN",
        because="the others are set by AWS, MLflow or the reconciler, or cannot be set at all",
    ),
]
VariableValue = Annotated[
    str,
    checked(
        "Its value",
        inputs.value,
        inputs.VALUE,
        because="it stands in git, in plans and in AWS's console for everybody who may look there",
        secret=True,
    ),
]
SecretReference = Annotated[
    str,
    checked(
        "Where AWS Batch reads it when a job starts",
        inputs.reference,
        inputs.REFERENCE,
        because="the value itself must never stand in a manifest",
        secret=True,
    ),
]
