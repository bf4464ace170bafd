"""Nothing is printed with a secret of the environment in it, whoever prints it."""

import io
import sys

import click
import pytest
from rich.console import Console

from reconciler.cli import run
from reconciler.cli.door import guarded
from reconciler.core.redaction import Redactor

SECRET = "canary-in-the-environment"
REDACT = Redactor.of({"A_TOKEN": SECRET})


def by_print(text):
    sys.stdout.write(text)


def by_click(text):
    click.echo(text)


def by_click_in_bytes(text):
    click.echo(text.encode())


def by_click_on_the_other_stream(text):
    click.echo(text, err=True)


def by_rich(text):
    Console(width=200).print(text)


@pytest.mark.parametrize(
    "say", [by_print, by_click, by_click_in_bytes, by_click_on_the_other_stream, by_rich], ids=lambda say: say.__name__
)
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_every_way_to_print_goes_through_the_door(say, encoding, monkeypatch):
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) for _ in range(2)]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    with guarded(REDACT.output):
        say(f"<{SECRET}>")
    written = b"".join(stream.buffer.getvalue() for stream in streams)
    assert written.strip() == b"<***>"


def test_the_streams_are_as_they_were_afterwards():
    before = sys.stdout, sys.stderr
    run(["--version"])
    assert (sys.stdout, sys.stderr) == before


def test_the_program_knows_the_secrets_of_its_environment(monkeypatch, capsys):
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", SECRET)
    assert run([SECRET]) == 1
    assert "no such command '***'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("encoding", "text", "expected"),
    [
        ("ascii", "a \u2026 \u2192 \u00fc", b"a ... -> ?"),
        ("iso-8859-1", "\u00fc \u2014 \u65e5", b"\xfc - ?"),
        ("utf-8", "\u00fc \u2026 @\u200ball", "\u00fc \u2026 @\u200ball".encode()),
        ("utf-8", "a name of bad bytes: \udcff", b"a name of bad bytes: ?"),
    ],
)
def test_what_the_other_side_cannot_show_is_written_in_other_words(encoding, text, expected, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    monkeypatch.setattr(sys, "stdout", stream)
    with guarded(REDACT.output):
        sys.stdout.write(text)
    assert stream.buffer.getvalue() == expected


@pytest.mark.parametrize(("watched", "expected"), [(True, b"..."), (False, "\u2026".encode())])
def test_a_terminal_in_the_c_locale_is_given_ascii_and_a_file_what_was_meant(watched, expected, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    monkeypatch.setattr(stream, "isatty", lambda: watched, raising=False)
    monkeypatch.setattr(sys, "stdout", stream)
    with guarded(REDACT.output, ascii_only=True):
        sys.stdout.write("\u2026")
    assert stream.buffer.getvalue() == expected
