"""One provider process for many Terraform commands: starting one for each costs most of what a small stack costs.

It is how providers are debugged: https://developer.hashicorp.com/terraform/plugin/debugging. Only for commands that run
one after another: each configures the process anew.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ANNOUNCED = re.compile(r"TF_REATTACH_PROVIDERS='([^']+)'")


def installed(stack: Path) -> Path:
    """The AWS provider of an initialised stack."""
    found = sorted(stack.glob(".terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*"))
    assert found, f"{stack} was initialised without the AWS provider"
    return found[0]


@contextmanager
def running(provider: Path, env: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The variable that makes Terraform use the process, which reads its credentials and its endpoint from `env`."""
    process = subprocess.Popen(
        (str(provider), "-debug"), env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield {"TF_REATTACH_PROVIDERS": _announced(process)}
    finally:
        process.kill()
        process.communicate()


def _announced(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        if found := ANNOUNCED.search(line):
            return found[1]
    raise AssertionError("the provider ended before it said how to reach it")
