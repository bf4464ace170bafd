"""Data capture: a share of an endpoint's questions and answers, written to S3 as SageMaker lays them out.

Records are JSON lines under `<destination>/<endpoint>/<variant>/<yyyy>/<mm>/<dd>/<hh>/`, in UTC.
"""

import base64
import json
import logging
import random
import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.sagemaker import objects
from reconciler.sandbox.aws.sagemaker.questions import Answered, Question, Serving

log = logging.getLogger(__name__)

DELAY = 1.0  # seconds; what is captured meanwhile goes into the same file
INPUT, OUTPUT = "Input", "Output"
SIDES = {INPUT: "endpointInput", OUTPUT: "endpointOutput"}


class Recorder:
    """Collects records and writes them a moment later."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._lines: dict[tuple[str, str], list[str]] = {}
        """By folder, and the role that writes there."""
        self._timer: threading.Timer | None = None

    def record(self, serving: Serving, question: Question, outcome: Answered) -> None:
        """Take a question and its answer, if the endpoint captures and chance picks them."""
        config = serving.release.capture or {}
        if not config.get("EnableCapture", True) or not _picked(config.get("InitialSamplingPercentage", 0)):
            return
        now = datetime.now(UTC)
        hour = now.strftime("%Y/%m/%d/%H")
        folder = objects.below(config["DestinationS3Uri"], serving.endpoint.endpoint_name, outcome.variant, hour)
        line = json.dumps(captured(config, question, outcome, now))
        with self._cloud.lock:
            self._lines.setdefault((folder, serving.release.role), []).append(line)
            self._flush_soon()

    def flush(self) -> None:
        """Write what was collected."""
        with self._cloud.change():
            collected, self._lines, self._timer = self._lines, {}, None
            for (folder, role), lines in collected.items():
                _write(folder, lines, role)

    def _flush_soon(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(DELAY, self.flush)
            self._timer.daemon = True
            self._timer.start()


def captured(config: Mapping[str, Any], question: Question, outcome: Answered, now: datetime) -> dict[str, Any]:
    """One record."""
    wanted = {option["CaptureMode"] for option in config["CaptureOptions"]}
    modes = {INPUT, OUTPUT} if "InputAndOutput" in wanted else wanted
    sides = {INPUT: (question.body, question.content_type), OUTPUT: (outcome.answer.body, outcome.answer.content_type)}
    headers = config.get("CaptureContentTypeHeader") or {}
    data = {SIDES[mode]: _side(mode, *sides[mode], headers) for mode in SIDES if mode in modes}
    event: dict[str, Any] = {"eventId": str(uuid.uuid4())}
    if question.attributes:
        event["customAttributes"] = [question.attributes]
    if question.inference_id:
        event["inferenceId"] = question.inference_id
    event["inferenceTime"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"captureData": data, "eventMetadata": event, "eventVersion": "0"}


def encoding(content_type: str, headers: Mapping[str, list[str]]) -> str:
    """How data of a content type is written: as text when the configuration says that it is CSV or JSON."""
    media = content_type.partition(";")[0].strip().lower()
    for name, kind in (("CsvContentTypes", "CSV"), ("JsonContentTypes", "JSON")):
        if media in {one.lower() for one in headers.get(name) or ()}:
            return kind
    return "BASE64"


def _side(mode: str, body: bytes, content_type: str, headers: Mapping[str, list[str]]) -> dict[str, str]:
    kind = encoding(content_type, headers)
    data = base64.b64encode(body).decode() if kind == "BASE64" else body.decode(errors="replace")
    return {"observedContentType": content_type, "mode": mode.upper(), "data": data, "encoding": kind}


def _picked(percent: float) -> bool:
    return random.uniform(0, 100) < percent  # noqa: S311 - picks a sample, keeps no secret


def _write(folder: str, lines: list[str], role: str) -> None:
    name = datetime.now(UTC).strftime("%M-%S-%f")[:-3]
    content = "".join(f"{line}\n" for line in lines).encode()
    try:
        objects.write(f"{folder}/{name}-{uuid.uuid4()}.jsonl", content, "text/plain", role)
    except RuntimeError as problem:
        log.warning("The sandbox could not keep captured data: %s", problem)
