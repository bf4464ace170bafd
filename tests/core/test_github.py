"""What the workflows are told of an environment, and what a text from elsewhere may become before it is posted."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.desired import GitHub
from reconciler.core.github import LONGEST, ci_environment, harmless, posted, repository
from reconciler.core.identity import differences
from reconciler.render.markdown import escape
from support.builders import PLATFORM

OURS = GitHub("acme/models", "live")


def test_an_environment_is_named_with_the_roles_that_bootstrap_makes():
    made = ci_environment(PLATFORM, OURS, "123456789012", "manifests/test.yaml")
    assert made.plan_role == "arn:aws:iam::123456789012:role/acme-test-plan"
    assert made.apply_role == "arn:aws:iam::123456789012:role/acme-test-apply"
    assert (made.plan_environment, made.apply_environment) == ("live-plan", "live")
    assert (made.name, made.manifest, made.region) == ("test", "manifests/test.yaml", PLATFORM.region)


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_a_role_is_in_the_partition_of_its_region(region, partition):
    made = ci_environment(replace(PLATFORM, region=region), OURS, "123456789012", "m.yaml")
    assert made.plan_role.startswith(f"arn:{partition}:iam::")


@pytest.mark.parametrize("written", ["acme/models", "acme@123/models@456"])
def test_a_repository_is_the_same_with_and_without_ids(written):
    assert repository(written) == "acme/models"


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("plain **bold** `code`", "plain **bold** `code`"),
        ("<img src=x>", "&lt;img src=x>"),
        (r"\<b\> as we escape it", r"\<b\> as we escape it"),
        ("<!-- reconcile plan prod -->", "&lt;!-- reconcile plan prod -->"),
        ("![pixel](https://evil.example/p.png)", r"![pixel\](https://evil.example/p.png)"),
        ("[docs](https://evil.example)", r"[docs\](https://evil.example)"),
        ("[docs][1]", r"[docs\][1]"),
        ("[1]: https://evil.example", r"[1\]: https://evil.example"),
        ("thanks @octocat", "thanks @\u200boctocat"),
        ("right\u202eto left", r"right\u202eto left"),
        ("bell\x07 and escape\x1b[31m", r"bell\x07 and escape\x1b[31m"),
        (r"a live [link\\](https://evil.example)", r"a live [link\\\](https://evil.example)"),
        ("an entity &commat;octocat & more", "an entity &amp;commat;octocat & more"),
        ("in #12 and GH-12", "in #\u200b12 and GH-\u200b12"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
    ],
)
def test_a_text_from_elsewhere_calls_nobody_and_shows_nothing_but_itself(written, becomes):
    assert harmless(written) == becomes


def test_a_text_that_is_too_long_says_where_the_rest_is():
    cut = harmless("x" * 70_000)
    assert len(cut) == LONGEST
    assert cut.endswith("the rest is in the job's summary")


@given(st.text())
def test_whatever_is_posted_is_short_enough_and_is_found_by_one_marker(text):
    body = posted("plan", "prod", text)
    assert body.startswith("<!-- reconcile plan prod -->\n")
    assert body.count("<!--") == 1
    assert len(body) < 65_536


@given(st.text())
def test_what_we_escaped_ourselves_is_not_escaped_again(text):
    escaped = escape(text.translate({ord(one): None for one in "\u061c\u200e\u200f"}))
    assert harmless(escaped).count("\\") == escaped.count("\\")


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("name", "other", "platform"),
        ("environment", "other", "environment"),
        ("region", "us-east-1", "region"),
        ("account", "210987654321", "account"),
        ("state_bucket", "theirs", "state_bucket"),
        ("tracking_uri", "https://evil.example", "mlflow.tracking_uri"),
    ],
)
def test_an_environment_that_is_elsewhere_is_another_one(field, value, key):
    (found,) = differences(PLATFORM, replace(PLATFORM, **{field: value}))
    assert found.startswith(f"{key}: ")
    assert found.endswith(f" became {value}")


def test_an_environment_with_other_sizes_is_the_same_one():
    assert differences(PLATFORM, replace(PLATFORM, max_vcpus=1, disk=500, alert_emails=("a@b.example",))) == ()
