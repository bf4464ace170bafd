"""Terraform's stream of events, as a person reads it."""

import json

import pytest

from reconciler.adapters.terraform.events import Diagnostic, Lock, diagnostic, held_lock, parse, progress
from reconciler.adapters.terraform.transcript import Transcript


def hook(kind: str, action: str = "create", **more) -> dict:
    return {"type": kind, "hook": {"resource": {"addr": "aws_x.y"}, "action": action, **more}}


@pytest.mark.parametrize("line", ["", "Terraform crashed", "{", "[1]", "7", '{"no": "type"}'])
def test_text_that_is_no_event_is_none(line):
    assert parse(line) is None


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (hook("apply_start"), "creating aws_x.y"),
        (hook("apply_start", "update"), "updating aws_x.y"),
        (hook("apply_start", "delete"), "destroying aws_x.y"),
        (hook("apply_start", "read"), None),
        (hook("apply_complete", "read", elapsed_seconds=0), None),
        (hook("apply_errored", "read"), "failed reading aws_x.y"),
        (hook("apply_start", "forget"), "forget aws_x.y"),
        (hook("apply_progress", elapsed_seconds=20), None),
        (hook("apply_progress", elapsed_seconds=30), "still creating aws_x.y, 30 s"),
        (hook("apply_complete", elapsed_seconds=0), None),
        (hook("apply_complete", "delete", elapsed_seconds=3), "destroyed aws_x.y in 3 s"),
        (hook("apply_complete", id_key="id", id_value="secret-id", elapsed_seconds=3), "created aws_x.y in 3 s"),
        (hook("apply_errored", "update"), "failed updating aws_x.y"),
        (
            {"type": "change_summary", "changes": {"operation": "plan", "add": 1, "change": 2, "remove": 3}},
            "1 to add, 2 to change, 3 to destroy",
        ),
        ({"type": "change_summary", "changes": {"operation": "apply", "add": 1}}, None),
        ({"type": "outputs", "outputs": {"password": {"value": "hush"}}}, None),
        ({"type": "planned_change", "change": {"resource": {"addr": "aws_x.y"}}}, None),
        ({"type": "apply_start"}, None),
        ({"type": "an event of the next version"}, None),
    ],
)
def test_an_event_is_told_in_a_few_words_or_not_at_all(event, told):
    assert progress(event) == told


FOUND = {
    "severity": "error",
    "summary": "Invalid value",
    "detail": "It is\n\n  too long.",
    "address": "aws_x.y",
    "range": {"filename": "main.tf", "start": {"line": 7, "column": 1}},
    "snippet": {"code": 'password = "hush"', "values": [{"traversal": "var.password", "statement": 'is "hush"'}]},
}


def test_a_diagnostic_says_what_and_where_and_shows_no_value():
    found = diagnostic({"type": "diagnostic", "diagnostic": FOUND})
    assert found == Diagnostic("error", "Invalid value", "It is\n\n  too long.", "aws_x.y", "main.tf:7")
    assert found.sentence == "Invalid value: It is too long. (aws_x.y, main.tf:7)"


@pytest.mark.parametrize(
    ("summary", "detail", "sentence"),
    [("Only this", "", "Only this"), ("Twice", "Twice", "Twice"), ("a\nb", "c", "a b: c")],
)
def test_a_diagnostic_is_one_line(summary, detail, sentence):
    found = diagnostic(
        {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": summary, "detail": detail}}
    )
    assert found.sentence == sentence


@pytest.mark.parametrize("event", [{"type": "log"}, {"type": "diagnostic"}, {"type": "diagnostic", "diagnostic": {}}])
def test_other_events_carry_no_diagnostic(event):
    assert diagnostic(event) is None


INFO = """ConditionalRequestConflict
Lock Info:
  ID:        4711
  Path:      states/prod/platform.tfstate
  Operation: OperationTypeApply
  Who:       ann@box
  Version:   1.11.4
  Created:   2026-01-02 03:04:05.6 +0000 UTC
  Info:

Terraform acquires a state lock to protect the state from being written by multiple users.
"""
HELD = Lock("4711", "ann@box", "apply", "2026-01-02 03:04:05.6 +0000 UTC")


@pytest.mark.parametrize(
    ("found", "lock"),
    [
        (Diagnostic("error", "Error acquiring the state lock", INFO), HELD),
        (Diagnostic("error", f"error loading state: failed to lock s3 state: {INFO}"), HELD),
        (Diagnostic("error", "Error acquiring the state lock", "no more is known"), Lock("", "somebody", "", "")),
        (Diagnostic("error", "Something else", INFO), None),
    ],
)
def test_a_held_lock_is_told_apart_from_other_errors(found, lock):
    assert held_lock(found) == lock


def test_a_transcript_passes_on_progress_and_warnings_and_keeps_errors():
    said: list[str] = []
    transcript = Transcript(said.append)
    warning = {"type": "diagnostic", "diagnostic": {"severity": "warning", "summary": "Deprecated"}}
    for event in (hook("apply_start"), warning, {"type": "diagnostic", "diagnostic": FOUND}, {"type": "outputs"}):
        transcript.tell(json.dumps(event))
    transcript.tell("panic: not JSON")
    assert said == ["creating aws_x.y", "warning: Deprecated"]
    assert [found.summary for found in transcript.errors] == ["Invalid value"]
