"""A role that was just made is not known everywhere at AWS: what fails for that alone is applied again, for a while."""

import pytest

from reconciler.adapters.terraform import stacks as adapter
from reconciler.adapters.terraform.events import Diagnostic
from reconciler.adapters.terraform.failures import awaits_role
from reconciler.core.reasons import ROLE
from reconciler.errors import Interrupted, TerraformFailed

YOUNG = "Could not assume role arn:aws:iam::1:role/x. Please ensure that the role exists"
STACK = """
terraform {
  required_version = ">= 1.11"
  backend "s3" { use_lockfile = true }
}
variable "known" { type = string }
resource "terraform_data" "model" {
  lifecycle {
    precondition {
      condition     = fileexists(var.known)
      error_message = "SAYS"
    }
  }
}
"""


@pytest.fixture
def known(stacks, tmp_path, monkeypatch):
    """The file whose being there means that the role is known; waits are short."""
    monkeypatch.setattr(adapter, "ROLE_PAUSES", (0.01, 0.02))
    (stacks / "training" / "main.tf").write_text(STACK.replace("SAYS", YOUNG))
    return tmp_path / "known"


def again(said):
    return [line for line in said if "applying again" in line]


def test_what_waits_for_a_role_is_applied_again_in_the_same_run(terraform, known, said):
    def say(line):
        said.append(line)
        if len(again(said)) == 2:
            known.touch()

    terraform().apply("training", "churn", {"known": str(known)}, say)
    assert again(said) == [
        f"AWS cannot assume a role yet, which may be new: applying again in {pause} s" for pause in (0, 0)
    ]
    assert "creating terraform_data.model" in said


def test_a_role_that_is_never_known_is_a_failure_in_the_end(terraform, known, said):
    with pytest.raises(TerraformFailed, match="Could not assume role") as raised:
        terraform().apply("training", "churn", {"known": str(known)}, said.append)
    assert (len(again(said)), raised.value.remedy) == (2, ROLE)


def test_waiting_for_a_role_can_be_interrupted(terraform, known, said, cancel):
    def say(line):
        said.append(line)
        if again(said):
            cancel.set()

    with pytest.raises(Interrupted, match="was not made again"):
        terraform().apply("training", "churn", {"known": str(known)}, say)


def test_what_fails_for_something_else_is_applied_once(terraform, known, stacks, said):
    (stacks / "training" / "main.tf").write_text(STACK.replace("SAYS", "Colourless green ideas sleep furiously."))
    with pytest.raises(TerraformFailed):
        terraform().apply("training", "churn", {"known": str(known)}, said.append)
    assert again(said) == []


@pytest.mark.parametrize(
    ("errors", "waits"), [((), False), ((YOUNG,), True), ((YOUNG, YOUNG), True), ((YOUNG, "access denied"), False)]
)
def test_only_what_fails_for_nothing_but_roles_is_worth_a_wait(errors, waits):
    assert awaits_role([Diagnostic("error", one) for one in errors]) is waits
