"""Rules that look at more than one value of the manifest."""

from collections.abc import Iterator

from reconciler.core.desired import Compute
from reconciler.core.desired import Resources as Needs
from reconciler.manifest.environment_rules import broken_environment
from reconciler.manifest.fit import default_compute, misfits
from reconciler.manifest.freezes import broken_freezes
from reconciler.manifest.header import missing
from reconciler.manifest.inputs_rules import broken_inputs
from reconciler.manifest.problem import Problem, Where
from reconciler.manifest.renames import broken_renames
from reconciler.manifest.schema import ManifestFile, Resources, TrainingDefaults
from reconciler.manifest.serving_rules import broken_serving
from reconciler.manifest.tags import broken_tags

DEFAULTS: Where = ("defaults", "training")
TAKEN_NAMES = {
    "default": "is a name that Terraform keeps for a workspace of its own; choose another",
    "mlflow": "is taken, because the MLflow server's bucket has the name that its own would have; choose another",
}


def broken(file: ManifestFile) -> Iterator[Problem]:
    """Every rule that the manifest breaks by itself, without a look at any other file."""
    yield from missing(file)
    yield from broken_environment(file)
    yield from _unfit(file.defaults.training, DEFAULTS, file)
    for name, project in (file.projects or {}).items():
        yield from _unfit(project.training, ("projects", name, "training"), file)
        yield from _wrong_schedule(project.training.schedule, ("projects", name, "training", "schedule"))
    yield from broken_inputs(file)
    yield from broken_serving(file)
    yield from broken_tags(file)
    yield from _taken_name(file)
    yield from broken_freezes(file)
    yield from broken_renames(file)
    yield from _shared_models(file)


def needs(resources: Resources) -> Needs:
    """Resources as the core knows them."""
    return Needs(resources.vcpu, resources.memory, resources.gpu)


def compute_of(training: TrainingDefaults, file_defaults: TrainingDefaults, resources: Needs) -> Compute:
    """Where a job runs: what the project says, then the defaults, then what its resources call for."""
    named = training.compute or file_defaults.compute
    return Compute(named) if named else default_compute(resources)


def _unfit(training: TrainingDefaults, where: Where, file: ManifestFile) -> Iterator[Problem]:
    if training.resources is None:
        return
    wanted = needs(training.resources)
    compute = compute_of(training, file.defaults.training, wanted)
    touches: tuple[Where, ...] = ((*where, "resources"), (*where, "compute"), (*DEFAULTS, "compute"), ("max_vcpus",))
    for field, sentence in misfits(wanted, compute, file.max_vcpus):
        yield Problem((*where, "resources", field), sentence, touches=touches)


def _wrong_schedule(schedule: str | None, where: Where) -> Iterator[Problem]:
    if schedule is not None:
        from reconciler.manifest.schedule import faults

        yield from (Problem(where, fault) for fault in faults(schedule))


def _taken_name(file: ManifestFile) -> Iterator[Problem]:
    taken = (name for name in TAKEN_NAMES if name in (file.projects or {}))
    yield from (Problem(("projects", name), TAKEN_NAMES[name]) for name in taken)


def _shared_models(file: ManifestFile) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    projects = file.projects or {}
    for name, project in projects.items():
        model = project.model or project.renamed_from or name
        # Names that nobody wrote as a model's are the same only where a rename is wrong, which is told by itself.
        if model in owners and (project.model or projects[owners[model]].model):
            what = f"{model!r} is taken by project {owners[model]}, because two projects would race for its versions"
            yield Problem(("projects", name, "model"), what, touches=(("projects", owners[model], "model"),))
        owners.setdefault(model, name)
