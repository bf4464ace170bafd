"""The state bucket, read straight: Terraform's states, and the releases that were refused."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import AWS_FAULTS, ClientError, changing, failed
from reconciler.adapters.aws.session import Aws
from reconciler.adapters.aws.statefile import (
    addresses,
    holds_resources,
    parse_lock,
    parse_refusal,
    parse_state,
    plain_outputs,
    tainted,
)
from reconciler.core import names
from reconciler.core.observed import Refusal
from reconciler.core.statelock import StateLock
from reconciler.errors import ReadFailed, Refused
from reconciler.ports import RESOURCES, StackState

LOCK = ".tflock"
"""What Terraform adds to the key of a state for its lock."""
READERS = 8
"""Objects read at a time."""


def no_bucket(bucket: str) -> ReadFailed:
    """The error of whatever is to be read from a bucket that is not there."""
    remedy = "create it, or correct state_bucket in the manifest; for the sandbox: reconcile sandbox up"
    return ReadFailed(f"there is no state bucket {bucket}", remedy)


class S3StateStore:
    """States and refusals of one environment."""

    def __init__(self, aws: Aws, bucket: str, environment: str) -> None:
        self._aws = aws
        self._bucket = bucket
        self._environment = environment

    def stacks(self) -> Mapping[str, StackState]:
        """Outputs of every stack of the environment that holds a resource, by state key. Raises ReadFailed."""
        keys = [key for key in self._keys(f"{self._environment}/") if key.endswith(".tfstate")]
        states = {key: parse_state(body, self._address(key)) for key, body in self._read_all(keys).items()}
        return {
            key: {**plain_outputs(state), RESOURCES: addresses(state)}
            for key, state in states.items()
            if holds_resources(state)
        }

    def refusals(self) -> Mapping[str, tuple[Refusal, ...]]:
        """Refused releases by project, the oldest first. Raises ReadFailed."""
        projects = {key: self._refused_project(key) for key in self._keys(f"{self._environment}/projects/")}
        bodies = self._read_all([key for key, project in projects.items() if project])
        found: defaultdict[str, list[Refusal]] = defaultdict(list)
        for key, body in bodies.items():
            found[projects[key]].append(parse_refusal(body, self._address(key)))
        return {project: tuple(sorted(of, key=lambda one: (one.since, one.release))) for project, of in found.items()}

    def refuse(self, project: str, refusal: Refusal) -> None:
        """Remember that a release was refused. Raises AwsFailed."""
        key = f"{self._refused_folder(project)}{refusal.release}.json"
        body = json.dumps(asdict(refusal), indent=2).encode()
        with changing(f"note in {self._address(key)} that the release was refused"):
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")

    def forgive(self, project: str) -> int:
        """Forget every refusal of a project; returns how many there were. Raises ReadFailed, AwsFailed."""
        keys = self._keys(self._refused_folder(project))
        for key in keys:
            self._delete(key)
        return len(keys)

    def forget(self, key: str) -> None:
        """Delete the state object of a stack that was destroyed, and with a deployment the project's refusals.

        Raises Refused for a state that still holds resources, ReadFailed, AwsFailed.
        """
        present = key in self._keys(key)
        if present and holds_resources(parse_state(self._read(key), self._address(key))):
            remedy = "destroy the stack first: without its state nobody would know what it owns"
            raise Refused(f"{self._address(key)} still holds resources and is not deleted", remedy)
        # Refusals go first: interrupted here, an empty state is left, which means nothing.
        if project := self._deployed_project(key):
            self.forgive(project)
        if present:
            self._delete(key)

    def create(self, region: str) -> None:
        """Make the bucket, or find it made. Raises AwsFailed."""
        with changing(f"create the state bucket {self._bucket}"):
            try:
                self._s3.create_bucket(Bucket=self._bucket, CreateBucketConfiguration={"LocationConstraint": region})
            except ClientError as fault:
                if not means(fault, Meaning.TAKEN):
                    raise

    def exists(self) -> bool:
        """Whether the bucket is there, and ours to use. Raises ReadFailed."""
        try:
            self._s3.head_bucket(Bucket=self._bucket)
        except AWS_FAULTS as fault:
            if means(fault, Meaning.NO_BUCKET):
                return False
            raise failed(fault, f"the state bucket {self._bucket}") from fault
        return True

    def strangers(self) -> tuple[str, ...]:
        """Keys in the bucket that are not this environment's. Raises ReadFailed."""
        return tuple(key for key in self._keys("") if not key.startswith(f"{self._environment}/"))

    def empty(self) -> None:
        """Delete every object of the environment with all its versions. Raises AwsFailed."""
        with changing(f"empty the state bucket {self._bucket}"):
            pages = self._s3.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket, Prefix=f"{self._environment}/"
            )
            for page in pages:
                found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
                objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
                if objects:
                    self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": objects, "Quiet": True})

    def tainted(self, key: str) -> tuple[str, ...]:
        """Addresses of what Terraform would make anew, as it was stopped while it made it. Raises ReadFailed."""
        body, _ = self._find(key)
        return tainted(parse_state(body, self._address(key))) if body is not None else ()

    def locks(self) -> Mapping[str, StateLock]:
        """Terraform's locks in the environment, by the key of the state that each one locks. Raises ReadFailed."""
        keys = [key for key in self._keys(f"{self._environment}/") if key.endswith(LOCK)]
        found = {key: self._find(key) for key in keys}
        return {key.removesuffix(LOCK): parse_lock(body) for key, (body, _) in found.items() if body is not None}

    def unlock(self, key: str, lock: str) -> bool:
        """Delete the lock of the state `key` if it still is the one with this id; whether it was.

        Raises ReadFailed, AwsFailed.
        """
        body, version = self._find(key + LOCK)
        if body is None or parse_lock(body).id != lock:
            return False
        with changing(f"release the lock of {self._address(key)}"):
            try:
                self._s3.delete_object(Bucket=self._bucket, Key=key + LOCK, IfMatch=version)
            except ClientError as fault:
                if not means(fault, Meaning.OUTRUN):
                    raise
                return False
        return True

    @property
    def _s3(self) -> Any:
        return self._aws.client("s3")

    def _address(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def _refused_folder(self, project: str) -> str:
        return f"{self._environment}/projects/{project}/refused/"

    def _refused_project(self, key: str) -> str:
        match = re.fullmatch(rf"{re.escape(self._environment)}/projects/([^/]+)/refused/[^/]+\.json", key)
        return match[1] if match else ""

    def _deployed_project(self, key: str) -> str:
        match = re.fullmatch(r".*/projects/([^/]+)/[^/]+", key)
        project = match[1] if match else ""
        return project if key == names.project_key(self._environment, project, "deployment") else ""

    def _keys(self, prefix: str) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        try:
            return sorted(item["Key"] for page in pages for item in page.get("Contents", ()))
        except AWS_FAULTS as fault:
            if not means(fault, Meaning.NO_BUCKET):
                raise failed(fault, f"the state bucket {self._bucket}") from fault
            raise no_bucket(self._bucket) from fault

    def _read_all(self, keys: list[str]) -> dict[str, bytes]:
        if not keys:
            return {}
        with ThreadPoolExecutor(min(READERS, len(keys)), thread_name_prefix="state") as pool:
            return dict(zip(keys, pool.map(self._read, keys), strict=True))

    def _read(self, key: str) -> bytes:
        try:
            return bytes(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        except AWS_FAULTS as fault:
            if not means(fault, Meaning.ABSENT):
                raise failed(fault, self._address(key)) from fault
            what = f"{self._address(key)} was deleted while it was read"
            raise ReadFailed(what, "somebody is changing the environment: run again") from fault

    def _find(self, key: str) -> tuple[bytes | None, str]:
        """An object and its version; None when there is none."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
            return bytes(answer["Body"].read()), answer["ETag"]
        except AWS_FAULTS as fault:
            if means(fault, Meaning.ABSENT):
                return None, ""
            raise failed(fault, self._address(key)) from fault

    def _delete(self, key: str) -> None:
        with changing(f"delete {self._address(key)}"):
            self._s3.delete_object(Bucket=self._bucket, Key=key)
