"""Digests of the Terraform code, by which a change of it is a change to apply."""

import pytest

from reconciler.errors import SettingsMissing


def test_the_digest_of_a_stack_moves_with_its_code_and_not_with_its_tests(desired, checkout):
    before = desired("projects: {}").code
    assert len({before.platform, before.training, before.deployment}) == 3
    assert {len(digest) for digest in (before.platform, before.training, before.deployment)} == {12}
    checkout.write("terraform/stacks/training/tests/job.tftest.hcl", "run {}\n")
    checkout.write("terraform/stacks/training/tests/setup/main.tf", "# test\n")
    checkout.write("terraform/stacks/training/.terraform/modules/x.tf", "# downloaded\n")
    checkout.write("terraform/stacks/training/README.md", "# read me\n")
    assert desired("projects: {}").code == before
    for path in ("more.tf", "more.tf.json", "more.auto.tfvars.json", "nested/main.tf"):
        moved = desired("projects: {}").code.training
        checkout.write(f"terraform/stacks/training/{path}", "{}\n")
        assert desired("projects: {}").code.training != moved
    assert desired("projects: {}").code.platform == before.platform


def test_moving_text_from_one_file_to_another_moves_the_digest(desired, checkout):
    checkout.write("terraform/stacks/training/a.tf", "ab")
    checkout.write("terraform/stacks/training/b.tf", "c")
    before = desired("projects: {}").code.training
    checkout.write("terraform/stacks/training/a.tf", "a")
    checkout.write("terraform/stacks/training/b.tf", "bc")
    assert desired("projects: {}").code.training != before


def test_missing_terraform_code_is_an_error(desired, checkout):
    (checkout.root / "terraform/stacks/deployment/main.tf").unlink()
    with pytest.raises(SettingsMissing, match="there is no Terraform code in"):
        desired("projects: {}")
