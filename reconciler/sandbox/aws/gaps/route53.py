"""Route 53: zones that are private because they are made for a VPC."""

from typing import Any

from moto.core.responses import ActionResult
from moto.route53.responses import Route53

from reconciler.sandbox.aws.patches import Patches

_create = Route53.create_hosted_zone


def create_hosted_zone(self: Any) -> ActionResult:
    """Moto makes a zone private only when it is told to twice."""
    before = set(self.backend.zones)
    answer = _create(self)
    vpc = self._get_param("VPC.VPCId")
    for identifier in set(self.backend.zones) - before:
        zone = self.backend.zones[identifier]
        if vpc and not zone.private_zone:
            zone.private_zone = True
            zone.add_vpc(vpc, self._get_param("VPC.VPCRegion"))
    return answer


def install(patches: Patches) -> None:
    """Put this in the place of moto's."""
    patches.operations(Route53, create_hosted_zone)
