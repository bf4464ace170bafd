import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from reconciler.sandbox.aws.batch.container import environment, fill_in, resolve
from reconciler.sandbox.aws.batch.describe import name_matches
from reconciler.sandbox.aws.batch.slots import Slots
from reconciler.sandbox.aws.faults.calls import recognise
from reconciler.sandbox.aws.sagemaker.variants import Release, data_capture_summary, described, resize, retain

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("command", "parameters", "filled"),
    [
        (["run", "Ref::name"], {"name": "churn"}, ("run", "churn")),
        (["--tag=Ref::a/Ref::b"], {"a": "1", "b": "2"}, ("--tag=1/2",)),
        (["Ref::unknown"], {"name": "churn"}, ("Ref::unknown",)),
        (["Ref::a", "Ref::ab"], {"a": "1", "ab": "2"}, ("1", "2")),
        (["Ref::a"], {"a": "Ref::b", "b": "2"}, ("Ref::b",)),
        ([], {}, ()),
    ],
)
def test_parameters_take_the_place_of_placeholders(
    command: list[str], parameters: dict[str, str], filled: tuple[str, ...]
) -> None:
    assert fill_in(command, parameters) == filled


def test_overrides_win_over_the_definition() -> None:
    properties = {
        "image": "i",
        "command": ["a"],
        "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    }
    overrides = {"command": ["b"], "environment": [{"name": "B", "value": "3"}]}
    assert environment(properties, overrides) == {"A": "1", "B": "3"}
    assert resolve(properties, overrides, {}, "train").command == ("b",)


@pytest.mark.parametrize(
    ("options", "group", "prefix"),
    [({}, "/aws/batch/job", "train"), ({"awslogs-group": "/g", "awslogs-stream-prefix": "p"}, "/g", "p")],
)
def test_logs_go_where_the_definition_says(options: dict[str, str], group: str, prefix: str) -> None:
    container = resolve({"image": "i", "logConfiguration": {"options": options}}, {}, {}, "train")
    assert (container.log_group, container.log_prefix) == (group, prefix)


@pytest.mark.parametrize(
    ("name", "pattern", "matches"),
    [("acme-prod-a", "acme-prod-*", True), ("ACME", "acme", True), ("acme-a", "acme", False), ("a*b", "a*c", False)],
)
def test_a_name_filter_knows_an_asterisk_at_its_end_only(name: str, pattern: str, matches: bool) -> None:
    assert name_matches(name, [pattern]) is matches


def test_slots_are_given_in_the_order_they_were_asked_for() -> None:
    slots, order = Slots(1), []
    assert slots.acquire(lambda: False)
    entered = [threading.Event() for _ in range(3)]

    def work(number: int) -> None:
        def look() -> bool:
            entered[number].set()  # asked for the first time once it stands in line
            return False

        slots.acquire(look)
        order.append(number)
        slots.release()

    threads = []
    for number in range(3):
        threads.append(threading.Thread(target=work, args=(number,)))
        threads[-1].start()
        assert entered[number].wait(5)
    slots.release()
    for thread in threads:
        thread.join(5)
    assert order == [0, 1, 2]


def test_who_gives_up_leaves_the_line_to_the_next() -> None:
    slots = Slots(1)
    assert slots.acquire(lambda: False)
    assert not slots.acquire(lambda: True)
    slots.release()
    assert slots.acquire(lambda: True)


SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        (
            {"InitialInstanceCount": 2, "InitialVariantWeight": 0.0},
            {"CurrentInstanceCount": 2, "DesiredInstanceCount": 2, "CurrentWeight": 0.0, "DesiredWeight": 0.0},
        ),
        (
            {"ServerlessConfig": SERVERLESS},
            {
                "CurrentServerlessConfig": SERVERLESS,
                "DesiredServerlessConfig": SERVERLESS,
                "CurrentWeight": 1.0,
                "DesiredWeight": 1.0,
            },
        ),
    ],
)
def test_a_variant_is_described_as_it_serves(variant: dict[str, Any], expected: dict[str, Any]) -> None:
    shown = described({"VariantName": "A", **variant}, "image", NOW)
    images = [{"SpecifiedImage": "image", "ResolvedImage": "image", "ResolutionTime": NOW}]
    assert shown == {"VariantName": "A", "DeployedImages": images, **expected}


def a_release(name: str, count: int, weight: float) -> Release:
    variant = {"VariantName": "A", "InitialInstanceCount": count, "InitialVariantWeight": weight}
    return Release(name, (), (described(variant, "image", NOW),))


@pytest.mark.parametrize(
    ("excluded", "count", "weight"), [([], 5, 0.5), (["DesiredInstanceCount"], 1, 0.5), (["DesiredWeight"], 5, 1.0)]
)
def test_an_update_retains_what_it_is_told_to(excluded: list[str], count: int, weight: float) -> None:
    kept = retain(a_release("new", 1, 1.0), a_release("old", 5, 0.5), excluded)
    (variant,) = kept.variants
    assert (kept.config_name, variant["CurrentInstanceCount"], variant["DesiredWeight"]) == ("new", count, weight)


def test_resizing_changes_only_what_is_named() -> None:
    (variant,) = resize(a_release("c", 1, 1.0), [{"VariantName": "A", "DesiredInstanceCount": 4}]).variants
    assert (variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (4, 1.0)


def test_resizing_an_unknown_variant_is_refused() -> None:
    with pytest.raises(RuntimeError, match='"B" is/are not present'):
        resize(a_release("c", 1, 1.0), [{"VariantName": "B", "DesiredWeight": 1}])


def test_no_data_capture_is_shown_where_none_is_configured() -> None:
    assert data_capture_summary({}) is None
    shown = data_capture_summary({"EnableCapture": True, "InitialSamplingPercentage": 20, "DestinationS3Uri": "s3://b"})
    assert shown is not None
    assert (shown["CaptureStatus"], shown["CurrentSamplingPercentage"]) == ("Started", 20)


BATCH = {"HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/batch/aws4_request, Signature=0"}
FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.mark.parametrize(
    ("request_", "body", "changes"),
    [
        ({"REQUEST_METHOD": "GET", "PATH_INFO": "/bucket/key"}, b"", False),
        ({"REQUEST_METHOD": "PUT", "PATH_INFO": "/bucket/describe"}, b"", True),
        ({"HTTP_X_AMZ_TARGET": "SageMaker.DescribeEndpoint"}, b"", False),
        ({"HTTP_X_AMZ_TARGET": "SageMaker.UpdateEndpoint"}, b"", True),
        ({"HTTP_X_AMZ_TARGET": "Logs_20140328.FilterLogEvents"}, b"", False),
        (FORM, b"Action=GetRole&Version=2010-05-08", False),
        (FORM, b"Action=CreateRole&Version=2010-05-08", True),
        ({"PATH_INFO": "/v1/describejobs", **BATCH}, b"{}", False),
        ({"PATH_INFO": "/v1/submitjob", **BATCH}, b"{}", True),
    ],
)
def test_only_what_may_change_something_is_saved(request_: Mapping[str, Any], body: bytes, changes: bool) -> None:
    assert recognise({"REQUEST_METHOD": "POST", "PATH_INFO": "/", **request_}, body).reads is not changes
