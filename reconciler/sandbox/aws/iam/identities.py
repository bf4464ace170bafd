"""Roles as moto's IAM holds them: what they are allowed, and who may take them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends

from reconciler.sandbox.aws.iam.context import of_principal
from reconciler.sandbox.aws.iam.patterns import Context
from reconciler.sandbox.aws.iam.policy import Decision, Question, Statement, Verdict, decide, read

ASSUME = "sts:AssumeRole"
ASSUME_WITH_TOKEN = "sts:AssumeRoleWithWebIdentity"  # noqa: S105 - the name of an action


def role(arn: str) -> Any | None:  # moto's own object
    """A role by its ARN; None if there is none."""
    return next((one for one in _iam().roles.values() if one.arn == arn), None)


def statements(arn: str) -> tuple[Statement, ...]:
    """All that a role's own policies say; nothing for a role that is not there."""
    found = role(arn)
    if found is None:
        return ()
    managed = [_document(policy) for policy in found.managed_policies.values()]
    return tuple(one for document in (*found.policies.values(), *managed) for one in read(document))


def may(arn: str, question: Question) -> Decision:
    """Whether a role may do something: its policies, within its permissions boundary."""
    told = {**question.context, **of_principal(arn, DEFAULT_ACCOUNT_ID, datetime.now(UTC))}
    question = replace(question, context=told)
    decision = decide(statements(arn), question)
    boundary = getattr(role(arn), "permissions_boundary_arn", None)
    if not decision.allowed or not boundary:
        return decision
    bounded = decide(read(_document(_iam().managed_policies[boundary])), question)
    return decision if bounded.allowed else bounded


def trusts(arn: str, kind: str, principal: str, action: str, context: Context) -> bool:
    """Whether a role's trust policy lets a principal take it: `Service`, `sagemaker.amazonaws.com` for instance."""
    found = role(arn)
    if found is None:
        return False
    trust = [one for one in read(found.assume_role_policy_document) if one.names(kind, principal)]
    return decide(trust, Question(action, arn, context)).verdict is Verdict.ALLOWED


def trusts_service(arn: str, service: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether a service of AWS's can take a role. Services tell the account that they act for."""
    told = {"aws:sourceaccount": DEFAULT_ACCOUNT_ID, **(context or {})}
    return trusts(arn, "Service", service, ASSUME, {key.lower(): (value,) for key, value in told.items()})


def trusts_caller(arn: str, caller: str) -> Verdict:
    """Whether a role lets another role of the account take it, by its name or as part of the account."""
    known = (caller, f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:root", DEFAULT_ACCOUNT_ID)
    trusted = any(trusts(arn, "AWS", one, ASSUME, {}) for one in known)
    return Verdict.ALLOWED if trusted else Verdict.UNTRUSTED


def provider(host: str) -> Any | None:  # moto's own object
    """The provider of web identities that the account knows under a host's name."""
    known: Mapping[str, Any] = _iam().open_id_providers
    return next((one for one in known.values() if one.arn.endswith(f":oidc-provider/{host}")), None)


def _document(policy: Any) -> str:
    return str(next(one.document for one in policy.versions if one.version_id == policy.default_version_id))


def _iam() -> Any:
    return iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
