"""The VPN's server certificate in AWS Certificate Manager."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.faults import AWS_FAULTS, changing, reading
from reconciler.adapters.aws.session import Aws
from reconciler.adapters.vpn.record import Pair
from reconciler.errors import AwsFailed

_WHAT_USES_IT = (
    "AWS lets go of it minutes after the VPN is gone: run again; if that goes on, see what uses it: "
    "aws acm describe-certificate --certificate-arn {arn} --query Certificate.InUseBy"
)


@dataclass(frozen=True, slots=True)
class Imported:
    """A certificate as ACM holds it."""

    arn: str
    chain: str
    """PEM of its authority"""
    not_after: datetime


class ServerCertificate:
    """The one imported certificate for the domain name `host` that bears our tags."""

    def __init__(self, aws: Aws, host: str, tags: Mapping[str, str]) -> None:
        self._aws = aws
        self._host = host
        self._tags = tags

    def arn(self) -> str:
        """ARN of the certificate; empty when there is none. Raises ReadFailed."""
        with reading(self._address):
            return next(iter(self._arns()), "")

    def find(self) -> Imported | None:
        """The certificate; None when there is none. Raises ReadFailed."""
        arn = self.arn()
        with reading(self._address):
            return self._read(arn) if arn else None

    def put(self, issued: Pair, chain: str, arn: str = "") -> str:
        """Import a certificate, in the place of the one with `arn` if given; returns the ARN. Raises AwsFailed."""
        body = {
            "Certificate": issued.certificate.encode(),
            "PrivateKey": issued.key.encode(),
            "CertificateChain": chain.encode(),
        }
        tags = [{"Key": key, "Value": value} for key, value in self._tags.items()]
        with changing(f"import {self._address}"):
            if not arn:
                acm = self._aws.client("acm", once=True)  # tried again, it might be there twice
                return str(acm.import_certificate(**body, Tags=tags)["CertificateArn"])
            # ACM takes no tags with a certificate that replaces another.
            self._acm.import_certificate(**body, CertificateArn=arn)
            self._acm.add_tags_to_certificate(CertificateArn=arn, Tags=tags)
            return arn

    def delete(self) -> None:
        """Delete the certificate, if there is one. Raises AwsFailed, also while something uses it."""
        with changing(f"delete {self._address}"):
            for arn in self._arns():
                try:
                    self._acm.delete_certificate(CertificateArn=arn)
                except AWS_FAULTS as fault:
                    if not means(fault, Meaning.IN_USE):
                        raise
                    what = f"{self._address} is still in use"
                    raise AwsFailed(what, _WHAT_USES_IT.format(arn=arn)) from fault

    @property
    def _acm(self) -> Any:
        return self._aws.client("acm")

    @property
    def _address(self) -> str:
        return f"the certificate of {self._host} in ACM"

    def _arns(self) -> list[str]:
        pages = self._acm.get_paginator("list_certificates").paginate(Includes={"keyTypes": ["RSA_2048"]})
        found = (item for page in pages for item in page["CertificateSummaryList"])
        arns = (item["CertificateArn"] for item in found if item.get("DomainName") == self._host)
        return sorted(arn for arn in arns if self._ours(arn))

    def _ours(self, arn: str) -> bool:
        try:
            answer = self._acm.list_tags_for_certificate(CertificateArn=arn)
        except AWS_FAULTS as fault:
            if means(fault, Meaning.ABSENT):  # deleted since it was listed
                return False
            raise
        found = {tag["Key"]: tag.get("Value", "") for tag in answer["Tags"]}
        return all(found.get(key) == value for key, value in self._tags.items())

    def _read(self, arn: str) -> Imported:
        chain = self._acm.get_certificate(CertificateArn=arn).get("CertificateChain", "")
        details = self._acm.describe_certificate(CertificateArn=arn)["Certificate"]
        return Imported(arn, chain, details["NotAfter"])
