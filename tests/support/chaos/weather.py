"""Bad weather between reconciler and cloud: throttling, slow answers, halved ones, and lists of a moment ago."""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

AGING = re.compile(r"ListEndpoints|ListImages|DescribeImages|/v1/listjobs|runs/search|model-versions/search")
"""Lists that may be as they were: S3's are always true."""
XML = "<ErrorResponse><Error><Code>{code}</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"
S3_XML = "<Error><Code>{code}</Code><Message>Please reduce your request rate.</Message></Error>"


@dataclass
class Weather:
    """Shares of all calls, each from 0 to 1, and what is done to those that are hit."""

    seed: int
    throttled: float = 0.2
    slow: float = 0.2
    seconds: float = 2.0
    """What a slow call takes."""
    halved: float = 0.05
    old: float = 0.1
    met: Counter[str] = field(default_factory=Counter)
    _random: Random = field(init=False)
    _answers: dict[str, list[bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)

    def strikes(self, what: str, share: float) -> bool:
        """Whether a call is hit."""
        with self._lock:
            hit = self._random.random() < share
            self.met[what] += hit
            return hit

    def before(self, command: str, path: str, headers: Mapping[str, str]) -> bytes | None:
        """An answer in the place of the cloud's own; None: the call goes on, perhaps late."""
        if self.strikes("throttled", self.throttled):
            return _throttled(path, headers)
        if self.strikes("slow", self.slow):
            time.sleep(self.seconds)
        return None

    def after(self, words: str, request: bytes, answer: bytes) -> tuple[bytes, bool]:
        """What arrives of an answer, and whether that is all of it."""
        if AGING.search(words):
            known = self._answers.setdefault(f"{words} {request!r}", [])
            known.append(answer)
            if len(known) > 1 and self.strikes("old", self.old):
                answer = known[-2]
        if self.strikes("halved", self.halved):
            return answer[: len(answer) - len(answer) // 4], False
        return answer, True


def _throttled(path: str, headers: Mapping[str, str]) -> bytes:
    """In the words of the service that is asked."""
    if path.startswith("/api/2.0/mlflow"):
        return _answer("429 Too Many Requests", json.dumps({"error_code": "REQUEST_LIMIT_EXCEEDED"}))
    if headers.get("X-Amz-Target"):
        return _answer("400 Bad Request", json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}))
    if path.startswith("/v1/"):
        code = "TooManyRequestsException"
        return _answer("429 Too Many Requests", json.dumps({"message": code}), f"x-amzn-errortype: {code}")
    if "/s3/" in headers.get("Authorization", ""):
        return _answer("503 Slow Down", S3_XML.format(code="SlowDown"))
    return _answer("400 Bad Request", XML.format(code="Throttling"))


def _answer(status: str, body: str, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body]).encode()
