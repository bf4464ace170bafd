"""The authority's record in Secrets Manager: read, made, and changed by one writer at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.adapters.aws.answers import MARKED_FOR_DELETION, Meaning, means
from reconciler.adapters.aws.faults import AWS_FAULTS, ClientError, changing, failed
from reconciler.adapters.aws.session import Aws
from reconciler.adapters.vpn.record import Record, dump, parse
from reconciler.errors import AwsFailed, ReadFailed

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
_RELABEL = (
    "give the label back to the version that was last in use: aws secretsmanager update-secret-version-stage "
    "--secret-id {name} --version-stage AWSCURRENT --move-to-version-id ID; its versions: "
    "aws secretsmanager list-secret-version-ids --secret-id {name} --include-deprecated"
)
_EMPTY = (
    "see whether a version without labels holds the record: aws secretsmanager list-secret-version-ids --secret-id "
    "{name} --include-deprecated; if there is none, delete the secret and reconcile: "
    "aws secretsmanager delete-secret --secret-id {name} --force-delete-without-recovery"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A record and the version of the secret that it was read from."""

    record: Record
    version: str


class RecordSecret:
    """One secret of one region."""

    def __init__(self, aws: Aws, name: str, tags: Mapping[str, str]) -> None:
        self._aws = aws
        self.name = name
        self._tags = tags

    def load(self) -> Stored | None:
        """What is kept; None when there is no secret. Raises ReadFailed, also when none of its versions is current."""
        try:
            answer = self._secrets.get_secret_value(SecretId=self.name, VersionStage=CURRENT)
        except AWS_FAULTS as fault:
            if means(fault, Meaning.ABSENT):
                self._check_absent()
                return None
            if _is_marked_for_deletion(fault):
                raise self._deleted() from fault
            raise failed(fault, self._address) from fault
        return Stored(parse(answer.get("SecretString", ""), self._address), answer["VersionId"])

    def create(self, record: Record) -> None:
        """Keep a first record. Raises AwsFailed, also when somebody else was quicker."""
        tags = [{"Key": key, "Value": value} for key, value in self._tags.items()]
        text = "Authority of the client VPN: its key, and the certificates that it issued"
        with changing(f"create {self._address}"):
            try:
                self._secrets.create_secret(Name=self.name, Description=text, SecretString=dump(record), Tags=tags)
            except AWS_FAULTS as fault:
                if not means(fault, Meaning.TAKEN):
                    raise
                raise self._raced() from fault

    def replace(self, stored: Stored, record: Record) -> None:
        """Keep `record` in the place of what was read as `stored`.

        Raises AwsFailed, also when somebody else changed it in the meantime: a certificate that nobody remembers
        could never be revoked.
        """
        with changing(f"write {self._address}"):
            written = self._secrets.put_secret_value(
                SecretId=self.name, SecretString=dump(record), VersionStages=[PENDING]
            )
            try:
                # Refused unless the version that was read is still the current one.
                self._secrets.update_secret_version_stage(
                    SecretId=self.name,
                    VersionStage=CURRENT,
                    RemoveFromVersionId=stored.version,
                    MoveToVersionId=written["VersionId"],
                )
            except ClientError as fault:
                # It has many codes for that and none of its own: what is current now tells.
                if self._is_current(stored):
                    raise
                raise self._raced() from fault

    def delete(self) -> None:
        """Delete the secret for good; one that does not exist is no error. Raises AwsFailed."""
        with changing(f"delete {self._address}"):
            self._secrets.delete_secret(SecretId=self.name, ForceDeleteWithoutRecovery=True)

    def _check_absent(self) -> None:
        """Raise ReadFailed unless there is no secret at all.

        AWS has one code for that and for a version that is missing: https://github.com/boto/boto3/issues/2794.
        """
        try:
            found = self._secrets.describe_secret(SecretId=self.name)
        except AWS_FAULTS as fault:
            if means(fault, Meaning.ABSENT):
                return
            raise failed(fault, self._address) from fault
        if "DeletedDate" in found:
            raise self._deleted()
        versions = found.get("VersionIdsToStages") or {}
        if any(CURRENT in stages for stages in versions.values()):
            raise ReadFailed(f"{self._address} was changed while it was read", "run again")
        what = f"{self._address} is there, and none of its versions is labelled {CURRENT}"
        raise ReadFailed(what, (_RELABEL if versions else _EMPTY).format(name=self.name))

    def _deleted(self) -> ReadFailed:
        remedy = f"restore it: aws secretsmanager restore-secret --secret-id {self.name}"
        return ReadFailed(f"{self._address} is marked for deletion", remedy)

    def _is_current(self, stored: Stored) -> bool:
        now = self.load()
        return now is not None and now.version == stored.version

    @property
    def _secrets(self) -> Any:
        return self._aws.client("secretsmanager")

    @property
    def _address(self) -> str:
        return f"the secret {self.name}"

    def _raced(self) -> AwsFailed:
        what = f"somebody else changed {self._address} at the same time"
        return AwsFailed(what, "nothing was changed: run the command again")


def _is_marked_for_deletion(fault: Exception) -> bool:
    return means(fault, Meaning.UNREADABLE) and any(words in str(fault) for words in MARKED_FOR_DELETION)
