"""The stock AWS provider against the sandbox: what is applied once has no more changes."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.terraform.provider import configuration, likely_folders, look, this_machine
from support.access import KEYS

STACK = Path(__file__).with_name("terraform")
NO_CHANGES, CHANGES = 0, 2

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not shutil.which("terraform"), reason="Terraform is not installed"),
]


@pytest.fixture
def terraform(box: Any, tmp_path: Path) -> Callable[..., None]:
    """Runs Terraform on a copy of the stack, and shows what it said when it ends otherwise than expected."""
    folder = tmp_path / "stack"
    shutil.copytree(STACK, folder)
    cli = tmp_path / "terraform.rc"
    cli.write_text(configuration(look(likely_folders(os.environ), this_machine()).mirrors))
    env = {
        **os.environ,
        "TF_CLI_CONFIG_FILE": str(cli),
        "TF_IN_AUTOMATION": "1",
        "AWS_ENDPOINT_URL": box.url,
        "AWS_REGION": "eu-west-1",
        **KEYS.for_aws(),
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    def run(*arguments: str, variables: Mapping[str, Any] | None = None, code: int = NO_CHANGES) -> None:
        (folder / "terraform.tfvars.json").write_text(json.dumps(variables or {}))
        done = subprocess.run(
            ("terraform", *arguments, "-no-color", "-input=false"),
            cwd=folder, env=env, text=True, capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr

    run("init")
    return run


def test_a_second_plan_is_empty_after_create_update_and_restart(
    box: Any, terraform: Callable[..., None], eventually: Callable[..., Any]
) -> None:
    images = {number: box.push(number, {"says": number}) for number in ("1", "2")}
    variables: dict[str, Any] = {"images": images, "live": "1"}
    terraform("apply", "-auto-approve", variables=variables)
    terraform("plan", "-detailed-exitcode", variables=variables)

    changed = {**variables, "live": "2", "max_vcpus": 8}
    terraform("plan", "-detailed-exitcode", variables=changed, code=CHANGES)
    terraform("apply", "-auto-approve", variables=changed)
    terraform("plan", "-detailed-exitcode", variables=changed)
    assert answer(box) == "2:1"

    box.down()
    box.up()
    sagemaker = box.client("sagemaker")
    eventually(lambda: sagemaker.describe_endpoint(EndpointName="endpoint")["EndpointStatus"] == "InService")
    terraform("plan", "-detailed-exitcode", variables=changed)

    terraform("destroy", "-auto-approve", variables=changed)
    assert box.children() == []
    assert sagemaker.list_endpoints()["Endpoints"] == []


def answer(box: Any) -> str:
    runtime = box.client("sagemaker-runtime")
    return runtime.invoke_endpoint(EndpointName="endpoint", Body=b"1")["Body"].read().decode()
