"""A release: one model version together with how it is served, named by its content.

SageMaker's models and endpoint configurations cannot be edited. A release's name therefore carries a hash of
everything that would force a replacement, so that a changed release is another one beside the old, and a rollback
only points the endpoint back.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from reconciler.core.desired import Endpoint, RealtimeEndpoint, ServerlessEndpoint


@dataclass(frozen=True, slots=True)
class Release:
    """A servable model version."""

    version: int
    image: str
    endpoint: Endpoint

    @property
    def name(self) -> str:
        """`v<version>-<7 hex>`"""
        content = json.dumps(asdict(self), sort_keys=True)
        return f"v{self.version}-{hashlib.sha256(content.encode()).hexdigest()[:7]}"

    def to_variable(self) -> dict[str, Any]:
        """The release as the deployment stack takes it and gives it back in its outputs."""
        match self.endpoint:
            case RealtimeEndpoint(instance_type, instances):
                serving = {
                    "realtime": {"instance_type": instance_type, "instances": instances},
                    "serverless": None,
                }
            case ServerlessEndpoint(memory, max_concurrency):
                serving = {
                    "realtime": None,
                    "serverless": {"memory": memory, "max_concurrency": max_concurrency},
                }
        return {"name": self.name, "version": self.version, "image": self.image, **serving}

    @classmethod
    def from_variable(cls, value: dict[str, Any]) -> "Release":
        """Inverse of `to_variable`."""
        endpoint: Endpoint
        if realtime := value.get("realtime"):
            endpoint = RealtimeEndpoint(realtime["instance_type"], int(realtime["instances"]))
        else:
            serverless = value["serverless"]
            endpoint = ServerlessEndpoint(int(serverless["memory"]), int(serverless["max_concurrency"]))
        return cls(int(value["version"]), value["image"], endpoint)
