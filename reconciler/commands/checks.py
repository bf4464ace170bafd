"""What the doctor looks at, and what each look needs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from reconciler.core import names
from reconciler.core.desired import DesiredState, Platform
from reconciler.core.doctor import cloud as aws
from reconciler.core.doctor import quotas, tools, tracking
from reconciler.core.doctor.finding import Finding, failed, ok, skipped, warning
from reconciler.core.lease import is_free
from reconciler.doctor import Check
from reconciler.errors import ManifestInvalid
from reconciler.ports.doctor import Practice
from reconciler.tenure import describe

MANIFEST, PROJECTS, SANDBOX = "manifest", "projects", "sandbox"
LONG = 40.0
"""Seconds for what comes in many pages."""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is known before anything is asked."""

    manifest: str
    """As it was given."""
    written: bool
    """Whether there is such a file."""
    fault: ManifestInvalid | None
    """What is wrong with the manifest itself."""
    platform: Platform | None
    """None: the manifest is not valid, or no sandbox runs that it is for."""
    sandbox: bool
    """Whether the manifest is for one."""
    no_sandbox: tuple[str, str]
    """Why none is reached that the manifest is for, and what to type."""
    resolve: Callable[[], DesiredState]
    """Looks at the projects' folders. Raises ReconcilerError."""


def checks_of(patient: Patient, practice: Practice) -> tuple[Check, ...]:
    """Every check, in the order of its findings."""
    return (
        *_of_machine(patient, practice),
        *_of_git(patient, practice),
        *_of_account(patient, practice),
        *_of_state(patient, practice),
        *_of_tracking(patient, practice),
        *_of_quotas(patient, practice),
    )


def _of_machine(patient: Patient, practice: Practice) -> Iterator[Check]:
    local = practice.tools
    yield Check("Python", lambda: [tools.judge_python(local.python())])
    yield Check("git", lambda: [tools.judge_git(local.git())])
    yield Check("Terraform", lambda: [tools.judge_terraform(local.terraform())])
    yield Check("provider", lambda: [tools.judge_provider(local.provider())], needs=("Terraform",))
    yield Check("Docker", lambda: [_docker(patient, practice)], trouble=_no_docker)


def _docker(patient: Patient, practice: Practice) -> Finding:
    if patient.sandbox:
        return skipped("Docker", "the sandbox needs none")
    return tools.judge_docker(practice.tools.docker(), mlflow=practice.tools.has_mlflow())


def _no_docker(check: str, what: str, _remedy: str) -> Finding:
    remedy = "start it, or install it where images are built: https://docs.docker.com/engine/install/"
    return warning(check, f"{what} (planning needs none)", remedy)


def _of_git(patient: Patient, practice: Practice) -> Iterator[Check]:
    sources = practice.sources
    yield Check(
        "repository", lambda: [tools.judge_repository(sources.head().commit, sources.uncommitted((".",)))], ("git",)
    )
    yield Check(MANIFEST, lambda: [_manifest(patient)])
    yield Check(PROJECTS, partial(_projects, patient), needs=(MANIFEST, "git"))
    if patient.sandbox:
        yield Check(SANDBOX, partial(_sandbox, patient), needs=(MANIFEST,))


def _manifest(patient: Patient) -> Finding:
    return _invalid(MANIFEST, patient, patient.fault) if patient.fault else ok(MANIFEST, patient.manifest)


def _projects(patient: Patient) -> list[Finding]:
    try:
        count = len(patient.resolve().projects)
    except ManifestInvalid as fault:
        return [_invalid(PROJECTS, patient, fault)]
    return [ok(PROJECTS, f"{count}, and what they name is there")]


def _invalid(check: str, patient: Patient, fault: ManifestInvalid) -> Finding:
    first, *others = fault.problems
    more = f" (and {len(others)} more)" if others else ""
    begin = f"name another with -m, or begin it: cp manifests/example.yaml {patient.manifest}"
    return failed(check, f"{first}{more}", f"reconcile -m {patient.manifest} validate" if patient.written else begin)


def _sandbox(patient: Patient) -> list[Finding]:
    if patient.platform is None:
        return [failed(SANDBOX, *patient.no_sandbox)]
    return [ok(SANDBOX, "it runs")]


def _ground(patient: Patient) -> tuple[str, ...]:
    return (SANDBOX,) if patient.sandbox else (MANIFEST,)


def _of_account(patient: Patient, practice: Practice) -> Iterator[Check]:
    platform, ground = patient.platform, _ground(patient)
    identity = cache(lambda: practice.cloud().identity())
    prefix, wanted, region = (names.prefix(platform), platform.account, platform.region) if platform else ("", None, "")
    yield Check(aws.CREDENTIALS, lambda: [aws.judge_credentials(identity(), prefix)], ground)
    yield Check(aws.ACCOUNT, lambda: [aws.judge_account(identity(), wanted)], (aws.CREDENTIALS,))
    # By itself: a region that is not enabled does not know the credentials.
    yield Check(
        aws.REGION,
        lambda: [aws.judge_region(region, practice.cloud().region(region))],
        ground,
        trouble=lambda check, what, _: skipped(check, what),
    )
    for service in aws.services(server=bool(platform and platform.server)):
        yield Check(aws.PERMISSIONS, partial(_permission, practice, service), (aws.ACCOUNT,))


def _permission(practice: Practice, service: str) -> list[Finding]:
    return [aws.judge_permission(service, practice.cloud().denial(service))]


def _of_state(patient: Patient, practice: Practice) -> Iterator[Check]:
    command = f"reconcile -m {patient.manifest}"
    name = patient.platform.state_bucket if patient.platform else ""
    lease = cache(lambda: practice.cloud().lease())
    bootstrap = f"{command} bootstrap (make bootstrap)"
    region = patient.platform.region if patient.platform else ""
    yield Check(
        aws.BUCKET,
        lambda: [aws.judge_bucket(name, practice.cloud().bucket(), bootstrap, region, sandbox=patient.sandbox)],
        (aws.ACCOUNT,),
    )

    def gone() -> bool:
        seen = lease()
        return seen is not None and practice.machine.is_gone(seen.lease.holder)

    def of_lease() -> list[Finding]:
        seen = lease()
        return [aws.judge_lease(seen, describe(seen) if seen else "", f"{command} unlock", gone=gone())]

    def of_locks() -> list[Finding]:
        leased = not is_free(lease(), gone=gone())
        return [aws.judge_locks(practice.cloud().locks(), leased=leased)]

    yield Check(aws.LEASE, of_lease, (aws.BUCKET,))
    yield Check(aws.LOCKS, of_locks, (aws.BUCKET,))


def _of_tracking(patient: Patient, practice: Practice) -> Iterator[Check]:
    platform = patient.platform
    uri, remedy = (platform.tracking_uri, tracking.way_in(platform, sandbox=patient.sandbox)) if platform else ("", "")
    yield Check(
        tracking.SERVER,
        lambda: [tracking.judge_server(uri, practice.tracking().version())],
        _ground(patient),
        trouble=lambda check, what, known: failed(check, what, known or remedy),
    )

    def sign_in() -> list[Finding]:
        practice.tracking().sign_in()
        return [ok(tracking.SIGN_IN, "experiments can be read")]

    yield Check(tracking.SIGN_IN, sign_in, (tracking.SERVER,))


def _of_quotas(patient: Patient, practice: Practice) -> Iterator[Check]:
    if patient.sandbox:
        yield Check(quotas.QUOTAS, lambda: [aws.not_in_the_sandbox(quotas.QUOTAS)])
        return
    resolved = cache(patient.resolve)
    for service in quotas.SERVICES:
        ask = partial(_quotas, resolved, practice, service)
        yield Check(quotas.QUOTAS, ask, (aws.ACCOUNT, PROJECTS), seconds=LONG, trouble=warning)


def _quotas(resolved: Callable[[], DesiredState], practice: Practice, service: str) -> list[Finding]:
    desired = resolved()
    wants = [want for want in quotas.wants(desired) if want.service == service]
    known = practice.cloud().quotas(service, {want.quota for want in wants}) if wants else {}
    return [quotas.judge_quota(want, known.get(want.quota), desired.platform.region) for want in wants]
