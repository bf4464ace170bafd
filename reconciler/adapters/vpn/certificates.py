"""X.509 certificates, by the package `cryptography`. Pure but for the random keys: it keeps nothing.

AWS Client VPN takes RSA keys of 1024 or 2048 bits and no others, wants a common name in every client's subject, and a
server certificate whose name is a domain name (with a dot).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from reconciler.adapters.vpn.record import Pair

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

KEY_BITS = 2048
PUBLIC_EXPONENT = 65537
AUTHORITY_DAYS = 3650
SERVER_DAYS = 825
CLIENT_DAYS = 365
SKEW = timedelta(hours=1)
"""Certificates hold from a little before they are made: clocks differ."""


def serial(certificate: str) -> str:
    """Serial number of a PEM certificate, hex."""
    return f"{_parse(certificate).serial_number:x}"


def not_after(certificate: str) -> datetime:
    """End of the validity of a PEM certificate, UTC."""
    return _parse(certificate).not_valid_after_utc


def make_authority(name: str, now: datetime) -> Pair:
    """A self-signed authority that may sign certificates and revocation lists, and no other authority."""
    key = _new_key()
    subject = _common_name(name)
    until = now + timedelta(days=AUTHORITY_DAYS)
    usage = _key_usage(key_cert_sign=True, crl_sign=True, digital_signature=True)
    builder = (
        _builder(subject, subject, key.public_key(), now, until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
    )
    return _pair(builder.sign(key, hashes.SHA256()), key)


def issue_server(authority: Pair, host: str, now: datetime) -> Pair:
    """The certificate of the VPN's own end, for the domain name `host`; it ends with the authority's at the latest."""
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    usage = _key_usage(digital_signature=True, key_encipherment=True)
    extensions = (names, usage, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))
    return _issue(authority, host, now, SERVER_DAYS, extensions)


def issue_client(authority: Pair, name: str, now: datetime) -> Pair:
    """The certificate of somebody who connects; it ends with the authority's at the latest."""
    extensions = (_key_usage(digital_signature=True), x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))
    return _issue(authority, name, now, CLIENT_DAYS, extensions)


def revocation_list(authority: Pair, revoked: Iterable[tuple[str, datetime]], now: datetime) -> str:
    """PEM list of the revoked serials (hex), each with when.

    It holds as long as the authority: with a list that has run out, nobody can connect.
    """
    issuer = _parse(authority.certificate)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now - SKEW)
        .next_update(issuer.not_valid_after_utc)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(_public(issuer)), critical=False)
    )
    for serial, since in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(since).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(_load_key(authority), hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _issue(authority: Pair, name: str, now: datetime, days: int, extensions: tuple[x509.ExtensionType, ...]) -> Pair:
    issuer = _parse(authority.certificate)
    key = _new_key()
    until = min(now + timedelta(days=days), issuer.not_valid_after_utc)
    builder = (
        _builder(_common_name(name), issuer.subject, key.public_key(), now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(_public(issuer)), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.KeyUsage))
    return _pair(builder.sign(_load_key(authority), hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(PUBLIC_EXPONENT, KEY_BITS)


def _pair(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> Pair:
    encoding = serialization.Encoding.PEM
    plain = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Pair(certificate.public_bytes(encoding).decode(), plain.decode())


def _parse(certificate: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate.encode())


def _load_key(authority: Pair) -> "CertificateIssuerPrivateKeyTypes":
    key = serialization.load_pem_private_key(authority.key.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the authority's key is not an RSA key")
    return key


def _public(issuer: x509.Certificate) -> rsa.RSAPublicKey:
    key = issuer.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("the authority's key is not an RSA key")
    return key
