"""Rules that look at more than one value of the manifest."""

from collections.abc import Iterator

from reconciler.core.desired import Compute
from reconciler.core.desired import Resources as Needs
from reconciler.manifest.fit import default_compute, misfits
from reconciler.manifest.header import missing
from reconciler.manifest.problem import Problem, Where
from reconciler.manifest.schema import ManifestFile, Resources, TrainingDefaults

DEFAULTS: Where = ("defaults", "training")


def broken(file: ManifestFile) -> Iterator[Problem]:
    """Every rule that the manifest breaks by itself, without a look at any other file."""
    yield from missing(file)
    yield from _unfit(file.defaults.training, DEFAULTS, file)
    for name, project in (file.projects or {}).items():
        yield from _unfit(project.training, ("projects", name, "training"), file)
    yield from _shared_models(file)
    yield from _shared_subnets(file)


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


def _shared_models(file: ManifestFile) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name, project in (file.projects or {}).items():
        model = project.model or name
        if model in owners:
            what = f"{model!r} is taken by project {owners[model]}, because two projects would race for its versions"
            yield Problem(("projects", name, "model"), what, touches=(("projects", owners[model], "model"),))
        owners.setdefault(model, name)


def _shared_subnets(file: ManifestFile) -> Iterator[Problem]:
    subnets = file.network.subnet_ids if file.network else ()
    if len(set(subnets)) < len(subnets):
        yield Problem(("network", "subnet_ids"), "names a subnet twice; leave one of them out")
