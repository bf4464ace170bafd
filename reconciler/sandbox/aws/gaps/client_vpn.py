"""EC2: client VPN endpoints, of which moto has nothing. No tunnel is ever opened."""

from typing import Any

from moto.acm.exceptions import CertificateNotFound
from moto.acm.models import acm_backends
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import iso_8601_datetime_without_milliseconds, utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses import EC2Response

from reconciler.sandbox.aws.gaps import client_vpn_records as records
from reconciler.sandbox.aws.gaps.client_vpn_records import ClientVpn
from reconciler.sandbox.aws.patches import Patches

_create_tags = EC2Response.create_tags
_delete_tags = EC2Response.delete_tags


def create_client_vpn_endpoint(self: Any) -> ActionResult:
    """Create an endpoint, which waits for its first network."""
    identifier = records.PREFIX + records.random()
    described = {
        **records.DEFAULTS,
        **_sent(self),
        "ClientVpnEndpointId": identifier,
        "AuthenticationOptions": [records.authentication(one) for one in self._get_param("AuthenticationOptions")],
        "CreationTime": iso_8601_datetime_without_milliseconds(utcnow()),
        "DnsName": f"*.{identifier}.prod.clientvpn.{self.region}.amazonaws.com",
        "DnsServers": self._get_param("DnsServers") or [],
        "VpnProtocol": "openvpn",
    }
    tags = self._parse_tag_specification().get("client-vpn-endpoint", {})
    _all(self)[identifier] = ClientVpn(described, tags)
    told = {
        "ClientVpnEndpointId": identifier,
        "DnsName": described["DnsName"],
        "Status": records.status("pending-associate"),
    }
    return ActionResult(told)


def describe_client_vpn_endpoints(self: Any) -> ActionResult:
    """Tell of those named, or of all."""
    named = self._get_param("ClientVpnEndpointIds")
    chosen = [_found(self, one) for one in named] if named else list(_all(self).values())
    return ActionResult({"ClientVpnEndpoints": [records.endpoint(one) for one in chosen]})


def modify_client_vpn_endpoint(self: Any) -> ActionResult:
    """Change what was sent."""
    vpn = _one(self)
    vpn.described.update(_sent(self))
    servers = self._get_param("DnsServers")
    if servers:
        vpn.described["DnsServers"] = servers.get("CustomDnsServers") or []
    return ActionResult({"Return": True})


def delete_client_vpn_endpoint(self: Any) -> ActionResult:
    """Delete an endpoint that has no network any more."""
    vpn = _one(self)
    if vpn.networks:
        raise EC2ClientError("InvalidClientVpnEndpointAssociation", "The endpoint still has associated networks.")
    del _all(self)[vpn.described["ClientVpnEndpointId"]]
    return ActionResult({"Status": records.status("deleting")})


def associate_client_vpn_target_network(self: Any) -> ActionResult:
    """Let clients into a subnet."""
    vpn = _one(self)
    subnet = self.ec2_backend.get_subnet(self._get_param("SubnetId"))
    identifier = f"cvpn-assoc-{records.random()}"
    vpn.networks[identifier] = subnet.id
    vpn.described.setdefault("VpcId", subnet.vpc_id)
    return ActionResult({"AssociationId": identifier, "Status": records.status("associating")})


def describe_client_vpn_target_networks(self: Any) -> ActionResult:
    """Tell of the associations named, or of all."""
    vpn, named = _one(self), self._get_param("AssociationIds")
    chosen = [one for one in vpn.networks if not named or one in named]
    return ActionResult({"ClientVpnTargetNetworks": [records.association(vpn, one) for one in chosen]})


def disassociate_client_vpn_target_network(self: Any) -> ActionResult:
    """Undo an association."""
    identifier = self._get_param("AssociationId")
    if _one(self).networks.pop(identifier, None) is None:
        raise EC2ClientError("InvalidClientVpnAssociationId.NotFound", f"Association {identifier} does not exist.")
    return ActionResult({"AssociationId": identifier, "Status": records.status("disassociating")})


def describe_client_vpn_connections(self: Any) -> ActionResult:
    """Nobody ever connects."""
    _one(self)
    return ActionResult({"Connections": []})


def authorize_client_vpn_ingress(self: Any) -> ActionResult:
    """Let a group, or everybody, reach a network."""
    vpn = _one(self)
    network, group = self._get_param("TargetNetworkCidr"), self._get_param("AccessGroupId") or ""
    vpn.rules[network, group] = {
        "ClientVpnEndpointId": vpn.described["ClientVpnEndpointId"],
        "Description": self._get_param("Description") or "",
        "GroupId": group,
        "AccessAll": not group,
        "DestinationCidr": network,
        "Status": records.status("active"),
    }
    return ActionResult({"Status": records.status("authorizing")})


def describe_client_vpn_authorization_rules(self: Any) -> ActionResult:
    """Tell of those that the filters let pass."""
    wanted = self._filters_from_querystring()
    rules = [one for one in _one(self).rules.values() if records.passes(one, wanted)]
    return ActionResult({"AuthorizationRules": rules})


def revoke_client_vpn_ingress(self: Any) -> ActionResult:
    """Undo an authorization."""
    rule = (self._get_param("TargetNetworkCidr"), self._get_param("AccessGroupId") or "")
    if _one(self).rules.pop(rule, None) is None:
        raise EC2ClientError("InvalidClientVpnAuthorizationRule.NotFound", f"There is no rule for {rule[0]}.")
    return ActionResult({"Status": records.status("revoking")})


def import_client_vpn_client_certificate_revocation_list(self: Any) -> ActionResult:
    """Refuse the clients that a list names."""
    _one(self).revoked = self._get_param("CertificateRevocationList")
    return ActionResult({"Return": True})


def export_client_vpn_client_certificate_revocation_list(self: Any) -> ActionResult:
    """Tell which list is in force; nothing when there is none."""
    revoked = _one(self).revoked
    told = {"CertificateRevocationList": revoked, "Status": records.status("active")}
    return ActionResult(told if revoked else {})


def export_client_vpn_client_configuration(self: Any) -> ActionResult:
    """The OpenVPN profile of an endpoint, without a client's own certificate and key."""
    vpn = _one(self)
    certificate = _certificate(self, vpn.described["ServerCertificateArn"])
    authority = (certificate.chain or certificate.cert).decode().strip()
    details = {**vpn.described, "region": self.region, "authority": authority, "name": certificate.common_name}
    return ActionResult({"ClientConfiguration": records.PROFILE.format_map(details)})


def create_tags(self: Any) -> ActionResult:
    """Moto does not know the ids of client VPN endpoints."""
    vpns, tags = _tagged(self), self._get_param("Tags") or []
    for vpn in vpns:
        vpn.tags.update({tag["Key"]: tag["Value"] for tag in tags})
    return EmptyResult() if vpns else _create_tags(self)


def delete_tags(self: Any) -> ActionResult:
    """Moto does not know the ids of client VPN endpoints."""
    vpns, tags = _tagged(self), self._get_param("Tags") or []
    for vpn in vpns:
        for tag in tags:
            vpn.tags.pop(tag["Key"], None)
    return EmptyResult() if vpns else _delete_tags(self)


def _tagged(self: Any) -> list[ClientVpn]:
    return [_found(self, one) for one in self._get_param("Resources") or () if one.startswith(records.PREFIX)]


def _all(self: Any) -> dict[str, ClientVpn]:
    kept: dict[str, ClientVpn] = vars(self.ec2_backend).setdefault("client_vpns", {})
    return kept


def _one(self: Any) -> ClientVpn:
    return _found(self, self._get_param("ClientVpnEndpointId"))


def _found(self: Any, identifier: str) -> ClientVpn:
    vpn = _all(self).get(identifier)
    if vpn is None:
        raise EC2ClientError("InvalidClientVpnEndpointId.NotFound", f"Endpoint {identifier} does not exist.")
    return vpn


def _sent(self: Any) -> dict[str, Any]:
    given = {name: self._get_param(name) for name in records.KEPT}
    return {name: value for name, value in given.items() if value is not None}


def _certificate(self: Any, arn: str) -> Any:  # moto's own object
    try:
        return acm_backends[self.current_account][self.region].get_certificate(arn)
    except CertificateNotFound as problem:
        raise EC2ClientError("InvalidParameterValue", f"Certificate {arn} does not exist.") from problem


def install(patches: Patches) -> None:
    """Put these in the place of moto's."""
    patches.operations(
        EC2Response,
        create_client_vpn_endpoint,
        describe_client_vpn_endpoints,
        modify_client_vpn_endpoint,
        delete_client_vpn_endpoint,
        associate_client_vpn_target_network,
        describe_client_vpn_target_networks,
        disassociate_client_vpn_target_network,
        authorize_client_vpn_ingress,
        describe_client_vpn_authorization_rules,
        revoke_client_vpn_ingress,
        import_client_vpn_client_certificate_revocation_list,
        export_client_vpn_client_certificate_revocation_list,
        export_client_vpn_client_configuration,
        describe_client_vpn_connections,
        create_tags,
        delete_tags,
    )
