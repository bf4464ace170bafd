"""What an MLflow project's own files say, read once and by one reader: none of its code is run.

`reconcile validate`, the plan, the builders of images and the embedded sandbox all ask here.
"""

from reconciler.mlproject.values import (
    CondaEnvironment,
    EntryPoint,
    Environment,
    Fault,
    Files,
    MLProject,
    Parameter,
    ProjectInvalid,
    PythonEnvironment,
)

__all__ = [
    "CondaEnvironment",
    "EntryPoint",
    "Environment",
    "Fault",
    "Files",
    "MLProject",
    "Parameter",
    "ProjectInvalid",
    "PythonEnvironment",
]
