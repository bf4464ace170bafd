"""Parameters of an entry point, held against what its MLproject says of them."""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

from reconciler.core.desired import Pairs
from reconciler.core.near import meant


def parameter_fault(key: str, value: str, known: Mapping[str, str], entry: str) -> str:
    """Why an entry point cannot be given a parameter; empty when it can. `known` are the types of its own, by name.

    https://mlflow.org/docs/latest/ml/projects/#specifying-parameters; a URI is what has a scheme:
    https://github.com/mlflow/mlflow/blob/master/mlflow/utils/data_utils.py
    """
    if key not in known:
        there = f"; there are {', '.join(known) or 'none'}"
        return f"is no parameter of {entry}{meant([key], known) or there}"
    if known[key] == "float" and not _is_number(value):
        return f"{value!r} is no number, and {entry} asks for a float"
    if known[key] == "uri" and not _is_uri(value):
        return f"{value!r} is no URI, and {entry} asks for one"
    return ""


def all_parameters(manifest: Pairs, given: Pairs) -> str:
    """What a training is handed when somebody gives parameters beside the manifest's, in JSON."""
    return json.dumps(dict(manifest) | dict(given), sort_keys=True)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_uri(text: str) -> bool:
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False
