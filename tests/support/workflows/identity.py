"""How AWS lets a job in: a token that says which job it is, for a session of a role."""

import secrets
import time
from collections.abc import Callable, Mapping

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from reconciler.sandbox.aws.iam.sessions import signed

ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"

Door = Callable[[str, str, int], Mapping[str, str]]
"""Gives a role's session, as variables, to a subject for some seconds. Raises Refused."""


class Refused(Exception):
    """AWS gives no session, and says why."""


def listed(trust: Mapping[str, frozenset[str]]) -> Door:
    """A cloud that looks at nothing but a list of who may take which role."""

    def enter(role: str, subject: str, seconds: int) -> Mapping[str, str]:
        if subject not in trust.get(role, frozenset()):
            raise Refused(
                f"Not authorized to perform sts:AssumeRoleWithWebIdentity: {subject} is not trusted by {role}"
            )
        return _variables(f"ASIA{secrets.token_hex(8).upper()}", secrets.token_hex(20), secrets.token_hex(30))

    return enter


def sandbox(endpoint: str, owner_secret: str) -> Door:
    """The sandbox's STS, which asks the role's own trust policy."""

    def enter(role: str, subject: str, seconds: int) -> Mapping[str, str]:
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": int(time.time()) + 300}
        sts = boto3.client("sts", "us-east-1", endpoint_url=endpoint, config=Config(signature_version=UNSIGNED))
        try:
            given = sts.assume_role_with_web_identity(
                RoleArn=role,
                RoleSessionName="GitHubActions",
                WebIdentityToken=signed(claims, owner_secret),
                DurationSeconds=seconds,
            )["Credentials"]
        except ClientError as error:
            raise Refused(error.response["Error"]["Message"]) from error
        session = _variables(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return {**session, "AWS_ENDPOINT_URL": endpoint}

    return enter


def _variables(key_id: str, secret: str, token: str) -> dict[str, str]:
    return {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}
