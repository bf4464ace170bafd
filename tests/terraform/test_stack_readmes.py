"""The tables of the stacks' READMEs come from the stacks' code."""

import pytest

from support.stack_readmes import OUTPUTS, VARIABLES, blocks, main, put, refresh, row, table

CODE = r"""
variable "releases" {
  description = <<-EOT
    Releases to keep ready,
    written $${name}.
  EOT
  type = list(object({
    name     = string
    realtime = optional(object({ instances = optional(number, 1) }))
  }))
  nullable = false
  default  = [{ name = "v1", realtime = null }]

  validation {
    condition     = alltrue([for one in var.releases : can(regex("^(a|b)$", one.name))])
    error_message = "A name is \"a\" or a|b."
  }
}

variable "network" {
  description = "Network."
  type        = string
  nullable    = false
}

variable "protect" {
  description = "Protected."
  type        = bool
  nullable    = false
  default     = true
}

variable "labels" {
  description = "Labels."
  type        = map(string)
  nullable    = false
  default     = {}
}

output "url" {
  description = "Address of ${"x"}."
  value       = var.network
}
"""

README = """# A stack

Prose before.

## Variables

| name | what |
|---|---|
| `gone` | stale |

Prose between.

## Outputs

None yet.
"""


@pytest.fixture
def stack(tmp_path):
    (tmp_path / "variables.tf").write_text(CODE)
    (tmp_path / "more.auto.tfvars.json").write_text('{"network": "x"}')
    (tmp_path / "README.md").write_text(README)
    return tmp_path


def rows(stack, section) -> dict[str, tuple[str, ...]]:
    given = {"network": "more.auto.tfvars.json"}
    return {name: row(section, name, body, given)[1:] for name, body in blocks(stack, section.block)}


def test_a_variable_is_its_type_its_default_and_all_its_rules(stack):
    found = rows(stack, VARIABLES)
    assert list(found) == ["releases", "network", "protect", "labels"], "in the order of the code"
    assert found["releases"] == (
        "`list(object({name = string, realtime = optional(object({instances = optional(number, 1)}))}))`",
        '`[{ name = "v1", realtime = null }]`',
        'Releases to keep ready, written ${name}. A name is "a" or a|b.',
    )
    assert found["network"] == ("`string`", "`more.auto.tfvars.json`", "Network.")
    assert found["protect"][:2] == ("`bool`", "`true`")
    assert found["labels"][:2] == ("`map(string)`", "`{}`")


def test_an_output_is_its_description(stack):
    assert rows(stack, OUTPUTS) == {"url": ('Address of ${"x"}.',)}


def test_a_table_keeps_what_would_end_a_cell():
    assert table(("name", "default"), [("`a|b`", "")]) == "| name | default |\n|---|---|\n| `a\\|b` | |\n"


def test_only_tables_are_written_and_only_once(stack):
    readme = stack / "README.md"
    assert refresh(readme, write=True)
    text = readme.read_text()
    assert "gone" not in text
    for kept in ("Prose before.", "Prose between.", "None yet."):
        assert text.count(kept) == 1
    assert text.count(VARIABLES.begin) == text.count(OUTPUTS.begin) == 1
    assert not refresh(readme, write=True)
    assert readme.read_text() == text


def test_a_stale_table_is_found_and_left_alone(stack):
    readme = stack / "README.md"
    refresh(readme, write=True)
    stale = readme.read_text().replace("`true`", "`false`")
    readme.write_text(stale)
    assert refresh(readme, write=False)
    assert readme.read_text() == stale


def test_a_readme_without_a_heading_gets_one_at_its_end():
    assert put("# A stack\n", OUTPUTS, "| x |\n") == (
        "# A stack\n\n## Outputs\n\n<!-- begin: outputs -->\n| x |\n<!-- end -->\n"
    )


def test_a_check_fails_when_a_readme_is_stale(stack, monkeypatch, capsys):
    folder = stack.parent / "stacks"
    folder.mkdir()
    stack.rename(folder / "one")
    monkeypatch.setattr("support.stack_readmes.STACKS", folder)
    assert main(["--check"]) == 1
    assert main([]) == 0
    assert main(["--check"]) == 0
    assert capsys.readouterr().out.count("README.md") == 2
