"""A small practice for the doctor's tests: everything is well there, save what a test says."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.core.doctor.cloud import Bucket, Identity
from reconciler.core.doctor.quotas import Quota
from reconciler.core.doctor.tools import Provider
from reconciler.core.lease import Holder, Seen
from reconciler.core.statelock import StateLock
from reconciler.ports import Head
from reconciler.ports.doctor import Practice
from support.builders import ACCOUNT

WELL_PROVIDED = Provider("/opt/mirror")
ALICE = Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/alice")
WELL_KEPT = Bucket(versioned=True, encrypted=True, private=True)


class Plenty(dict[str, Quota]):
    """A thousand of everything."""

    def __missing__(self, _name: str) -> Quota:
        return Quota("L-0A1B2C3D", 1000.0)


@dataclass
class Patient:
    """What a machine, an account and an environment answer; `broken` raises instead, by the name of the answer."""

    python: str = "3.12.1"
    git: str = "2.45.0"
    terraform: str = "1.13.0"
    provider: Provider = WELL_PROVIDED
    docker: str = "28.1.1"
    has_mlflow: bool = True
    commit: str = "c" * 40
    uncommitted: tuple[str, ...] = ()
    identity: Identity = ALICE
    region: str = "opt-in-not-required"
    denied: Mapping[str, str] = field(default_factory=dict)
    bucket: Bucket | None = WELL_KEPT
    lease: Seen | None = None
    gone: bool = False
    locks: Mapping[str, StateLock] = field(default_factory=dict)
    quotas: Mapping[str, Quota] = field(default_factory=Plenty)
    version: str = "3.17.2"
    signed_in: bool = True
    broken: dict[str, BaseException] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, name: str) -> Any:
        self.asked.append(name)
        if name in self.broken:
            raise self.broken[name]
        return getattr(self, name)

    @property
    def practice(self) -> Practice:
        return Practice(_Tools(self), lambda: _Cloud(self), lambda: _Tracking(self), _Sources(self), _Machine(self))


@dataclass
class _Tools:
    patient: Patient

    def __getattr__(self, name: str) -> Callable[[], Any]:
        return lambda: self.patient.answer(name)


@dataclass
class _Cloud:
    patient: Patient

    def identity(self) -> Identity:
        return self.patient.answer("identity")

    def region(self, _name: str) -> str:
        return self.patient.answer("region")

    def denial(self, service: str) -> str:
        self.patient.asked.append(service)
        if service in self.patient.broken:
            raise self.patient.broken[service]
        return self.patient.denied.get(service, "")

    def bucket(self) -> Bucket | None:
        return self.patient.answer("bucket")

    def lease(self) -> Seen | None:
        return self.patient.answer("lease")

    def locks(self) -> Mapping[str, StateLock]:
        return self.patient.answer("locks")

    def quotas(self, service: str, wanted: Collection[str]) -> Mapping[str, Quota]:
        known = self.patient.answer("quotas")
        self.patient.asked.append(f"quotas of {service}")
        if isinstance(known, Plenty):
            return {name: known[name] for name in wanted}
        return {name: known[name] for name in wanted if name in known}


@dataclass
class _Tracking:
    patient: Patient

    def version(self) -> str:
        return self.patient.answer("version")

    def sign_in(self) -> None:
        self.patient.answer("signed_in")


@dataclass
class _Sources:
    patient: Patient

    def head(self) -> Head:
        return Head(self.patient.answer("commit"), "alice")

    def uncommitted(self, _paths: Collection[str]) -> tuple[str, ...]:
        return self.patient.answer("uncommitted")

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the doctor asks git for {name}")


@dataclass
class _Machine:
    patient: Patient

    def is_gone(self, _holder: Holder) -> bool:
        return self.patient.gone

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the doctor asks the machine for {name}")
