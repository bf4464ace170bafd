"""What a project's training and model are given, once the defaults were asked: of one name, the project's counts."""

from collections.abc import Iterator, Mapping

from reconciler.core.desired import Inputs, Pairs
from reconciler.manifest.context import at
from reconciler.manifest.load import Manifest
from reconciler.manifest.problem import suggestion
from reconciler.mlproject import MAIN, EntryPoint, MLProject


def find_inputs(name: str, manifest: Manifest) -> Inputs:
    """What the code of a training is given."""
    training = manifest.projects[name].training
    return Inputs(
        entry_point=training.entry_point or "",
        parameters=_pairs(training.parameters),
        env=_pairs(manifest.defaults.training.env, training.env),
    )


def find_secrets(name: str, manifest: Manifest) -> Pairs:
    """Variables of a training, and where AWS Batch reads them; one that is given in the open is none of them."""
    own = manifest.projects[name].training
    found = _pairs(manifest.defaults.training.secrets, own.secrets)
    return tuple((key, where) for key, where in found if key not in (own.env or {}))


def find_model_env(name: str, manifest: Manifest) -> Pairs:
    """Variables of a model's containers."""
    written = manifest.projects[name].deployment
    return _pairs(manifest.defaults.deployment.env, written.env if written else None)


def parameter_problems(name: str, manifest: Manifest, project: MLProject) -> Iterator[str]:
    """Parameters that the project's entry point could not be given."""
    inputs = find_inputs(name, manifest)
    entry = project.entry_points.get(inputs.entry_point or MAIN)
    if entry is None:
        return  # a script, which takes whatever it is given
    for key, value in inputs.parameters:
        if fault := parameter_fault(entry, key, value):
            yield at(manifest, ("projects", name, "training", "parameters", key), fault)


def parameter_fault(entry: EntryPoint, key: str, value: str) -> str:
    """Why an entry point cannot be given a parameter; empty when it can.

    https://mlflow.org/docs/latest/ml/projects/#specifying-parameters
    """
    known = entry.parameters.get(key)
    if known is None:
        there = ", ".join(entry.parameters) or "none"
        return f"is no parameter of {entry.name}{suggestion(key, entry.parameters) or f'; there are {there}'}"
    if known.type == "float" and not _is_number(value):
        return f"{value!r} is no number, and {entry.name} asks for a float"
    if known.type == "uri" and "://" not in value:
        return f"{value!r} is no URI, and {entry.name} asks for one"
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _pairs(*mappings: Mapping[str, str] | None) -> Pairs:
    """The entries of mappings, sorted by name; of one name that of the last mapping."""
    merged: dict[str, str] = {}
    for one in mappings:
        merged |= one or {}
    return tuple(sorted(merged.items()))
