"""What a project's training and model are given, once the defaults were asked: of one name, the project's counts."""

from collections.abc import Iterator

from reconciler.core.desired import Inputs, Pairs
from reconciler.core.parameters import parameter_fault
from reconciler.manifest.context import at
from reconciler.manifest.load import Manifest
from reconciler.manifest.merged import merged
from reconciler.mlproject import MAIN, EntryPoint, MLProject


def find_inputs(name: str, manifest: Manifest) -> Inputs:
    """What the code of a training is given in the open; a variable that the project has as a secret is none of it."""
    training = manifest.projects[name].training
    env = merged(manifest.defaults.training.env, training.env)
    return Inputs(
        entry_point=training.entry_point or "",
        parameters=merged(training.parameters),
        env=tuple((key, value) for key, value in env if key not in (training.secrets or {})),
    )


def find_secrets(name: str, manifest: Manifest) -> Pairs:
    """Variables of a training, and where AWS Batch reads them; one that is given in the open is none of them."""
    own = manifest.projects[name].training
    found = merged(manifest.defaults.training.secrets, own.secrets)
    return tuple((key, where) for key, where in found if key not in (own.env or {}))


def find_model_env(name: str, manifest: Manifest) -> Pairs:
    """Variables of a model's containers."""
    written = manifest.projects[name].deployment
    return merged(manifest.defaults.deployment.env, written.env if written else None)


def parameter_problems(name: str, manifest: Manifest, project: MLProject) -> Iterator[str]:
    """Parameters that the project's entry point could not be given."""
    inputs = find_inputs(name, manifest)
    entry = project.entry_points.get(inputs.entry_point or MAIN)
    if entry is None:
        return  # a script, which takes whatever it is given
    for key, value in inputs.parameters:
        if fault := parameter_fault(key, value, types_of(entry), entry.name):
            yield at(manifest, ("projects", name, "training", "parameters", key), fault)


def types_of(entry: EntryPoint) -> dict[str, str]:
    """The type of each of an entry point's parameters, by name."""
    return {name: one.type for name, one in entry.parameters.items()}
