"""Real Terraform on stacks without a provider, with their states in an S3 bucket on loopback."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.aws.session import Aws
from reconciler.adapters.aws.state import S3StateStore
from reconciler.adapters.terraform import Backend, Limits, PythonTerraform
from support.moto_server import empty, moto_server

REGION = "eu-west-1"
BUCKET = "states"
STACK = """
terraform {
  required_version = ">= 1.11"
  backend "s3" { use_lockfile = true }
}
variable "word" { type = string }
variable "nap" {
  type    = number
  default = 0
}
resource "terraform_data" "word" {
  input = var.word
  lifecycle {
    precondition {
      condition     = var.word != "bad"
      error_message = "The word is bad."
    }
  }
}
resource "terraform_data" "slow" {
  count = var.nap > 0 ? 1 : 0
  provisioner "local-exec" { command = "sleep ${var.nap}" }
}
output "spec" { value = { word = var.word } }
output "workspace" { value = terraform.workspace }
"""


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with moto_server() as address:
        yield address


@pytest.fixture
def s3(address: str) -> Any:
    empty(address)
    client = Aws(REGION, address, ("key", "secret")).client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


@pytest.fixture
def keys(s3: Any) -> Callable[[], set[str]]:
    return lambda: {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


@pytest.fixture
def store(address: str, s3: Any) -> S3StateStore:
    return S3StateStore(Aws(REGION, address, ("key", "secret")), BUCKET, "prod")


@pytest.fixture
def env(address: str, tmp_path: Path) -> dict[str, str]:
    """What Terraform is given, with some of what it must not see."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
        "TF_CLI_ARGS": "-no-such-option",
        "TF_CLI_CONFIG_FILE": str(tmp_path / "missing.rc"),
        "TF_VAR_nap": "not a number",
        "TF_WORKSPACE": "elsewhere",
        "TF_DATA_DIR": str(tmp_path / "elsewhere"),
    }


@pytest.fixture
def stacks(tmp_path: Path) -> Path:
    for kind in ("platform", "training", "bootstrap"):
        folder = tmp_path / "stacks" / kind
        folder.mkdir(parents=True)
        (folder / "main.tf").write_text(STACK)
    return tmp_path / "stacks"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
def cancel() -> threading.Event:
    return threading.Event()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def terraform(
    stacks: Path, work: Path, s3: Any, env: dict[str, str], cancel: threading.Event
) -> Callable[..., PythonTerraform]:
    if shutil.which("terraform") is None:
        pytest.fail("these tests run the real Terraform: install it and put it on the PATH")

    def make(limits: Limits = Limits(), bucket: str = BUCKET, **more: str) -> PythonTerraform:  # noqa: B008 - frozen
        backend = Backend(bucket, REGION, "prod")
        return PythonTerraform(stacks, work, backend, {**env, **more}, cancel, lock_timeout=1, limits=limits)

    return make
