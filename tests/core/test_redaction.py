"""Secrets are hidden, and what a person needs to know is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.redaction import HIDDEN, Redactor
from support.examples import examples

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

MIXED = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1bC2dE3fG4hJ5kL6mN7pQ8rS9tU0vW1xY2zA3b"
"""70 characters."""
HEX = "0123456789abcdef0123456789abcdef"
TOKENS = {
    "Hugging Face": f"hf_{'aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH'}",
    "Hugging Face, an organisation": f"api_org_{'aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH'}",
    "OpenAI": f"sk-{MIXED[:20]}T3BlbkFJ{MIXED[:20]}",
    "OpenAI, a project": f"sk-proj-{MIXED}T3BlbkFJ{MIXED}",
    "OpenAI, a service": f"sk-svcacct-{MIXED[:30]}_{MIXED[:30]}-T3BlbkFJ{MIXED}",
    "Anthropic": f"sk-ant-api03-{MIXED}-{MIXED[:20]}AA",
    "Anthropic, cut": f"sk-ant-api03-{MIXED[:12].lower()}",
    "Anthropic, shortened": "sk-ant-api03-R2D...igAA",
    "Anthropic, a session": f"sk-ant-oat01-{MIXED[:8]}…",
    "OpenRouter": f"sk-or-v1-{HEX}{HEX}",
    "DeepSeek": f"sk-{HEX}",
    "Groq": f"gsk_{MIXED[:52]}",
    "Groq, cut": f"gsk_{MIXED[:20]}",
    "Replicate, cut": f"r8_{MIXED[:18].lower()}",
    "NVIDIA, cut": f"nvapi-{MIXED[:20]}",
    "NVIDIA, in small letters": f"nvapi-{MIXED[:30].lower()}",
    "PyPI, cut": "pypi-AgEIcHlwaS5vcmcCJDU2",
    "PyPI, of its test": "pypi-AgENdGVzdC5weXBp",
    "Replicate": f"r8_{MIXED[:37]}",
    "NVIDIA": f"nvapi-{MIXED[:64]}",
    "Pinecone": f"pcsk_{MIXED[:6]}_{MIXED[:60]}",
    "Perplexity": f"pplx-{MIXED[:48]}",
    "xAI": f"xai-{MIXED}{MIXED[:10]}",
    "LangSmith": f"lsv2_pt_{HEX}_0123456789",
    "Databricks": f"dapi{HEX}",
    "Databricks, numbered": f"dapi{HEX}-2",
    "Databricks, a client": f"dose{HEX}",
    "Google": f"AIzaSy{MIXED[:33]}",
    "Google, access": f"ya29.{MIXED}-{MIXED}",
    "Google, a client": f"GOCSPX-{MIXED[:28]}",
    "Slack": f"xoxb-123456789012-1234567890123-{MIXED[:24]}",
    "Slack, an app": f"xapp-1-A012345-{MIXED}",
    "Weights & Biases": f"wandb_v1_{MIXED}",
    "Kaggle": f"KGAT_{HEX}",
    "Neptune": f"eyJhcGlfYWRkcmVzcyI6{MIXED}==",
    "Bedrock": f"ABSK{MIXED}{MIXED}==",
    "Bedrock, for a while": f"bedrock-api-key-{MIXED}{MIXED}=",
    "Stripe": f"sk_live_{MIXED[:24]}",
    "npm": f"npm_{MIXED[:36]}",
    "PyPI": f"pypi-AgEIcHlwaS5vcmc{MIXED}",
    "Docker Hub": f"dckr_pat_{MIXED[:27]}",
    "GitHub": f"ghp_{MIXED[:36]}",
    "GitHub, narrow": f"github_pat_{MIXED[:22]}_{MIXED[:59]}",
    "GitLab": f"glpat-{MIXED[:20]}",
    "Vault": f"hvs.{MIXED}",
    "HCP Terraform": f"{MIXED[:14]}.atlasv1.{MIXED[:67]}",
    "SendGrid": f"SG.{MIXED[:22]}.{MIXED[:43]}",
}
AROUND = ["{}", "using {} now", "key: {}.", 'k="{}",', "({})", "https://x.example/?k={}&b=1", "[{}]\n", "\t{};", "'{}'"]


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_is_hidden_wherever_it_stands(name):
    token = TOKENS[name]
    for around in AROUND:
        shown = REDACT.output(around.format(token))
        assert shown == around.format(HIDDEN), around


PHRASES = [
    ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "Authorization: Basic ***"),
    ("authorization=basic dXNlcjpwYXNz", "authorization=basic ***"),
    ("{'Authorization': 'Basic dXNlcjpwYXNzd29yZA=='}", "{'Authorization': 'Basic ***'}"),
    ('{"Proxy-Authorization": "Basic dXNlcjpwYXNz"}', '{"Proxy-Authorization": "Basic ***"}'),
    ("Authorization: token 0123abcd", "Authorization: token ***"),
    ("mysql --password hunter2 -u me", "mysql --password *** -u me"),
    ("mysql --password=hunter2 -u me", "mysql --password=*** -u me"),
    ("login --token abc", "login --token ***"),
    ("login --password [x(<y", "login --password ***"),
    ("login --password $ecret1", "login --password ***"),
    ("login --api-key 'a b' --x", "login --api-key '***' --x"),
    ("run --client-secret   abc --db-password x", "run --client-secret   *** --db-password ***"),
    ("Command '['mysql', '--password', 'hunter2', '-u']'", "Command '['mysql', '--password', '***', '-u']'"),
    ('["--access-token", "abc", "--quiet"]', '["--access-token", "***", "--quiet"]'),
    ("Set-Cookie: session=abcdef; Path=/; HttpOnly", "Set-Cookie: ***"),
    ("Cookie: theme=dark; session=abc\nHost: x", "Cookie: ***\nHost: x"),
    ("{'Set-Cookie': 'session=\"abc\"; Path=/', 'Server': 'x'}", "{'Set-Cookie': '***', 'Server': 'x'}"),
    ('{"cookie": "a=b; c=d", "port": 1}', '{"cookie": "***", "port": 1}'),
    ("https://hooks.slack.com/services/T0123/B0123/aBcDeF0123", "https://hooks.slack.com/***"),
    (f"https://discord.com/api/webhooks/123456789012345678/{MIXED}", "https://discord.com/api/webhooks/***"),
    (
        f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={MIXED}{MIXED[:16]}==;EndpointSuffix=core",
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=***;EndpointSuffix=core",
    ),
    (f"Endpoint=sb://a/;SharedAccessKey={MIXED}=", "Endpoint=sb://a/;SharedAccessKey=***"),
    (
        "https://a.blob.core.windows.net/c?sv=2024-11-04&sig=aB3%2BdE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1bC%3D&se=2026",
        "https://a.blob.core.windows.net/c?sv=2024-11-04&sig=***&se=2026",
    ),
    ("https://repo.example/t/TOKEN123/main/noarch", "https://repo.example/t/***/main/noarch"),
    (
        "channels: [https://conda.anaconda.org/t/ab-0a1b2c3d-4e5f-6789/acme]",
        "channels: [https://conda.anaconda.org/t/***/acme]",
    ),
    (
        "CondaHTTPError for https://repo.example:8443/conda/t/aB3_xY9-zK",
        "CondaHTTPError for https://repo.example:8443/conda/t/***",
    ),
    ("postgresql+psycopg2://ml:hunter2@db:5432/mlflow", "postgresql+psycopg2://***@db:5432/mlflow"),
    ("mongodb+srv://ml:p%40ss@cluster0.example", "mongodb+srv://***@cluster0.example"),
    (f'"private_key": "{PEM.replace(chr(10), chr(92) + "n")}"', '"private_key": "***"'),
    (f"WANDB_API_KEY={HEX}01234567", "WANDB_API_KEY=***"),
    (
        f'{{"username": "me", "key": "{HEX}", "api_key": "{HEX}"}}',
        f'{{"username": "me", "key": "{HEX}", "api_key": "***"}}',
    ),
]


@pytest.mark.parametrize(("text", "told"), PHRASES)
def test_a_secret_is_known_by_what_stands_before_it(text, told):
    assert REDACT(text) == told


SHA1, SHA256 = "0123456789abcdef0123456789abcdef01234567", f"{HEX}{HEX}"
VISIBLE = [
    f"commit {SHA1}",
    f"digest sha256:{SHA256} of {SHA256}",
    f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme-prod/churn/model@sha256:{SHA256}",
    "arn:aws:iam::123456789012:role/acme-prod-sk-ant-farm-training-job",
    "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/acme-prod-sk-admin-of-something-v9999-0abc123",
    "acme-prod-sk-proj-churn-v12-0abc123 and sk-or-not and acme-test-hf-model-v1-1234567",
    "acme-prod-xai-explains-everything-0123456789ab pplx-model nvapi-client gsk_test r8_d",
    "hf_hub_download hf_transfer hf_model_with_a_long_name_in_it npm_config_cache pypi-mirror",
    "https://mlflow.acme.example/#/experiments/1/runs/0123456789abcdef0123456789abcdef",
    "s3://acme-prod-mlflow-123456789012/1/0123456789abcdef0123456789abcdef/artifacts",
    "subnet-0123456789abcdef0 vpc-0123456789abcdef0 job 01234567-89ab-cdef-0123-456789abcdef",
    "Authorization: Basic authentication failed",
    "the account key is missing; authorization: token expired",
    "https://api.example/?sig=short&sign=up",
    "https://forum.example/t/how-to-train-a-model/12 and /home/me/t/Training_1/x and https://a.example/t/x1/main",
    "acme-prod-nvapi-client-training-v9999-0abc123 and acme-prod/nvapi-model/training:0123456789ab",
    "gsk_helper_of_something r8_quantized_model_8bit pypi-Agents nvapi-Client-Library sk-ant-farm",
    "the option --token is missing: give --token or --password, --api-key. Or --secret-id acme, --token-ttl 60",
    "docker login --password-stdin --password-file /run/x --token $TOKEN --token <token> --secret ${SECRET}",
    "login --token < file; --password\n--token --quiet ['--password', '--quiet']",
    "the cookie: it has expired; set-cookie: none; Cookie: authentication failed",
    "sklearn==1.7.2 sk-learn dapi.example ya29 AIza",
    "Terraform/1.13.3 registry.terraform.io/hashicorp/aws 5.100.0 h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",
]


@pytest.mark.parametrize("text", VISIBLE)
def test_what_only_looks_like_a_token_stays_visible(text):
    assert REDACT(text) == text


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


PIECES = st.sampled_from(
    [
        *(text for text, _ in (*HIDES, *PHRASES)),
        *TOKENS.values(),
        *KEEPS,
        *ENVIRONMENT.values(),
        "--token ",
        "'--password', '",
        "Cookie: ",
        "session=",
        "; ",
        "'",
        "://",
        "@",
        ":",
        "=",
        '"',
        " ",
    ]
)


@examples(2000)
@given(st.lists(PIECES | st.text(max_size=20), max_size=8).map("".join))
def test_what_was_redacted_once_is_left_as_it_is(text):
    once = REDACT(text)
    assert REDACT(once) == once
    assert REDACT.output(once) == once


@given(st.text(), st.text())
def test_a_known_secret_is_found_in_any_text(before, after):
    assert "wJalrXUtnFEMI/K7MDENG+bPxRfiCY" not in REDACT(f"{before}wJalrXUtnFEMI/K7MDENG+bPxRfiCY{after}")


@pytest.mark.parametrize(
    "text",
    [
        "://a:" * 20_000,
        "://" + "/t/a" * 30_000,
        "password" * 20_000,
        "eyJ" + "a" * 100_000,
        "a=" * 50_000,
        "sk-ant-" * 20_000,
        "xoxb-" + "a" * 99_000,
        "Authorization: Basic " * 9_000,
        "Cookie: a=" * 10_000,
        "cookie:a=b;" * 10_000,
        "Cookie: a=b" + "; c" * 30_000,
        "--token " * 12_000,
        "--" + "token" * 20_000,
        "nvapi-" + "a" * 99_000,
        "sk-ant-api03-" * 9_000,
    ],
)
def test_no_text_takes_long(text):
    assert REDACT(text)


BODY = tuple("".join("aB3+xY/9"[(row + column) % 8] for column in range(64)) for row in range(25))
LAST = "kQ7w=="
KEY = ("-----BEGIN PRIVATE KEY-----", *BODY, LAST, "-----END PRIVATE KEY-----")


@pytest.mark.parametrize("first", [0, 1, 12, 25])
def test_a_private_key_of_which_a_log_holds_only_the_end_is_hidden(first):
    shown = REDACT("\n".join(("before", *KEY[first:], "after")))
    assert (shown.startswith("before"), shown.endswith("after")) == (True, True)
    assert not any(line in shown for line in (*BODY, LAST))


@pytest.mark.parametrize("width", [64, 70, 76])
def test_the_lines_of_a_private_key_are_hidden_one_by_one_as_a_log_is_followed(width):
    line = ("aB3+xY/9" * 10)[:width]
    assert REDACT(f"[i-0abc] {line}") == "[i-0abc] ***"


def test_a_digest_and_a_path_are_no_lines_of_a_key():
    for text in ("0123456789abcdef" * 4, f"sha256:{'0a' * 32}", f"s3://acme/{'aB3xY9zK' * 8}/model"):
        assert REDACT(text) == text
