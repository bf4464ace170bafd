"""The history: one object in the state bucket for each run, written once."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import ClientError, changing, reading
from reconciler.adapters.aws.session import Aws
from reconciler.core import names
from reconciler.core.history import Outcome, ProjectRecord, Record
from reconciler.ports import Say

FORMAT = 1
READERS = 8
"""Objects read at a time."""


class S3History:
    """Records of one environment, sorted by time through the names of the runs."""

    def __init__(self, aws: Aws, bucket: str, environment: str) -> None:
        self._aws = aws
        self._bucket = bucket
        self._environment = environment

    def append(self, record: Record) -> None:
        """Write the record of a run, unless it is there. Raises AwsFailed."""
        key = names.history_key(self._environment, record.run)
        body = json.dumps({"format": FORMAT, **asdict(record)}, indent=2).encode()
        with changing(f"write the record s3://{self._bucket}/{key}"):
            try:
                # Brief: a run that is stopped is written down as well.
                self._aws.client("s3", brief=True).put_object(
                    Bucket=self._bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*"
                )
            except ClientError as fault:
                # Nobody else writes under the id of this run: an answer was lost, and this is the second request.
                if not means(fault, Meaning.OUTRUN):
                    raise

    def records(self, limit: int | None = None, note: Say | None = None) -> tuple[Record, ...]:
        """The newest first, `limit` of them. `note` is told of those that cannot be understood. Raises ReadFailed."""
        with reading(f"the history in the state bucket {self._bucket}"):
            keys = sorted(self._keys(), reverse=True)[:limit]
            with ThreadPoolExecutor(READERS, thread_name_prefix="history") as pool:
                bodies = list(pool.map(self._read, keys))
        found = []
        for key, body in zip(keys, bodies, strict=True):
            try:
                found.append(_parse(body))
            except (ValueError, TypeError, KeyError):
                if note:
                    note(f"s3://{self._bucket}/{key} is left out: this version does not understand it")
        return tuple(found)

    @property
    def _s3(self) -> Any:
        return self._aws.client("s3")

    def _keys(self) -> list[str]:
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=names.history_key(self._environment, "")
        )
        return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def _read(self, key: str) -> bytes:
        return bytes(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())


def _parse(body: bytes) -> Record:
    """Fields of a later version of this format are left out."""
    told = json.loads(body)
    if told["format"] != FORMAT:
        raise ValueError(told["format"])
    projects = tuple(_project(one) for one in told["projects"])
    return Record(**{**_known(told, Record), "projects": projects})


def _project(told: Mapping[str, Any]) -> ProjectRecord:
    known = _known(told, ProjectRecord)
    return ProjectRecord(**{**known, "steps": tuple(known["steps"]), "outcome": Outcome(known["outcome"])})


def _known(told: Mapping[str, Any], kind: type[Record | ProjectRecord]) -> dict[str, Any]:
    return {field.name: told[field.name] for field in fields(kind) if field.name in told}
