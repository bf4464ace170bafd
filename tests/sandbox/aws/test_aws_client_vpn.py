"""Client VPN endpoints through boto3."""

from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@pytest.fixture(scope="module")
def ec2(shared_box: Any) -> Any:
    return shared_box.client("ec2")


@pytest.fixture(scope="module")
def certificate(shared_box: Any) -> str:
    """ARN of the server's certificate, for vpn.example.org."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vpn.example.org")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1))
        .not_valid_after(datetime(2036, 1, 1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    acm = shared_box.client("acm")
    chain = made.public_bytes(pem)
    return acm.import_certificate(Certificate=chain, PrivateKey=secret, CertificateChain=chain)["CertificateArn"]


@pytest.fixture
def vpn(ec2: Any, certificate: str) -> str:
    """Id of an endpoint without networks."""
    return ec2.create_client_vpn_endpoint(
        ClientCidrBlock="10.31.0.0/22",
        ServerCertificateArn=certificate,
        AuthenticationOptions=[
            {
                "Type": "certificate-authentication",
                "MutualAuthentication": {"ClientRootCertificateChainArn": certificate},
            }
        ],
        ConnectionLogOptions={"Enabled": False},
        TagSpecifications=[{"ResourceType": "client-vpn-endpoint", "Tags": [{"Key": "team", "Value": "ml"}]}],
    )["ClientVpnEndpointId"]


def described(ec2: Any, vpn: str) -> dict[str, Any]:
    (endpoint,) = ec2.describe_client_vpn_endpoints(ClientVpnEndpointIds=[vpn])["ClientVpnEndpoints"]
    return endpoint


def subnet(ec2: Any) -> dict[str, Any]:
    return ec2.describe_subnets()["Subnets"][0]


def test_an_endpoint_is_available_once_it_has_a_network(ec2: Any, vpn: str, certificate: str) -> None:
    endpoint = described(ec2, vpn)
    assert endpoint["Status"]["Code"] == "pending-associate"
    assert endpoint["AuthenticationOptions"][0]["MutualAuthentication"]["ClientRootCertificateChain"] == certificate
    assert (endpoint["TransportProtocol"], endpoint["VpnPort"], endpoint["SplitTunnel"]) == ("udp", 443, False)

    place = subnet(ec2)
    made = ec2.associate_client_vpn_target_network(ClientVpnEndpointId=vpn, SubnetId=place["SubnetId"])
    (network,) = ec2.describe_client_vpn_target_networks(ClientVpnEndpointId=vpn)["ClientVpnTargetNetworks"]
    assert (network["TargetNetworkId"], network["Status"]["Code"]) == (place["SubnetId"], "associated")
    endpoint = described(ec2, vpn)
    assert (endpoint["Status"]["Code"], endpoint["VpcId"]) == ("available", place["VpcId"])
    with pytest.raises(ClientError, match="still has associated networks"):
        ec2.delete_client_vpn_endpoint(ClientVpnEndpointId=vpn)

    ec2.disassociate_client_vpn_target_network(ClientVpnEndpointId=vpn, AssociationId=made["AssociationId"])
    gone = {"ClientVpnEndpointId": vpn, "AssociationIds": [made["AssociationId"]]}
    assert ec2.describe_client_vpn_target_networks(**gone)["ClientVpnTargetNetworks"] == []
    ec2.delete_client_vpn_endpoint(ClientVpnEndpointId=vpn)
    with pytest.raises(ClientError, match=r"InvalidClientVpnEndpointId\.NotFound"):
        described(ec2, vpn)


def test_an_endpoint_is_changed_in_place(ec2: Any, vpn: str) -> None:
    ec2.modify_client_vpn_endpoint(
        ClientVpnEndpointId=vpn, SplitTunnel=True, Description="new", DnsServers={"CustomDnsServers": ["10.0.0.2"]}
    )
    endpoint = described(ec2, vpn)
    assert (endpoint["SplitTunnel"], endpoint["Description"]) == (True, "new")
    assert endpoint["DnsServers"] == ["10.0.0.2"]
    assert endpoint["ClientCidrBlock"] == "10.31.0.0/22", "what was not sent stays"


def test_tags_are_kept_from_birth_and_can_be_changed(ec2: Any, vpn: str) -> None:
    ec2.create_tags(Resources=[vpn], Tags=[{"Key": "stage", "Value": "prod"}])
    assert described(ec2, vpn)["Tags"] == [{"Key": "stage", "Value": "prod"}, {"Key": "team", "Value": "ml"}]
    ec2.delete_tags(Resources=[vpn], Tags=[{"Key": "team"}])
    assert described(ec2, vpn)["Tags"] == [{"Key": "stage", "Value": "prod"}]


def test_tags_of_everything_else_are_kept_as_before(ec2: Any) -> None:
    network = subnet(ec2)["SubnetId"]
    ec2.create_tags(Resources=[network], Tags=[{"Key": "zone", "Value": "a"}])
    named = [{"Name": "resource-id", "Values": [network]}]
    assert [tag["Key"] for tag in ec2.describe_tags(Filters=named)["Tags"]] == ["zone"]
    ec2.delete_tags(Resources=[network], Tags=[{"Key": "zone"}])
    assert ec2.describe_tags(Filters=named)["Tags"] == []


def test_an_authorization_lives_until_it_is_revoked(ec2: Any, vpn: str) -> None:
    rule = {"ClientVpnEndpointId": vpn, "TargetNetworkCidr": "10.30.0.0/16"}
    ec2.authorize_client_vpn_ingress(**rule, AuthorizeAllGroups=True, Description="the network")
    wanted = [{"Name": "destination-cidr", "Values": ["10.30.0.0/16"]}]
    (found,) = ec2.describe_client_vpn_authorization_rules(ClientVpnEndpointId=vpn, Filters=wanted)[
        "AuthorizationRules"
    ]
    assert (found["AccessAll"], found["Status"]["Code"], found["Description"]) == (True, "active", "the network")
    other = [{"Name": "destination-cidr", "Values": ["10.0.0.0/8"]}]
    assert (
        ec2.describe_client_vpn_authorization_rules(ClientVpnEndpointId=vpn, Filters=other)["AuthorizationRules"] == []
    )
    ec2.revoke_client_vpn_ingress(**rule, RevokeAllGroups=True)
    assert ec2.describe_client_vpn_authorization_rules(ClientVpnEndpointId=vpn)["AuthorizationRules"] == []


def test_a_revocation_list_is_kept(ec2: Any, vpn: str) -> None:
    export = ec2.export_client_vpn_client_certificate_revocation_list
    assert "CertificateRevocationList" not in export(ClientVpnEndpointId=vpn)
    ec2.import_client_vpn_client_certificate_revocation_list(
        ClientVpnEndpointId=vpn, CertificateRevocationList="-----BEGIN X509 CRL-----"
    )
    exported = export(ClientVpnEndpointId=vpn)
    assert exported["CertificateRevocationList"] == "-----BEGIN X509 CRL-----"
    assert exported["Status"]["Code"] == "active"


def test_a_profile_says_where_to_connect_and_whom_to_trust(ec2: Any, vpn: str) -> None:
    profile = ec2.export_client_vpn_client_configuration(ClientVpnEndpointId=vpn)["ClientConfiguration"]
    lines = profile.splitlines()
    assert f"remote {vpn}.prod.clientvpn.eu-west-1.amazonaws.com 443" in lines
    assert "proto udp" in lines
    assert "verify-x509-name vpn.example.org name" in lines
    assert lines[lines.index("<ca>") + 1] == "-----BEGIN CERTIFICATE-----"
    assert lines[lines.index("</ca>") - 1] == "-----END CERTIFICATE-----"
    assert "<cert>" not in lines, "a client's own certificate is its own"
