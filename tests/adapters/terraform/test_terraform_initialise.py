"""Where the provider comes from is decided at initialisation: seen on a Terraform that says what it was told."""

import json
import os
import threading

import pytest

from reconciler.adapters.terraform import provider, trust
from reconciler.adapters.terraform.backend import Backend, Stack
from reconciler.adapters.terraform.initialise import NO_PROVIDER, Initialiser
from reconciler.adapters.terraform.ledger import Ledger
from reconciler.adapters.terraform.runner import Tool
from reconciler.adapters.terraform.streaming import Limits
from reconciler.errors import TerraformFailed

STACK = Stack("training", "churn")
ADDRESS = Backend("states", "eu-west-1", "prod").address(STACK)
REFUSAL = json.dumps({"type": "diagnostic", "diagnostic": {"severity": "error", "summary": NO_PROVIDER}})
OTHER = json.dumps({"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "Other"}})


@pytest.fixture
def calls(tmp_path):
    return lambda: (tmp_path / "calls").read_text().splitlines()


@pytest.fixture
def entry(work):
    return Ledger(work / "processes").open(ADDRESS)


@pytest.fixture
def initialise(tmp_path, said, stacks, work, cancel, entry, monkeypatch):  # noqa: PLR0917
    """Runs init with a Terraform of the test's own, on a machine with a mirror in the home folder."""
    monkeypatch.setattr(trust, "TOP", tmp_path)
    likely = provider.likely_folders
    monkeypatch.setattr(provider, "likely_folders", lambda env: likely(env, ()))
    mirror = tmp_path / ".terraform.d/plugins/registry.terraform.io/hashicorp/aws"
    mirror.mkdir(parents=True)
    for target in ("linux_amd64", "linux_arm64", "darwin_arm64", "darwin_amd64"):
        (mirror / f"terraform-provider-aws_5.0.0_{target}.zip").touch()

    def run(script: str = "", **env: str):
        binary = tmp_path / "terraform"
        log = f'echo "${{TF_CLI_CONFIG_FILE##*/}} ${{TF_PLUGIN_CACHE_DIR##*/}} $TF_WORKSPACE" >> {tmp_path}/calls'
        binary.write_text(f"#!/bin/sh\n{log}\n{script}\n")
        binary.chmod(0o755)
        given = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **env}
        initialiser = Initialiser(stacks, work, Backend("states", "eu-west-1", "prod"), given)
        return initialiser.initialised(Tool(str(binary), cancel, Limits()), STACK, said.append, entry)

    return run


def test_a_mirror_is_used(initialise, calls):
    made = initialise()
    assert calls() == ["terraform.rc  churn"]
    assert "filesystem_mirror" in made.cli_configuration.read_text()


def test_where_the_provider_comes_from_is_said_once(initialise, said, tmp_path):
    initialise()
    initialise()
    assert said == [
        "initialising Terraform for the training stack",
        f"the AWS provider comes from {tmp_path}/.terraform.d/plugins",
    ]


def test_a_mirror_of_somebody_elses_is_left_alone_by_us_and_by_terraform(initialise, calls, said, tmp_path):
    folder = tmp_path / ".terraform.d/plugins"
    folder.chmod(0o777)
    made = initialise()
    assert calls() == ["terraform.rc  churn"]
    configuration = made.cli_configuration.read_text()
    assert "filesystem_mirror" not in configuration
    assert "direct {}" in configuration
    assert f'plugin_cache_dir = "{made.folder.parents[2]}/providers"' in configuration
    assert said[1:] == [
        f"the AWS provider in {folder} is left alone: {folder} may be written by others (mode 777)",
        "the AWS provider comes from registry.terraform.io",
    ]


def test_a_lock_file_beside_the_code_is_taken_along_and_counts(initialise, stacks, calls):
    first = initialise()
    (stacks / "training" / ".terraform.lock.hcl").write_text("# hashes")
    made = initialise('[ -f .terraform.lock.hcl ] && [ -z "$TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE" ]')
    assert made.folder != first.folder
    assert (made.code / ".terraform.lock.hcl").read_text() == "# hashes"


def test_where_no_mirror_has_the_version_the_registry_is_asked(initialise, calls):
    made = initialise(f"[ -z \"$TF_CLI_CONFIG_FILE\" ] || {{ echo '{REFUSAL}'; exit 1; }}")
    assert calls() == ["terraform.rc  churn", " providers churn"]
    assert not made.cli_configuration.exists()


def test_another_error_is_told_at_once(initialise, calls):
    with pytest.raises(TerraformFailed, match="Other"):
        initialise(f"echo '{OTHER}'; exit 1")
    assert len(calls()) == 1


def test_where_nobody_has_the_provider_both_are_tried_and_it_is_told(initialise, calls):
    with pytest.raises(TerraformFailed, match=NO_PROVIDER) as raised:
        initialise(f"echo '{REFUSAL}'; exit 1")
    assert len(calls()) == 2
    assert "check the network" in raised.value.remedy


def test_a_configuration_of_the_users_own_is_left_alone(initialise, calls, tmp_path):
    (tmp_path / "my.rc").touch()
    initialise(TF_CLI_CONFIG_FILE=str(tmp_path / "my.rc"))
    assert calls() == ["my.rc providers churn"]


def test_initialising_is_done_once_for_all_who_ask_at_once(initialise, calls):
    askers = [threading.Thread(target=initialise, args=("sleep 0.2",)) for _ in range(4)]
    initialise("sleep 0.2")
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(calls()) == 1


def test_an_init_that_was_killed_may_have_left_a_lock_and_one_that_failed_has_not(initialise, work):
    with pytest.raises(TerraformFailed):
        initialise("exit 1")
    assert Ledger(work / "processes").dead(ADDRESS) == ()
    with pytest.raises(TerraformFailed):
        initialise("sleep 0.5; kill -9 $$")
    assert len(Ledger(work / "processes").dead(ADDRESS)) == 1
