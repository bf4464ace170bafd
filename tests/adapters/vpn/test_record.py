"""What is kept of the authority, and the profile that a client gets."""

from datetime import UTC, datetime, timedelta

import pytest

from reconciler.adapters.vpn.profile import profile
from reconciler.adapters.vpn.record import Client, Pair, Record, dump, parse
from reconciler.errors import ReadFailed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PAIR = Pair("CERTIFICATE", "SECRET")


def client(name: str = "ada", days: float = 100, serial: str = "a1", revoked: datetime | None = None) -> Client:
    return Client(name, serial, NOW + days * DAY, revoked)


def test_a_record_is_read_as_it_was_written():
    record = Record(PAIR, (client(), client("bob", serial="b2", revoked=NOW)))
    assert parse(dump(record), "the secret x") == record


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '"SECRET"', '{"version": 1, "key": "SECRET"}', '{"version": 1, "clients": [3]}']
)
def test_what_is_no_record_is_refused_and_not_shown(text):
    with pytest.raises(ReadFailed, match="the secret x is not the record of an authority") as caught:
        parse(text, "the secret x")
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_record_of_another_version_is_refused():
    with pytest.raises(ReadFailed, match="has version 2, not 1"):
        parse('{"version": 2}', "the secret x")


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (client(), "valid"),
        (client(days=29), "expiring"),
        (client(days=0), "expired"),
        (client(revoked=NOW), "revoked"),
        (client(days=-1, revoked=NOW), "revoked"),
    ],
)
def test_a_client_is_in_one_state(one, state):
    assert one.state(NOW) == state


@pytest.mark.parametrize(
    ("one", "held"),
    [(client(), True), (client(days=30), True), (client(days=29), False), (client(revoked=NOW), False)],
)
def test_a_name_is_taken_while_its_certificate_holds_for_a_month(one, held):
    record = Record(PAIR, (one,))
    assert (record.holds("ada", NOW) == one) == held
    assert record.holds("bob", NOW) is None


def test_adding_forgets_what_has_expired():
    record = Record(PAIR, (client(days=-1), client("bob", revoked=NOW)))
    new = client("eve", serial="c3")
    assert record.adding(new, NOW).clients == (client("bob", revoked=NOW), new)


def test_revoking_takes_every_valid_certificate_of_one_name_and_keeps_when_that_was():
    before = NOW - DAY
    record = Record(PAIR, (client(revoked=before), client(serial="a2"), client("bob", serial="b1")))
    after = record.revoking("ada", NOW)
    assert [one.revoked for one in after.clients] == [before, NOW, None]
    assert after.revoked(NOW) == (("a1", before), ("a2", NOW))


def test_what_has_expired_needs_no_revocation():
    record = Record(PAIR, (client(days=-1, revoked=NOW - 9 * DAY), client(days=-1, serial="a2")))
    assert record.revoked(NOW) == ()
    assert record.revoking("ada", NOW) == record


def test_a_key_is_never_printed():
    assert "SECRET" not in repr(Record(PAIR))


CONFIGURATION = "client\r\nremote cvpn-1.example 443\r\nremote-random-hostname\r\nremote-cert-tls server\r\n"


def test_a_profile_is_the_endpoints_configuration_with_certificate_and_key():
    text = profile("client\nremote cvpn-1.example 443\nremote-cert-tls server\n", Pair("CERT\n", "KEY\n"), "ab12")
    assert text == (
        "client\nremote ab12.cvpn-1.example 443\nremote-cert-tls server\n\n<cert>\nCERT\n</cert>\n<key>\nKEY\n</key>\n"
    )


def test_only_the_remote_host_gets_the_label():
    text = profile(CONFIGURATION, PAIR, "ab12")
    assert text.count("ab12") == 1
    assert "remote ab12.cvpn-1.example 443" in text


def test_a_configuration_without_a_host_is_refused():
    with pytest.raises(ReadFailed, match="names no remote host"):
        profile("client\nremote-random-hostname\n", PAIR, "ab12")
