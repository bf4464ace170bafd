"""Certificate Manager: the chain of a certificate is what was imported with it."""

from typing import Any

from moto.acm.models import AWS_ROOT_CA
from moto.acm.responses import AWSCertificateManagerResponse
from moto.core.responses import ActionResult

from reconciler.sandbox.aws.patches import Patches

_get = AWSCertificateManagerResponse.get_certificate


def get_certificate(self: Any) -> Any:
    """Moto adds an authority of AWS's and blank lines, which the form of a chain does not have."""
    told = dict(_get(self).result)
    chain = told.pop("CertificateChain").replace(AWS_ROOT_CA.decode(), "").strip()
    return ActionResult(result={**told, **({"CertificateChain": f"{chain}\n"} if chain else {})})


def install(patches: Patches) -> None:
    """Put this in the place of moto's."""
    patches.operations(AWSCertificateManagerResponse, get_certificate)
