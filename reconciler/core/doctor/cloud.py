"""What AWS says of who we are, and of what the environment stands on."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.core.doctor.finding import ELSEWHERE, Finding, failed, ok, skipped, warning
from reconciler.core.lease import Seen, is_free
from reconciler.core.reasons import MOVE
from reconciler.core.statelock import StateLock

CREDENTIALS, ACCOUNT, REGION, PERMISSIONS = "credentials", "account", "region", "permissions"
BUCKET, LEASE, LOCKS = "state bucket", "lease", "locks"
_OF_ALL = (
    "SageMaker", "Batch", "ECR", "IAM", "CloudWatch", "Logs", "Auto Scaling", "EventBridge", "Scheduler", "EC2", "tags",
)  # fmt: skip
_OF_SERVERS = ("ECS", "RDS", "Load Balancing")
SERVICES = (*_OF_ALL, *_OF_SERVERS)
"""What a plan reads, beside the state bucket."""
ENABLED = ("opt-in-not-required", "opted-in")
"""How EC2 says that an account may use a region."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose credentials these are."""

    account: str
    arn: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """How the state bucket is kept."""

    versioned: bool
    encrypted: bool
    private: bool
    """Public access is blocked in all four ways."""
    region: str = ""
    """Where it is; empty when S3 does not say."""


def judge_credentials(identity: Identity, prefix: str) -> Finding:
    """Who we are; the role that only plans is told apart, because an apply ends with a denial otherwise."""
    plans = f":assumed-role/{prefix}-plan/" in identity.arn
    return ok(CREDENTIALS, f"{identity.arn}{', which plans and changes nothing' if plans else ''}")


def judge_account(identity: Identity, wanted: str | None) -> Finding:
    """Whether it is the account that the manifest names, if it names one."""
    if wanted in (None, identity.account):
        return ok(ACCOUNT, f"{identity.account}{', as the manifest says' if wanted else ''}")
    remedy = "use credentials of the other account (AWS_PROFILE), or correct `account` in the manifest"
    return failed(ACCOUNT, f"{identity.account}, and the manifest says {wanted}", remedy)


def judge_region(region: str, status: str) -> Finding:
    """Whether the account may use the region; `status` is EC2's word, empty when it knows no such region."""
    if status in ENABLED:
        return ok(REGION, region)
    if not status:
        return failed(REGION, f"AWS knows no region {region}", "correct `region` in the manifest")
    remedy = f"aws account enable-region --region-name {region}"
    return failed(REGION, f"{region} is not enabled in this account ({status})", remedy)


def judge_bucket(name: str, bucket: Bucket | None, bootstrap: str, region: str, *, sandbox: bool) -> Finding:
    """Whether states are safe there, and in the manifest's region; None: there is no such bucket.

    `bootstrap` is the command that makes it. We are led on to another region without a word, and Terraform is not.
    """
    if bucket and bucket.region not in ("", region):
        return failed(BUCKET, f"{name} is in {bucket.region}, and the manifest says {region}", MOVE)
    if sandbox:
        return ok(BUCKET, name) if bucket else skipped(BUCKET, f"{name} is made by the first run")
    if bucket is None:
        return failed(BUCKET, f"there is no bucket {name}", bootstrap)
    wrong = {"not versioned": bucket.versioned, "not encrypted": bucket.encrypted, "not private": bucket.private}
    faults = [fault for fault, good in wrong.items() if not good]
    if faults:
        return warning(BUCKET, f"{name} is {', '.join(faults)}", bootstrap)
    return ok(BUCKET, f"{name}: versioned, encrypted, private")


def judge_lease(seen: Seen | None, told: str, unlock: str, *, gone: bool) -> Finding:
    """Whether the next run may change the environment; `told` says who holds the lease, `unlock` frees it."""
    if seen is None or seen.lease.released:
        return ok(LEASE, "free")
    if is_free(seen, gone=gone):
        remedy = f"nothing: the next run takes it; or free it now: {unlock} --id {seen.lease.id}"
        return warning(LEASE, f"left by a run that died: {told}", remedy)
    return warning(LEASE, f"held by {told}", f"wait for it; if it is dead: {unlock} --id {seen.lease.id}")


def judge_locks(locks: Mapping[str, StateLock], *, leased: bool) -> Finding:
    """Whether states are locked; `leased`: somebody holds the lease, so that locks are to be expected."""
    if not locks:
        return ok(LOCKS, "no state is locked")
    told = ", ".join(f"{key} by {lock.who or 'somebody'}" for key, lock in sorted(locks.items()))
    if leased:
        return ok(LOCKS, told)
    return warning(
        LOCKS, told, "see which of them the next run releases, and what to do about others: reconcile unlock"
    )


def services(*, server: bool) -> tuple[str, ...]:
    """What a plan of the environment reads; `server`: with an MLflow server of its own."""
    return SERVICES if server else _OF_ALL


def judge_permission(service: str, denial: str) -> Finding:
    """Whether a service may be read; `denial` is empty, or what AWS said."""
    if not denial:
        return ok(PERMISSIONS, service)
    return failed(PERMISSIONS, denial, "allow it to the role that you use; those of `make bootstrap` have it")


def not_in_the_sandbox(check: str) -> Finding:
    """Of what AWS alone has."""
    return skipped(check, ELSEWHERE)
