"""What an MLflow project's own files say, read once and by one reader: none of its code is run.

`reconcile validate`, the plan, the builders of images and the embedded sandbox all ask here.
"""

from reconciler.mlproject.folder import FolderFiles
from reconciler.mlproject.project import (
    MAIN,
    names_of,
    project_files,
    read_files,
    read_logged,
    read_model,
    read_project,
)
from reconciler.mlproject.python_env import DEFAULT_PYTHON
from reconciler.mlproject.values import (
    CondaEnvironment,
    CondaPackage,
    EntryPoint,
    Environment,
    Fault,
    Files,
    MLProject,
    Parameter,
    PipLines,
    ProjectInvalid,
    PythonEnvironment,
)

__all__ = [
    "DEFAULT_PYTHON",
    "MAIN",
    "CondaEnvironment",
    "CondaPackage",
    "EntryPoint",
    "Environment",
    "Fault",
    "Files",
    "FolderFiles",
    "MLProject",
    "Parameter",
    "PipLines",
    "ProjectInvalid",
    "PythonEnvironment",
    "names_of",
    "project_files",
    "read_files",
    "read_logged",
    "read_model",
    "read_project",
]
