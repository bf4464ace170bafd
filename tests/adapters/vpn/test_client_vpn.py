"""Who may connect: the authority, its clients and the revoked, with Secrets Manager and ACM on loopback."""

import json
import sys
from datetime import timedelta

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from cryptography import x509

from reconciler.adapters.vpn import VpnCertificates, certificates
from reconciler.adapters.vpn.secret import RecordSecret
from reconciler.errors import AwsFailed, ReadFailed, ReconcilerError, Refused, SettingsMissing

ENDPOINT = "cvpn-endpoint-0123456789abcdef0"
SECRET = "acme-prod-vpn-authority"
DAY = timedelta(days=1)


@pytest.fixture
def acm(aws):
    return aws.client("acm")


@pytest.fixture
def kept(aws):
    """What the secret holds."""
    secrets = aws.client("secretsmanager")
    return lambda: json.loads(secrets.get_secret_value(SecretId=SECRET, VersionStage="AWSCURRENT")["SecretString"])


@pytest.fixture
def made(vpn, said):
    return vpn.ensure(said.append)


def refusal(code, message, operation):
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class Secrets:
    """Secrets Manager, save for one operation that it refuses."""

    def __init__(self, error, real=None):
        self._error = error
        self._real = real

    def client(self, _service):
        return self

    def __getattr__(self, name):
        return self._refuse if name == xform_name(self._error.operation_name) else getattr(self._real, name)

    def _refuse(self, **_request):
        raise self._error


def imported(acm) -> list[str]:
    return [one["CertificateArn"] for one in acm.list_certificates()["CertificateSummaryList"]]


def revoked_at(endpoint) -> list[str]:
    found = x509.load_pem_x509_crl(endpoint.lists[-1].encode())
    return [f"{entry.serial_number:x}" for entry in found]


def test_without_an_authority_nothing_is_found_and_nothing_made(vpn, acm, aws):
    assert vpn.find() is None
    assert vpn.clients() == ()
    vpn.enforce(ENDPOINT)
    assert imported(acm) == []
    assert aws.client("secretsmanager").list_secrets()["SecretList"] == []


def test_authority_and_server_certificate_are_made_once(vpn, acm, kept, said, made):
    assert imported(acm) == [made.server_certificate_arn]
    assert made.authority_arn == made.server_certificate_arn
    assert kept()["certificate"] in acm.get_certificate(CertificateArn=made.authority_arn)["CertificateChain"]
    first = kept()
    assert len(said) == 2
    assert vpn.ensure(said.append) == vpn.find() == made
    assert (len(said), kept()) == (2, first)


def test_what_is_made_bears_the_environments_tags(aws, acm, made):
    expected = {
        "reconciler:platform": "acme",
        "reconciler:environment": "prod",
        "managed-by": "lean-mlops-control-centre",
    }
    secret = aws.client("secretsmanager").describe_secret(SecretId=SECRET)["Tags"]
    certificate = acm.list_tags_for_certificate(CertificateArn=made.server_certificate_arn)["Tags"]
    for tags in (secret, certificate):
        assert {tag["Key"]: tag["Value"] for tag in tags} == expected


def test_the_certificate_of_another_environment_is_not_ours(vpn, acm, clock, made):
    other = certificates.make_authority("other", clock.now())
    issued = certificates.issue_server(other, "vpn.acme-prod.internal", clock.now())
    acm.delete_certificate(CertificateArn=made.server_certificate_arn)
    theirs = acm.import_certificate(Certificate=issued.certificate.encode(), PrivateKey=issued.key.encode())
    assert vpn.find() is None
    assert vpn.ensure(print).server_certificate_arn != theirs["CertificateArn"]


def test_a_lost_server_certificate_is_issued_again_by_the_same_authority(vpn, acm, kept, made):
    authority = kept()
    acm.delete_certificate(CertificateArn=made.server_certificate_arn)
    again = vpn.ensure(print)
    assert imported(acm) == [again.server_certificate_arn]
    assert kept() == authority


@pytest.mark.parametrize(("days", "renewed"), [(825 - 91, False), (825 - 89, True)])
def test_the_server_certificate_is_renewed_in_time_under_its_arn(vpn, acm, clock, made, days, renewed):
    before = acm.get_certificate(CertificateArn=made.server_certificate_arn)["Certificate"]
    # ACM takes no certificate that is valid from next year on: only our own clock goes ahead.
    made_at, clock.time = clock.time, clock.time + days * DAY
    issue = certificates.issue_server
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certificates, "issue_server", lambda authority, host, now: issue(authority, host, made_at))
        assert vpn.ensure(print) == made
    after = acm.get_certificate(CertificateArn=made.server_certificate_arn)["Certificate"]
    assert (after != before) == renewed
    assert vpn.find() == made, "its tags are still there"


def test_a_new_authority_gets_a_new_server_certificate_under_the_same_arn(vpn, aws, acm, kept, made):
    aws.client("secretsmanager").delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    assert vpn.ensure(print) == made
    assert kept()["certificate"] in acm.get_certificate(CertificateArn=made.authority_arn)["CertificateChain"]


def test_an_authority_that_has_expired_is_said_so(vpn, clock, made):
    clock.time += 3651 * DAY
    for attempt in (lambda: vpn.ensure(print), lambda: vpn.add(ENDPOINT, "ada")):
        with pytest.raises(Refused, match="authority of the VPN has expired") as caught:
            attempt()
        assert f"delete the secret {SECRET}" in caught.value.remedy


def test_a_profile_lets_its_owner_in(vpn, kept, made):
    text = vpn.add(ENDPOINT, "ada.laptop")
    certificate = text.split("<cert>\n")[1].split("</cert>")[0]
    authority = x509.load_pem_x509_certificate(kept()["certificate"].encode())
    found = x509.load_pem_x509_certificate(certificate.encode())
    found.verify_directly_issued_by(authority)
    assert found.subject.rfc4514_string() == "CN=ada.laptop"
    (noted,) = kept()["clients"]
    assert (noted["name"], noted["serial"]) == ("ada.laptop", f"{found.serial_number:x}")
    key = text.split("<key>\n")[1].split("</key>")[0]
    assert key.strip() not in json.dumps(kept()), "a client's key is kept nowhere"


def test_every_profile_has_a_host_name_of_its_own(vpn, made):
    def remote(text: str) -> str:
        return next(line for line in text.splitlines() if line.startswith("remote "))

    first, second = remote(vpn.add(ENDPOINT, "ada")), remote(vpn.add(ENDPOINT, "bob"))
    assert first != second
    assert first.endswith(f".{ENDPOINT}.prod.clientvpn.eu-west-1.amazonaws.com 443")


@pytest.mark.parametrize("name", ["", "Ada", "../ada", ".ada", "ada-", "a b", "a" * 65, "ada\n"])
def test_a_name_is_safe_in_a_path_and_in_a_certificate(vpn, name):
    with pytest.raises(ReconcilerError, match="cannot be the name of a VPN client"):
        vpn.add(ENDPOINT, name)


def test_a_name_that_is_in_use_is_refused_until_it_runs_out(vpn, clock, made):
    vpn.add(ENDPOINT, "ada")
    with pytest.raises(Refused, match="ada has a certificate already, valid until"):
        vpn.add(ENDPOINT, "ada")
    clock.time += 336 * DAY
    vpn.add(ENDPOINT, "ada")
    assert [one.state(clock.now()) for one in vpn.clients()] == ["expiring", "valid"]


def test_a_revoked_name_is_free_again(vpn, clock, made):
    vpn.add(ENDPOINT, "ada")
    vpn.revoke(ENDPOINT, "ada")
    vpn.add(ENDPOINT, "ada")
    assert sorted(one.state(clock.now()) for one in vpn.clients()) == ["revoked", "valid"]


def test_an_endpoint_without_a_configuration_costs_no_certificate(vpn, endpoint, made):
    endpoint.configuration = ""
    with pytest.raises(ReadFailed, match="has no client configuration"):
        vpn.add(ENDPOINT, "ada")
    assert vpn.clients() == ()


def test_the_revoked_are_published_and_thrown_out(vpn, endpoint, kept, made):
    vpn.add(ENDPOINT, "ada")
    vpn.add(ENDPOINT, "bob")
    endpoint.connect("bob", "cvpn-connection-1")
    endpoint.connect("ada", "cvpn-connection-2")
    endpoint.connect("ada", "cvpn-connection-3", "terminated")
    assert vpn.revoke(ENDPOINT, "ada") == 1
    assert endpoint.ended == ["cvpn-connection-2"]
    ada, _ = kept()["clients"]
    assert revoked_at(endpoint) == [ada["serial"]]
    vpn.revoke(ENDPOINT, "bob")
    assert sorted(revoked_at(endpoint)) == sorted(one["serial"] for one in kept()["clients"]), "a list is always whole"


def test_revoking_twice_publishes_twice_and_notes_once(vpn, endpoint, kept, made):
    vpn.add(ENDPOINT, "ada")
    vpn.revoke(ENDPOINT, "ada")
    noted = kept()
    vpn.revoke(ENDPOINT, "ada")
    assert kept() == noted
    assert len(endpoint.lists) == 2


def test_a_name_that_nobody_has_cannot_be_revoked(vpn, endpoint, made):
    with pytest.raises(ReconcilerError, match="no VPN certificate was issued to eve"):
        vpn.revoke(ENDPOINT, "eve")
    assert endpoint.lists == []


def test_a_new_endpoint_is_told_of_the_revoked(vpn, endpoint, kept, made):
    vpn.add(ENDPOINT, "ada")
    vpn.enforce(ENDPOINT)
    assert endpoint.lists == [], "nobody is revoked"
    vpn.revoke(ENDPOINT, "ada")
    endpoint.lists.clear()
    vpn.enforce(ENDPOINT)
    assert revoked_at(endpoint) == [kept()["clients"][0]["serial"]]


def test_nobody_is_let_in_before_there_is_an_authority(vpn):
    for attempt in (vpn.add, vpn.revoke):
        with pytest.raises(SettingsMissing, match="no authority yet"):
            attempt(ENDPOINT, "ada")


def test_of_two_writers_at_once_the_second_is_refused(vpn, endpoint, kept, made):
    def overtake() -> None:
        endpoint.before = None
        vpn.add(ENDPOINT, "bob")

    endpoint.before = overtake
    with pytest.raises(AwsFailed, match="somebody else changed the secret acme-prod-vpn-authority"):
        vpn.add(ENDPOINT, "ada")
    assert [one["name"] for one in kept()["clients"]] == ["bob"], "nothing is lost"


def test_a_secret_that_is_marked_for_deletion_can_be_restored(vpn, aws, made):
    aws.client("secretsmanager").delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    with pytest.raises(ReadFailed, match="is marked for deletion") as caught:
        vpn.ensure(print)
    assert caught.value.remedy == f"restore it: aws secretsmanager restore-secret --secret-id {SECRET}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("You can't perform this operation on the secret because it was marked for deletion.", "marked for deletion"),
        ("The secret is scheduled for deletion.", "marked for deletion"),
        ("Colourless green ideas sleep furiously.", "Colourless green ideas"),
    ],
)
def test_a_secret_that_cannot_be_read_is_marked_for_deletion_only_if_that_is_said(words, told):
    with pytest.raises(ReadFailed, match=told) as caught:
        RecordSecret(Secrets(refusal("InvalidRequestException", words, "GetSecretValue")), SECRET, {}).load()
    assert ("restore it" in caught.value.remedy) == (told == "marked for deletion")


MISSING = refusal(
    "ResourceNotFoundException",
    "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    "GetSecretValue",
)
"""https://github.com/boto/boto3/issues/2794"""


class Described:
    """Secrets Manager, which finds no current version of what it describes."""

    def __init__(self, described):
        self._described = described

    def describe_secret(self, **request):
        assert request == {"SecretId": SECRET}
        if isinstance(self._described, Exception):
            raise self._described
        return self._described


def loaded(described):
    return RecordSecret(Secrets(MISSING, Described(described)), SECRET, {}).load()


@pytest.mark.parametrize(
    ("described", "told", "remedy"),
    [
        ({"Name": SECRET}, "none of its versions is labelled AWSCURRENT", f"delete-secret --secret-id {SECRET} "),
        (
            {"VersionIdsToStages": {"a": ["AWSPREVIOUS"]}},
            "none of its versions is labelled AWSCURRENT",
            f"update-secret-version-stage --secret-id {SECRET} --version-stage AWSCURRENT",
        ),
        ({"VersionIdsToStages": {"a": ["AWSCURRENT"]}}, "was changed while it was read", "run again"),
        ({"DeletedDate": "now"}, "is marked for deletion", f"restore-secret --secret-id {SECRET}"),
        (
            refusal(
                "AccessDeniedException", "not authorized to perform: secretsmanager:DescribeSecret", "DescribeSecret"
            ),
            f"could not read the secret {SECRET}",
            "",
        ),
    ],
)
def test_a_secret_without_a_current_version_is_never_taken_for_none(described, told, remedy):
    with pytest.raises(ReadFailed, match=told) as caught:
        loaded(described)
    assert remedy in caught.value.remedy


def test_that_there_is_no_secret_is_told_by_its_description():
    assert loaded(refusal("ResourceNotFoundException", "can't find the specified secret.", "DescribeSecret")) is None


def test_an_empty_secret_of_our_name_is_told_with_what_to_do_and_is_left_alone(vpn, aws):
    secrets = aws.client("secretsmanager")
    secrets.create_secret(Name=SECRET)
    for _ in range(2):
        with pytest.raises(ReadFailed, match=f"the secret {SECRET} is there") as caught:
            vpn.ensure(print)
        assert "list-secret-version-ids" in caught.value.remedy
    assert secrets.describe_secret(SecretId=SECRET)["Name"] == SECRET


def test_a_secret_of_bytes_is_not_the_record_of_an_authority(vpn, aws):
    aws.client("secretsmanager").create_secret(Name=SECRET, SecretBinary=b"bytes")
    with pytest.raises(ReadFailed, match="is not the record of an authority"):
        vpn.clients()


@pytest.mark.parametrize("code", ["InvalidParameterException", "InvalidRequestException", "Whatever"])
def test_whether_somebody_else_changed_the_secret_is_read_and_not_told_by_a_code(vpn, aws, made, code):
    real = RecordSecret(aws, SECRET, {})
    stored = real.load()
    refusing = Secrets(refusal(code, "no", "UpdateSecretVersionStage"), aws.client("secretsmanager"))
    with pytest.raises(AwsFailed, match=f"could not write the secret {SECRET}: .*no"):
        RecordSecret(refusing, SECRET, {}).replace(stored, stored.record)
    real.replace(stored, stored.record)
    with pytest.raises(AwsFailed, match="somebody else changed"):
        RecordSecret(refusing, SECRET, {}).replace(stored, stored.record)


def test_after_a_teardown_nothing_is_left_and_it_can_begin_again(vpn, aws, acm, made):
    for _ in range(2):
        vpn.delete()
    assert imported(acm) == []
    assert aws.client("secretsmanager").list_secrets()["SecretList"] == []
    assert isinstance(vpn.ensure(print), VpnCertificates)


def test_without_the_extra_the_error_says_what_to_install(vpn, monkeypatch):
    import reconciler.adapters.vpn as package

    monkeypatch.delattr(package, "certificates")
    monkeypatch.setitem(sys.modules, "reconciler.adapters.vpn.certificates", None)
    assert vpn.find() is None, "a plan does without"
    with pytest.raises(SettingsMissing) as caught:
        vpn.ensure(print)
    assert caught.value.remedy == "pip install 'lean-mlops-control-centre[server]'"
