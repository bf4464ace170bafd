"""The lease: one object in the state bucket, replaced only by whoever saw what it replaces."""

import json
from dataclasses import asdict
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import AWS_FAULTS, ClientError, changing, failed
from reconciler.adapters.aws.session import Aws
from reconciler.adapters.aws.state import no_bucket
from reconciler.core import names
from reconciler.core.lease import Holder, Lease, Seen, Tenure
from reconciler.errors import ReadFailed

FORMAT = 1


class S3Leases:
    """The lease of one environment."""

    def __init__(self, aws: Aws, bucket: str, environment: str) -> None:
        self._aws = aws
        self._bucket = bucket
        self._key = names.lease_key(environment)

    def read(self, *, brief: bool = False) -> Seen | None:
        """The lease as it stands; None when nobody ever took it. `brief` as in `write`. Raises ReadFailed."""
        try:
            answer = self._aws.client("s3", brief=brief).get_object(Bucket=self._bucket, Key=self._key)
            body = bytes(answer["Body"].read())
        except AWS_FAULTS as fault:
            if means(fault, Meaning.ABSENT):
                return None
            if means(fault, Meaning.NO_BUCKET):
                raise no_bucket(self._bucket) from fault
            raise failed(fault, self._address) from fault
        return Seen(_parse(body, self._address), answer["ETag"], _age(answer))

    def write(self, lease: Lease, over: str | None, *, brief: bool = False) -> str | None:
        """Put it in the place of version `over`, None when there was none, and return its own version.

        `brief` is one try of a few seconds. None when somebody else was quicker. Raises AwsFailed, ReadFailed.
        """
        condition = {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}
        body = json.dumps({"format": FORMAT, **asdict(lease)}, default=datetime.isoformat, indent=2).encode()
        with changing(f"write the lease {self._address}"):
            try:
                answer = self._aws.client("s3", brief=brief).put_object(
                    Bucket=self._bucket, Key=self._key, Body=body, ContentType="application/json", **condition
                )
            except ClientError as fault:
                if not means(fault, Meaning.OUTRUN):
                    raise
            else:
                return str(answer["ETag"])
        return self._own(lease, brief=brief)

    def _own(self, lease: Lease, *, brief: bool) -> str | None:
        """An answer that was lost makes boto3 ask again, and S3 refuse the second request for the sake of the first."""
        seen = self.read(brief=brief)
        return seen.version if seen and seen.lease == lease else None

    @property
    def _address(self) -> str:
        return f"s3://{self._bucket}/{self._key}"


def _age(answer: Any) -> float:
    """Both times are S3's: no clock of ours has a say."""
    now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    return float((now - answer["LastModified"]).total_seconds())


def _parse(body: bytes, address: str) -> Lease:
    try:
        told = json.loads(body)
        return Lease(
            id=told["id"],
            number=told["number"],
            holder=Holder(**told["holder"]),
            acquired=datetime.fromisoformat(told["acquired"]),
            renewed=datetime.fromisoformat(told["renewed"]),
            released=told["released"],
            lost=tuple(_tenure(one) for one in told["lost"]),
        )
    except (ValueError, TypeError, KeyError) as fault:
        remedy = "it is not of this version: use the newer one, or delete the object once nobody reconciles any more"
        raise ReadFailed(f"the lease {address} cannot be understood", remedy) from fault


def _tenure(told: dict[str, str]) -> Tenure:
    return Tenure(told["host"], datetime.fromisoformat(told["acquired"]), datetime.fromisoformat(told["renewed"]))
