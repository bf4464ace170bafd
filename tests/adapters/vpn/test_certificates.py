"""Certificates, checked by the verifier of the package that makes them and by hand: what each may be used for."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import (
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from reconciler.adapters.vpn import certificates
from reconciler.adapters.vpn.record import Pair

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=30)


def parse(pair: Pair) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pair.certificate.encode())


def common_name(certificate: x509.Certificate) -> str:
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def verify(leaf: Pair, authority: Pair, when: datetime = LATER, *, server: str = "") -> None:
    """Raises VerificationError unless the chain holds."""
    # A client is known by its common name: the web's rules, which ask for more, are not these.
    ends = ExtensionPolicy.webpki_defaults_ee() if server else ExtensionPolicy.permit_all()
    builder = PolicyBuilder().store(Store([parse(authority)])).time(when)
    builder = builder.extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ends)
    verifier = builder.build_server_verifier(x509.DNSName(server)) if server else builder.build_client_verifier()
    verifier.verify(parse(leaf), [])


@pytest.fixture(scope="module")
def authority() -> Pair:
    return certificates.make_authority("acme-prod VPN authority", NOW)


@pytest.fixture(scope="module")
def server(authority: Pair) -> Pair:
    return certificates.issue_server(authority, "vpn.acme-prod.internal", NOW)


@pytest.fixture(scope="module")
def client(authority: Pair) -> Pair:
    return certificates.issue_client(authority, "ada", NOW)


def test_the_authority_signs_certificates_and_lists_and_no_other_authority(authority):
    found = parse(authority)
    basic = found.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = found.extensions.get_extension_for_class(x509.KeyUsage)
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)
    assert usage.critical
    assert usage.value.key_cert_sign
    assert usage.value.crl_sign
    assert common_name(found) == "acme-prod VPN authority"


def test_the_servers_certificate_holds_for_its_name_and_no_other(authority, server):
    verify(server, authority, server="vpn.acme-prod.internal")
    with pytest.raises(VerificationError):
        verify(server, authority, server="vpn.acme-dev.internal")
    assert common_name(parse(server)) == "vpn.acme-prod.internal", "EC2 refuses a certificate without a domain"


def test_another_authority_vouches_for_nobody(server, client):
    other = certificates.make_authority("acme-prod VPN authority", NOW)
    for leaf, name in ((server, "vpn.acme-prod.internal"), (client, "")):
        with pytest.raises(VerificationError):
            verify(leaf, other, server=name)


def test_a_certificate_is_worth_nothing_before_and_after_its_time(authority, client):
    verify(client, authority, NOW)
    for when in (NOW - timedelta(days=1), NOW + timedelta(days=366)):
        with pytest.raises(VerificationError):
            verify(client, authority, when)


def test_a_client_is_no_server_and_a_server_no_client(server, client):
    def uses(pair: Pair) -> list[x509.ObjectIdentifier]:
        return list(parse(pair).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)

    assert uses(server) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert uses(client) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    for leaf in (server, client):
        assert not parse(leaf).extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_every_key_is_one_that_aws_takes_and_belongs_to_its_certificate(authority, server, client):
    for pair in (authority, server, client):
        key = serialization.load_pem_private_key(pair.key.encode(), password=None)
        assert key.key_size == 2048, "AWS Client VPN takes RSA of 1024 or 2048 bits"
        assert key.public_key() == parse(pair).public_key()
        assert "PRIVATE KEY" not in repr(pair), "a key is never printed"


def test_two_certificates_share_neither_serial_nor_key(authority, client):
    again = certificates.issue_client(authority, "ada", NOW)
    assert certificates.serial(again.certificate) != certificates.serial(client.certificate)
    assert again.key != client.key


def test_a_certificate_ends_with_its_authority_at_the_latest(authority):
    end = certificates.not_after(authority.certificate)
    late = certificates.issue_client(authority, "ada", end - timedelta(days=10))
    assert certificates.not_after(late.certificate) == end


def test_the_list_names_what_is_revoked_is_signed_and_never_runs_out(authority, client):
    serial = certificates.serial(client.certificate)
    text = certificates.revocation_list(authority, [(serial, NOW)], LATER)
    found = x509.load_pem_x509_crl(text.encode())
    assert found.is_signature_valid(parse(authority).public_key())
    assert found.issuer == parse(authority).subject
    assert [(entry.serial_number, entry.revocation_date_utc) for entry in found] == [(int(serial, 16), NOW)]
    assert found.next_update_utc == certificates.not_after(authority.certificate)


def test_a_later_list_has_a_higher_number(authority):
    def number(when: datetime) -> int:
        listed = x509.load_pem_x509_crl(certificates.revocation_list(authority, [], when).encode())
        return listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number

    assert number(NOW) < number(LATER)
