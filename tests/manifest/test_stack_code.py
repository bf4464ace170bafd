"""Digests of the Terraform code, by which a change of it is a change to apply."""

from dataclasses import astuple, replace

import pytest

from reconciler.errors import SettingsMissing


def test_the_digest_of_a_stack_moves_with_its_code_and_not_with_its_tests(desired, checkout):
    before = desired("projects: {}").code
    digests = astuple(before)
    assert len(set(digests)) == 6
    assert {len(digest) for digest in digests} == {12}
    checkout.write("terraform/stacks/training/tests/job.tftest.hcl", "run {}\n")
    checkout.write("terraform/stacks/training/tests/setup/main.tf", "# test\n")
    checkout.write("terraform/stacks/training/.terraform/modules/x.tf", "# downloaded\n")
    checkout.write("terraform/stacks/training/README.md", "# read me\n")
    assert desired("projects: {}").code == before
    for path in ("more.tf", "more.tf.json", "more.auto.tfvars.json", "nested/main.tf", "more.py"):
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


def test_what_the_servers_image_is_built_from_moves_its_digest_and_not_that_of_its_stack(desired, checkout):
    before = desired("projects: {}").code
    checkout.write("terraform/stacks/mlflow-server/image/__pycache__/health.cpython-312.pyc", "compiled\n")
    assert desired("projects: {}").code == before
    checkout.write("terraform/stacks/mlflow-server/image/health.py", "print()\n")
    after = desired("projects: {}").code
    assert after.server_image != before.server_image
    assert after == replace(before, server_image=after.server_image)


def test_the_code_of_the_servers_stack_moves_its_digest_and_not_that_of_its_image(desired, checkout):
    before = desired("projects: {}").code
    checkout.write("terraform/stacks/mlflow-server/vpn.tf", "# vpn\n")
    after = desired("projects: {}").code
    assert after.server != before.server
    assert after == replace(before, server=after.server)


@pytest.mark.parametrize(
    "path", ["deployment/main.tf", "bootstrap/main.tf", "mlflow-server/main.tf", "mlflow-server/image/Dockerfile"]
)
def test_missing_terraform_code_is_an_error(desired, checkout, path):
    (checkout.root / "terraform/stacks" / path).unlink()
    with pytest.raises(SettingsMissing, match="there is no Terraform code in"):
        desired("projects: {}")
