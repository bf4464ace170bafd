"""What endpoints keep of questions and answers."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.sandbox.aws.sagemaker.capture import captured, encoding
from reconciler.sandbox.aws.sagemaker.fleet import Answer
from reconciler.sandbox.aws.sagemaker.questions import Answered, Question

BOTH = [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]
HEADERS = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
NOW = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)


def settings(bucket: str, percent: int, **more: Any) -> dict[str, Any]:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": percent,
        "DestinationS3Uri": f"s3://{bucket}/capture",
        "CaptureOptions": BOTH,
        "CaptureContentTypeHeader": HEADERS,
    }
    return {"DataCaptureConfig": {**capture, **more}}


def test_captured_questions_are_json_lines_below_endpoint_variant_and_hour(serving: Any) -> None:
    bucket = serving.bucket("captured")
    described = serving.serve("captured", settings(bucket, 100))
    assert described["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/capture",
        "KmsKeyId": "",
    }
    serving.ask("captured", b"1,2")
    serving.ask("captured", b"3,4")
    now = datetime.now(UTC)

    def lines() -> list[str]:
        found = serving.objects(bucket)
        return [line for key in sorted(found) for line in found[key].splitlines()]

    serving.eventually(lambda: len(lines()) == 2)
    hours = {f"{moment:%Y/%m/%d/%H}" for moment in (now, now - timedelta(minutes=1))}
    for key in serving.objects(bucket):
        folder, _, name = key.rpartition("/")
        assert folder in {f"capture/captured/AllTraffic/{hour}" for hour in hours}
        assert name.endswith(".jsonl")
    data = [json.loads(line)["captureData"] for line in lines()]
    assert [(one["endpointInput"]["data"], one["endpointOutput"]["data"]) for one in data] == [
        ("1,2", "captured:1,2"),
        ("3,4", "captured:3,4"),
    ]


@pytest.mark.parametrize(
    ("name", "more"),
    [("sampled-none", {"InitialSamplingPercentage": 0}), ("switched-off", {"EnableCapture": False})],
)
def test_nothing_is_kept_where_nothing_is_asked_for(serving: Any, name: str, more: dict[str, Any]) -> None:
    bucket = serving.bucket(name)
    serving.serve(name, settings(bucket, 100, **more))
    serving.serve(f"{name}-control", settings(bucket, 100))
    serving.ask(name)
    serving.ask(f"{name}-control")
    found = serving.eventually(lambda: serving.objects(bucket))
    assert all(key.startswith(f"capture/{name}-control/") for key in found)


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("text/csv", "CSV"),
        ("text/csv; charset=utf-8", "CSV"),
        ("Application/JSON", "JSON"),
        ("application/octet-stream", "BASE64"),
        ("", "BASE64"),
    ],
)
def test_only_content_types_that_are_named_are_kept_as_text(content_type: str, kind: str) -> None:
    assert encoding(content_type, HEADERS) == kind
    assert encoding(content_type, {}) == "BASE64"


def test_a_record_has_the_shape_that_sagemaker_publishes() -> None:
    question = Question(b"\x00", "image/png", attributes="trace", inference_id="mine")
    outcome = Answered("AllTraffic", Answer(200, "application/json", b"[1]"))
    record = captured({"CaptureOptions": BOTH, "CaptureContentTypeHeader": HEADERS}, question, outcome, NOW)
    event = record["eventMetadata"]
    assert record["captureData"] == {
        "endpointInput": {
            "observedContentType": "image/png",
            "mode": "INPUT",
            "data": base64.b64encode(b"\x00").decode(),
            "encoding": "BASE64",
        },
        "endpointOutput": {
            "observedContentType": "application/json",
            "mode": "OUTPUT",
            "data": "[1]",
            "encoding": "JSON",
        },
    }
    assert event.pop("eventId")
    assert event == {"customAttributes": ["trace"], "inferenceId": "mine", "inferenceTime": "2026-11-03T09:05:00Z"}
    assert record["eventVersion"] == "0"


@pytest.mark.parametrize(
    ("modes", "sides"),
    [
        (["Input"], ["endpointInput"]),
        (["Output"], ["endpointOutput"]),
        (["InputAndOutput"], ["endpointInput", "endpointOutput"]),
    ],
)
def test_a_record_holds_the_sides_that_are_asked_for(modes: list[str], sides: list[str]) -> None:
    config = {"CaptureOptions": [{"CaptureMode": mode} for mode in modes]}
    outcome = Answered("AllTraffic", Answer(200, "text/csv", b"1"))
    assert list(captured(config, Question(b"1"), outcome, NOW)["captureData"]) == sides
