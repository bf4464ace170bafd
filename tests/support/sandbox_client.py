"""A person at the sandbox's AWS."""

from typing import Any

import boto3

from reconciler.sandbox import Sandbox


def client(sandbox: Sandbox, service: str) -> Any:
    """A client of one of its services."""
    key, secret = sandbox.keys.aws
    return boto3.client(
        service,
        endpoint_url=sandbox.aws_endpoint,
        region_name="eu-west-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )
