"""Every stack is valid, passes its own tests and says what it takes and gives."""

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

KINDS = ("bootstrap", "mlflow-server", "platform", "training", "deployment")
BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def code(stacks: Path, kind: str) -> str:
    return "\n".join(path.read_text() for path in sorted((stacks / kind).glob("*.tf")))


def blocks(stacks: Path, kind: str, sort: str) -> dict[str, str]:
    """Body of every variable, or output, by name."""
    return {name: body for found, name, body in BLOCK.findall(code(stacks, kind)) if found == sort}


@pytest.mark.e2e
@pytest.mark.parametrize("kind", KINDS)
def test_a_stack_is_valid_and_passes_its_own_tests(
    kind: str, make_stack: Callable[[str], Any], shared_provider: Callable[[Any], Mapping[str, str]]
) -> None:
    stack = make_stack(kind)
    provider = shared_provider(stack)
    valid = stack.terraform("validate", "-no-color", **provider)
    assert valid.code == 0, valid
    assert "warning" not in valid.out.lower(), valid
    ran = stack.terraform("test", "-no-color", **provider)
    assert ran.code == 0, ran
    assert re.search(r"Success! [1-9]\d* passed, 0 failed\.", ran.out), ran


def test_the_code_is_formatted(stacks: Path, terraform_environment: dict[str, str]) -> None:
    command = ("terraform", "fmt", "-check", "-diff", "-recursive", str(stacks.parent))
    ran = subprocess.run(command, env=terraform_environment, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_the_readme_lists_every_variable_and_every_output(stacks: Path, kind: str) -> None:
    variables, outputs = (stacks / kind / "README.md").read_text().split("## Outputs")
    assert sorted(ROW.findall(variables)) == sorted(blocks(stacks, kind, "variable"))
    assert sorted(ROW.findall(outputs)) == sorted(blocks(stacks, kind, "output"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_variable_is_described_typed_and_never_null(stacks: Path, kind: str) -> None:
    for name, body in blocks(stacks, kind, "variable").items():
        for line in ("  description = ", "  type = ", "  nullable = false"):
            assert line in re.sub(r" +=", " =", body), f"{kind}: variable {name} lacks {line.strip()}"
        assert not re.search(r"\bany\b", body.split("type", 1)[1].split("\n")[0]), (
            f"{kind}: variable {name} is of any type"
        )


@pytest.mark.parametrize("kind", KINDS)
def test_every_output_is_described(stacks: Path, kind: str) -> None:
    assert all("description" in body for body in blocks(stacks, kind, "output").values())


@pytest.mark.parametrize("kind", KINDS)
def test_drift_that_a_stack_overlooks_has_its_reason_above_it(stacks: Path, kind: str) -> None:
    lines = code(stacks, kind).splitlines()
    overlooked = [number for number, line in enumerate(lines) if "ignore_changes" in line]
    assert all(lines[number - 1].strip().startswith("#") for number in overlooked)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", ["local-exec", "endpoints {", "localhost", "127.0.0.1"])
def test_no_stack_runs_commands_or_knows_of_the_sandbox(stacks: Path, kind: str, word: str) -> None:
    assert word not in code(stacks, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_a_run_stays_in_the_repository(stacks: Path, kind: str) -> None:
    assert not [path.name for path in (stacks / kind).iterdir() if path.name.startswith(".terraform")]


def test_default_resources_are_written_as_aws_batch_writes_them(stacks: Path) -> None:
    defaults = json.loads((stacks / "training" / "defaults.auto.tfvars.json").read_text())
    requirements = {each["type"]: each["value"] for each in defaults["default_resource_requirements"]}
    assert requirements == {"VCPU": "1", "MEMORY": "2048"}
