"""Lets through what a caller's role allows, and answers everything else as AWS does."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

from reconciler.sandbox.aws.callers import Caller
from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.faults import errors
from reconciler.sandbox.aws.faults.calls import Request
from reconciler.sandbox.aws.http import Answer, answer
from reconciler.sandbox.aws.iam import identities, sessions
from reconciler.sandbox.aws.iam.context import SECURE
from reconciler.sandbox.aws.iam.denials import denied
from reconciler.sandbox.aws.iam.policy import Question, Verdict
from reconciler.sandbox.aws.iam.questions import questions
from reconciler.sandbox.aws.iam.sessions import Session, TokenRefused
from reconciler.sandbox.aws.iam.usage import Usage
from reconciler.sandbox.aws.shapes.decode import parameters

MISSING = "404 "
OF_OBJECTS = frozenset({"s3:GetObject", "s3:HeadObject", "s3:GetObjectTagging", "s3:GetObjectAttributes"})


BY_TOKEN = "sts:AssumeRoleWithWebIdentity"  # noqa: S105 - the name of an operation
PLAYED = 43200  # seconds that the owner plays a role
HOUR = 3600  # seconds that a session lasts unless the request says otherwise


class Gate:
    """Looks at moto's roles as they are at the moment. `secret` is the owner's, with which tokens are signed."""

    def __init__(self, cloud: Cloud, secret: str) -> None:
        self._cloud = cloud
        self._secret = secret
        self._usage = Usage()

    def refusal(self, request: Request, caller: Caller) -> Answer | None:
        """Why a caller may not do what it asks for; None if it may."""
        if caller.owner and request.call.name != identities.ASSUME:
            return None
        with self._cloud.lock:
            for question in questions(request.call, parameters(request), DEFAULT_ACCOUNT_ID):
                verdict = Verdict.ALLOWED if caller.owner else self._verdict(caller, question)
                if verdict is Verdict.ALLOWED and question.action == identities.ASSUME:
                    verdict = identities.trusts_caller(question.resource, caller.role or caller.arn)
                if verdict is not Verdict.ALLOWED:
                    return answer(denied(request, caller.arn, question, verdict))
        return None

    def veiled(self, request: Request, caller: Caller, done: Answer) -> Answer:
        """S3 does not tell who may not list a bucket that a key is missing: it is 403 then, not 404.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html: "If you don't have the s3:ListBucket
        permission, Amazon S3 returns an HTTP status code 403 (access denied) error." The key passes for s3:prefix.
        """
        if caller.owner or request.call.name not in OF_OBJECTS or not done.status.startswith(MISSING):
            return done
        named = parameters(request)
        question = Question(
            "s3:ListBucket", f"arn:aws:s3:::{named.get('Bucket')}", {**SECURE, "s3:prefix": (str(named.get("Key")),)}
        )
        with self._cloud.lock:
            verdict = self._verdict(caller, question)
        return done if verdict is Verdict.ALLOWED else answer(denied(request, caller.arn, question, verdict))

    def kept_out(self, request: Request) -> Answer | None:
        """Why nobody is given a role for the token that a request brings; None if somebody is."""
        asked = parameters(request)
        role, token = str(asked.get("RoleArn", "")), str(asked.get("WebIdentityToken", ""))
        with self._cloud.lock:
            try:
                sessions.admit(role, token, self._secret, int(asked.get("DurationSeconds", HOUR)))
            except TokenRefused as refused:
                status = HTTPStatus.FORBIDDEN if refused.code == "AccessDenied" else HTTPStatus.BAD_REQUEST
                return answer(errors.error(request.call, status, refused.code, refused.message))
        return None

    def played(self, name: str) -> Session | None:
        """A session of a role for the sandbox's owner; None if there is no such role."""
        with self._cloud.change():
            role = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/{name}"
            return sessions.begin(role, "owner", PLAYED) if identities.role(role) else None

    def report(self) -> list[Mapping[str, Any]]:
        """Of each role that made a call: what it used, what it never used, what it was refused."""
        with self._cloud.lock:
            return [self._usage.report(role, identities.statements(role)) for role in self._usage.roles()]

    def _verdict(self, caller: Caller, question: Question) -> Verdict:
        decision = identities.may(caller.role, question)
        note = self._usage.used if decision.allowed else self._usage.refused
        note(caller.role, question)
        return decision.verdict
