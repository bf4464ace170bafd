"""Objects in the sandbox's S3, which endpoints read and write by their `s3://bucket/key` address."""

import re

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends

from reconciler.sandbox.aws.sagemaker.roles import check_object

ADDRESS = re.compile(r"^s3://(?P<bucket>[^/]+)/(?P<key>.+)$")
PARTITION = "aws"


def is_address(text: str) -> bool:
    """Whether a text names one object."""
    return bool(ADDRESS.match(text))


def read(address: str, role: str) -> bytes:
    """An object's content, read with a role. Hold the lock meanwhile. Raises RuntimeError when it cannot be had."""
    bucket, key = _parts(address)
    check_object(role, "s3:GetObject", bucket, key)
    try:
        found = s3_backends[DEFAULT_ACCOUNT_ID][PARTITION].get_object(bucket, key)
    except S3ClientError as problem:
        raise RuntimeError(f"{address} cannot be read: {problem.message}") from problem
    if found is None:
        raise RuntimeError(f"{address} cannot be read: The specified key does not exist.")
    return bytes(found.value)


def write(address: str, content: bytes, content_type: str, role: str) -> None:
    """Put an object with a role. Hold the lock meanwhile. Raises RuntimeError when that cannot be done."""
    bucket, key = _parts(address)
    check_object(role, "s3:PutObject", bucket, key)
    try:
        written = s3_backends[DEFAULT_ACCOUNT_ID][PARTITION].put_object(bucket, key, content)
    except S3ClientError as problem:
        raise RuntimeError(f"{address} cannot be written: {problem.message}") from problem
    written.set_metadata({"Content-Type": content_type})


def below(prefix: str, *names: str) -> str:
    """Address of something below another address, with or without a slash at its end."""
    return "/".join((prefix.rstrip("/"), *names))


def _parts(address: str) -> tuple[str, str]:
    found = ADDRESS.match(address)
    if not found:
        raise RuntimeError(f"{address} is not an address in S3: write s3://bucket/key.")
    return found["bucket"], found["key"]
