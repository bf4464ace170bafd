"""A release: one model version together with how it is served, named by its content.

SageMaker's models and endpoint configurations cannot be edited. A release's name therefore carries a hash of
everything that would force a replacement, so that a changed release is another one beside the old, and a rollback
only points the endpoint back.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from reconciler.core.desired import AsyncEndpoint, Endpoint, Pairs, RealtimeEndpoint, ServerlessEndpoint
from reconciler.core.digest import LATER

KINDS: dict[str, type[Endpoint]] = {
    "realtime": RealtimeEndpoint,
    "serverless": ServerlessEndpoint,
    "async": AsyncEndpoint,
}
"""Key of a release's serving settings in the deployment stack, and what it stands for."""
DIGITS = 12
"""Hex digits of an origin's identity, which stand in image tags."""


@dataclass(frozen=True, slots=True)
class Vpc:
    """Where a model runs inside a network; part of its content, because SageMaker's models cannot be moved."""

    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model version was made of, as the MLflow registry tells it.

    A number is no identity: it is given again once the registered model was deleted, or the server was replaced.
    """

    run_id: str = ""
    """Empty for a version that was registered from files."""
    model_id: str = ""
    """MLflow's id of the logged model; empty when it was logged before MLflow 3."""
    created: int = 0
    """When the version was registered, in milliseconds since the epoch; 0: not known."""

    @property
    def identity(self) -> str:
        """12 hex digits that no other model has; empty when not even the time is known.

        A logged model is never written again, so however often it is registered it is the same one. What was registered
        from files, or from a run that could log to the same path again, is told apart by its time.
        """
        known = self.model_id or (f"{self.run_id} {self.created}" if self.created else "")
        return hashlib.sha256(known.encode()).hexdigest()[:DIGITS] if known else ""


@dataclass(frozen=True, slots=True)
class Release:
    """A servable model version."""

    version: int
    image: str
    """Its tag says which model it was built from."""
    endpoint: Endpoint
    capture: int = 0
    """Percent of the requests that are written to S3."""
    vpc: Vpc | None = None
    env: Pairs = field(default=(), metadata=LATER)
    """Variables of the model's containers, sorted by name."""
    elastic: bool = field(default=False, compare=False)
    """Whether the number of instances is autoscaling's to choose; it is no part of the content."""
    origin: Origin | None = field(default=None, compare=False)
    """What its model was made of, which the image's tag stands for in the content; None: nobody noted it."""

    @property
    def name(self) -> str:
        """`v<version>-<7 hex>`"""
        return _name(self)

    @property
    def identity(self) -> str:
        """The name, but the same for any number of instances that autoscaling may choose: what a refusal is for."""
        return _name(self.with_instances(0)) if self.elastic else self.name

    @property
    def tag(self) -> str:
        """Of its image."""
        return self.image.rpartition(":")[2]

    @property
    def instances(self) -> int:
        """Instances that it starts with; 0 for a serverless one."""
        return 0 if isinstance(self.endpoint, ServerlessEndpoint) else self.endpoint.instances

    def with_instances(self, count: int) -> "Release":
        """The same release on another number of instances."""
        if isinstance(self.endpoint, ServerlessEndpoint):
            return self
        return replace(self, endpoint=replace(self.endpoint, instances=count))

    def is_among(self, identities: Collection[str]) -> bool:
        """Whether one of the identities is this release's, whoever chooses its number of instances."""
        return self.name in identities or _name(self.with_instances(0)) in identities

    def answers(self, other: "Release") -> bool:
        """Whether `other` is this release, on whatever number of instances autoscaling gave it."""
        return other == (self.with_instances(other.instances) if self.elastic else self)

    def to_variable(self) -> dict[str, Any]:
        """The release as the deployment stack takes it; the stack gives back {} for an `env` left out."""
        serving = {
            key: asdict(self.endpoint) if isinstance(self.endpoint, kind) else None for key, kind in KINDS.items()
        }
        named = {"name": self.name, "version": self.version, "image": self.image}
        network = {key: list(ids) for key, ids in asdict(self.vpc).items()} if self.vpc else None
        origin = asdict(self.origin) if self.origin else None
        given = {"env": dict(self.env)} if self.env else {}
        return {**named, **serving, "capture": self.capture, "vpc": network, "origin": origin, **given}

    @classmethod
    def from_variable(cls, value: dict[str, Any]) -> "Release":
        """Inverse of `to_variable`, for releases of older stacks too."""
        key, kind = next((key, kind) for key, kind in KINDS.items() if value.get(key))
        endpoint = kind(**{name: _whole(setting) for name, setting in value[key].items()})
        network = value.get("vpc")
        vpc = Vpc(**{key: tuple(ids) for key, ids in network.items()}) if network else None
        told = value.get("origin")
        origin = Origin(**{name: _whole(part) for name, part in told.items()}) if told else None
        capture = int(value.get("capture", 0))
        env = tuple(sorted((value.get("env") or {}).items()))
        return cls(int(value["version"]), value["image"], endpoint, capture, vpc, env, origin=origin)


def _name(release: Release) -> str:
    described = asdict(release)
    del described["elastic"], described["origin"]
    if not release.env:
        del described["env"]  # releases of earlier versions keep their names
    content = json.dumps(described, sort_keys=True)
    return f"v{release.version}-{hashlib.sha256(content.encode()).hexdigest()[:7]}"


def _whole(setting: Any) -> Any:
    """Terraform's numbers are floats."""
    return int(setting) if isinstance(setting, float) else setting
