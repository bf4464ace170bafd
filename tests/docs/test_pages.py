"""The documentation of this very checkout."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import errors
from support.docs.__main__ import check, main, markdown_files, stale

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path):
    """The documentation, and what it is checked against."""
    for name in ("docs", "manifests", "reconciler"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Makefile", tmp_path)
    subprocess.run(("git", "init", "--quiet"), cwd=tmp_path, check=True)
    return tmp_path


def test_every_page_is_as_it_should_be():
    assert list(check(ROOT)) == []


def test_every_markdown_file_is_looked_at():
    found = {path.relative_to(ROOT).as_posix() for path in markdown_files(ROOT)}
    assert {"README.md", "CONTRIBUTING.md", "policies/README.md", "terraform/stacks/training/README.md"} <= found
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")} <= found


@pytest.mark.parametrize(
    ("page", "before", "after"),
    [
        ("docs/manifest.md", "| `attempts` |", "| `atempts` |"),
        ("docs/adr/README.md", "[A model carries its network]", "[A model]"),
    ],
)
def test_a_part_that_is_written_from_code_is_written_anew_when_it_is_stale(checkout, page, before, after):
    path = checkout / page
    text = path.read_text()
    path.write_text(text.replace(before, after))
    [found] = stale(checkout)
    assert (found.path, found.text) == (path, text)


def test_a_changed_schema_makes_the_reference_stale(checkout):
    schema = checkout / "manifests" / "schema.json"
    schema.write_text(schema.read_text().replace("GiB of each EC2 instance", "GiB of each machine"))
    assert [page.path.name for page in stale(checkout)] == ["manifest.md"]


def test_every_key_of_the_example_is_in_the_reference():
    example = re.sub(r"parameters: {.*}", "parameters:", (ROOT / "manifests" / "example.yaml").read_text())
    keys = set(re.findall(r"(?:^|[{,]) *([a-z_0-9]+):(?: |$)", re.sub("#.*", "", example), re.MULTILINE))
    assert {"keep_versions", "errors_5xx", "backlog_per_instance"} <= keys
    reference = (ROOT / "docs" / "manifest.md").read_text()
    assert [key for key in sorted(keys) if f"| `{key}` |" not in reference and key not in example_names(example)] == []


def example_names(example: str) -> set[str]:
    """Names of the projects that the example has."""
    return set(re.findall(r"^  ([a-z-]+):", example.partition("\nprojects:\n")[2], re.MULTILINE))


def test_every_single_value_has_an_example_wherever_its_key_is_told():
    rows = re.findall(
        r"^\| `(\w+)` \| (.+?) \| .*\| (\S.*)?\|$", (ROOT / "docs" / "manifest.md").read_text(), re.MULTILINE
    )
    single = {key for key, kind, _ in rows if "](#" not in kind}
    assert len(single) > 60
    assert single - {key for key, _, example in rows if example} == set()


def test_every_exit_code_is_explained():
    codes = {one.exit_code for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "exit_code")}
    page = (ROOT / "docs" / "exit-codes.md").read_text()
    assert {0, 2, *codes} == {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}


def test_a_fault_is_told_and_ends_with_one(checkout, monkeypatch, capsys):
    monkeypatch.setattr("support.docs.__main__.ROOT", checkout)
    (checkout / "docs" / "index.md").write_text("[gone](gone.md)\n")
    (checkout / "manifests" / "example.yaml").write_text("projects: {}\n")
    assert main(["--check"]) == 1
    told = capsys.readouterr().out.splitlines()
    assert {"docs/index.md:1: gone.md is not there", "docs/manifest.md: is stale: make fmt"} <= set(told)


def build(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site))
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root / "tests"), "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_the_site_is_built_loads_nothing_and_leads_to_files_outside_its_folder(tmp_path):
    ended = build(ROOT, tmp_path)
    assert ended.returncode == 0, ended.stderr
    index = (tmp_path / "index.html").read_text()
    assert 'href="repository/policies/index.html"' in index
    assert (tmp_path / "repository" / "policies" / "index.html").is_file()
    assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="https?://', index) == []


def test_a_site_with_a_page_that_nothing_leads_to_is_not_built(checkout, tmp_path):
    shutil.copytree(ROOT / "tests" / "support" / "docs", checkout / "tests" / "support" / "docs")
    shutil.copy(ROOT / "mkdocs.yml", checkout)
    (checkout / "docs" / "forgotten.md").write_text("# Forgotten\n")
    ended = build(checkout, tmp_path / "site")
    assert ended.returncode == 1
    assert "forgotten.md" in ended.stderr
