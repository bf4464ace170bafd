"""What a role may do, and one action of that taken away for a while."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rights:
    """Of one role, whose policies are managed ones. `iam` is the client of somebody who may change them."""

    iam: Any
    role: str

    def allowed(self) -> set[str]:
        """Every action that a statement names."""
        return {
            action
            for document in self._documents().values()
            for statement in document["Statement"]
            if statement["Effect"] == "Allow"
            for action in _listed(statement["Action"])
        }

    @contextmanager
    def without(self, action: str) -> Iterator[None]:
        """Nobody allows an action meanwhile; what was denied stays denied."""
        narrowed = {}
        for arn, document in self._documents().items():
            smaller = _without(document, action)
            if smaller != document:
                made = self.iam.create_policy_version(
                    PolicyArn=arn, PolicyDocument=json.dumps(smaller), SetAsDefault=True
                )
                narrowed[arn] = made["PolicyVersion"]["VersionId"]
        assert narrowed, f"{self.role} was never allowed {action}"
        try:
            yield
        finally:
            for arn, version in narrowed.items():
                self.iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
                self.iam.delete_policy_version(PolicyArn=arn, VersionId=version)

    def _documents(self) -> dict[str, Any]:
        attached = self.iam.list_attached_role_policies(RoleName=self.role)["AttachedPolicies"]
        return {one["PolicyArn"]: self._document(one["PolicyArn"]) for one in attached}

    def _document(self, arn: str) -> Any:
        return self.iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]


def _without(document: Any, action: str) -> Any:
    kept = [
        {**statement, "Action": [one for one in _listed(statement["Action"]) if one != action]}
        if statement["Effect"] == "Allow" and action in _listed(statement["Action"])
        else statement
        for statement in document["Statement"]
    ]
    return {**document, "Statement": [statement for statement in kept if statement["Action"]]}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value
