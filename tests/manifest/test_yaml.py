"""Files that are not what a manifest's text should be."""

from pathlib import Path

import pytest
import yaml

from reconciler.errors import ManifestInvalid
from reconciler.manifest import document as module
from reconciler.manifest import load
from reconciler.manifest.document import MAX_VALUES, read_document


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "m.yaml:1: the file is empty"),
        (b"# only a comment\n", "m.yaml:1: the file is empty"),
        (b"- version: 1\n", "m.yaml:1: a list is not a manifest"),
        (b"hello\n", "m.yaml:1: 'hello' is not a manifest"),
        (b"~\n", "m.yaml:1: nothing is not a manifest"),
        (b"version: 1\nplatform: \xff\n", "m.yaml:2: is not UTF-8 text: byte 0xff"),
        ("version: 1\n".encode("utf-16"), "m.yaml:1: is not UTF-8 text"),
        (b"version: 1\nplatform: a\x07b\n", "m.yaml:2: is not valid YAML: it holds the control character '\\x07'"),
        (
            "version: 1\n# a\u2028platform: b\n".encode(),
            "m.yaml:2: holds the line break '\\u2028', on which YAML readers",
        ),
        (b"version: 1\nplatform: [a\n", "m.yaml:2: is not valid YAML"),
        (b"version: 1\n\tplatform: a\n", "m.yaml:2: is not valid YAML"),
        (b"version: 1\nplatform: a: b\n", "m.yaml:2: is not valid YAML"),
        (b"version: 1\nplatform: *nothing\n", "m.yaml:2: is not valid YAML: found undefined alias"),
        (b"version: 1\n---\nversion: 1\n", "m.yaml:2: is not valid YAML: expected a single document"),
        (b"version: 1\nplatform: " + b"[" * 100_000, "m.yaml:2: is nested more than 20 levels deep"),
        (b"".join(b" " * depth + b"a:\n" for depth in range(300)), "m.yaml:21: is nested more than 20 levels deep"),
    ],
)
def test_a_file_that_is_no_manifest_gives_one_problem_with_its_line(tmp_path, monkeypatch, raw, expected):
    monkeypatch.chdir(tmp_path)
    Path("m.yaml").write_bytes(raw)
    with pytest.raises(ManifestInvalid) as caught:
        load(Path("m.yaml"), {})
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(expected)


def test_a_byte_order_mark_is_no_problem(tmp_path, header):
    path = tmp_path / "m.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + f"{header}projects: {{}}\n".encode())
    assert load(path, {}).platform.name == "acme"


def test_aliases_of_aliases_do_not_eat_the_memory():
    doubled = "\n".join(f"a{step}: &a{step} [*a{step - 1}, *a{step - 1}]" for step in range(1, 15))
    document = read_document(f"a0: &a0 [x, x, x, x, x, x, x, x]\n{doubled}\n")
    assert len(document.lines) <= MAX_VALUES + 20_000
    said = ["the aliases of this file unfold to more than 200000 keys and values"]
    assert [problem.what for problem in document.problems] == said


def test_merges_of_merges_do_not_eat_the_time():
    doubled = "\n".join(f"a{step}: &a{step} {{<<: [*a{step - 1}, *a{step - 1}]}}" for step in range(1, 18))
    document = read_document(f"a0: &a0 {{x: 1}}\n{doubled}\n")
    assert [problem.what for problem in document.problems] == ["is nested more than 20 levels deep"]


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "a: &a\n  <<: *a"])
def test_an_alias_that_holds_itself_is_a_problem(text):
    assert [problem.what for problem in read_document(text).problems] == ["is an alias that holds itself"]


def test_aliases_may_not_nest_deeper_than_text():
    chain = "\n".join(f"a{step}: &a{step} [*a{step - 1}]" for step in range(1, 60))
    assert any("levels deep" in problem.what for problem in read_document(f"a0: &a0 [x]\n{chain}\n").problems)


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("0.5", 0.5),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("2026-12-01", "2026-12-01"),
        ("'012'", "012"),
        ('"yes"', "yes"),
        ("1e3", "1e3"),
        ("12.0", 12.0),
        ("=", "="),
    ],
)
def test_plain_values_mean_what_they_look_like(scalar, value):
    document = read_document(f"key: {scalar}\n")
    assert document.problems == ()
    assert document.value == {"key": value}
    assert type(document.value["key"]) is type(value)


@pytest.mark.parametrize(
    ("scalar", "said"),
    [
        ("yes", 'write true, or as text "yes" in quotes'),
        ("Off", 'write false, or as text "Off" in quotes'),
        ("4:30", "to the base of 60"),
        ("1:30.5", "to the base of 60"),
        ("0777", "octal"),
        ("012345678901", "octal"),
        ("0x1F", "plain decimal digits"),
        ("0b11", "plain decimal digits"),
        ("1_000", "plain decimal digits"),
        (".inf", "plain decimal digits"),
        (".nan", "plain decimal digits"),
        ("1.5e+3", "plain decimal digits"),
        ("9" * 23, "999 has more than 18 digits"),
        ("9" * 5000, "has more than 18 digits"),
        ("!secret x", "the tag !secret is not used"),
        ("!!binary aGk=", "the tag !!binary is not used"),
    ],
)
def test_values_that_yaml_readers_disagree_on_are_refused_with_the_way_to_write_them(scalar, said):
    document = read_document(f"key: {scalar}\n")
    assert len(document.problems) == 1
    assert said in document.problems[0].what
    assert document.unread == {("key",)}


@pytest.mark.parametrize("deep", ["[" * 100_000, "{a: " * 100_000])
def test_a_machine_without_libyaml_reads_the_same(monkeypatch, header, deep):
    texts = [
        f"{header}a: &a {{<<: {{b: 012}}, 'c': yes}}\nd: *a\ne: [0x1, '1']\n",
        f"a: {deep}",
        "a: [b",
        "a: 1\n---\n",
    ]
    fast = [read_document(text) for text in texts]
    monkeypatch.setattr(module, "Loader", yaml.SafeLoader)
    slow = [read_document(text) for text in texts]
    assert [one.value for one in slow] == [one.value for one in fast]
    assert [[(at.where, at.line) for at in one.problems] for one in slow] == [
        [(at.where, at.line) for at in one.problems] for one in fast
    ]
