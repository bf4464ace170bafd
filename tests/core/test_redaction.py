"""Secrets are hidden, and what a person needs to know is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.redaction import HIDDEN, Redactor

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow" + "A" * 60 + "\n-----END RSA PRIVATE KEY-----"
ENVIRONMENT = {
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCY",
    "AWS_REGION": "eu-west-1",
    "AWS_PROFILE": "production",
    "TF_VAR_db_password": 'pa"ss word',
    "MLFLOW_TRACKING_TOKEN": "line-one-of-a-token\nline-two-of-a-token",
    "PWD": "/home/somebody/project",
    "API_KEY": "short",
    "GITHUB_TOKEN": "sandbox",
}
REDACT = Redactor.of(ENVIRONMENT)

HIDES = [
    ("AccessKeyId AKIAIOSFODNN7EXAMPLE is not valid", "AccessKeyId *** is not valid"),
    ("cannot reach mysql://mlflow:hunter2@db.internal:3306/x", "cannot reach mysql://***@db.internal:3306/x"),
    ("https://u:p@ss/w@rd@host/path", "https://***@host/path"),
    ("git clone https://a-token@github.com/x", "git clone https://***@github.com/x"),
    ("connect(host=db, password=hunter2, port=1)", "connect(host=db, password=***, port=1)"),
    ('  master_password = "hunter 2"', '  master_password = "***"'),
    ('{"db_password": "hunter2", "port": 3306}', '{"db_password": "***", "port": 3306}'),
    ("password: hunter2", "password: ***"),
    ("X-Amz-Signature=0a1b2c&X-Amz-Date=2026", "X-Amz-Signature=***&X-Amz-Date=2026"),
    ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer ***"),
    (f"token {JWT} expired", "token *** expired"),
    (f"key:\n{PEM}\nend", "key:\n***\nend"),
    (f"key: {' '.join(PEM.split())} end", "key: *** end"),
    ("push with ghp_0123456789abcdefghij failed", "push with *** failed"),
    ("signed with wJalrXUtnFEMI/K7MDENG+bPxRfiCY", "signed with ***"),
    ("in a URL: wJalrXUtnFEMI%2FK7MDENG%2BbPxRfiCY", "in a URL: ***"),
    ('in JSON: pa\\"ss word.', "in JSON: ***."),
    ("one line of it: line-two-of-a-token", "one line of it: ***"),
    ("both: line-one-of-a-token line-two-of-a-token", "both: ***"),
]
KEEPS = [
    "the token has expired: sign in again",
    "Invalid password: must be longer",
    "bearer authentication failed",
    "secretsmanager:GetSecretValue is not allowed in eu-west-1 by production",
    "did not pass the ping health check; see s3://bucket/key and http://host:8080/x",
    "a short key, and the sandbox in /home/somebody/project",
    "error: arn:aws:iam::123456789012:role/x, image 123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:v1",
]


@pytest.mark.parametrize(("text", "told"), HIDES)
def test_a_secret_is_hidden(text, told):
    assert REDACT(text) == told


@pytest.mark.parametrize("text", KEEPS)
def test_what_a_person_needs_to_know_is_kept(text):
    assert REDACT(text) == text


def test_the_word_before_a_value_proves_nothing_in_a_text_of_ours():
    ours = '{"secret-santa": "0a1b2c3d4e", "password": "is a project"}'
    assert REDACT.output(ours) == ours
    assert REDACT.output(f"{ours} {JWT}") == f"{ours} {HIDDEN}"


PIECES = st.sampled_from([*(text for text, _ in HIDES), *KEEPS, *ENVIRONMENT.values(), "://", "@", ":", "=", '"', " "])


@given(st.lists(PIECES | st.text(max_size=20), max_size=8).map("".join))
def test_what_was_redacted_once_is_left_as_it_is(text):
    once = REDACT(text)
    assert REDACT(once) == once
    assert REDACT.output(once) == once


@given(st.text(), st.text())
def test_a_known_secret_is_found_in_any_text(before, after):
    assert "wJalrXUtnFEMI/K7MDENG+bPxRfiCY" not in REDACT(f"{before}wJalrXUtnFEMI/K7MDENG+bPxRfiCY{after}")


@pytest.mark.parametrize("text", ["://a:" * 20_000, "password" * 20_000, "eyJ" + "a" * 100_000, "a=" * 50_000])
def test_no_text_takes_long(text):
    assert REDACT(text)
