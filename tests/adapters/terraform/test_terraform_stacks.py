"""Stacks are applied and destroyed with a real Terraform and a real S3 backend."""

import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.adapters.terraform import Limits
from reconciler.core import names
from reconciler.core.drift import ResourceDrift
from reconciler.core.statelock import is_left
from reconciler.errors import Interrupted, SettingsMissing, StateLocked, TerraformFailed
from reconciler.ports import RESOURCES

TRAINING = names.project_key("prod", "churn", "training")
WORD = {"word": "hello"}
HELD = {RESOURCES: ["terraform_data.word"]}


def until(true, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.05)


def test_a_project_is_applied_into_a_state_of_its_own(terraform, store, keys, said):
    terraform().apply("training", "churn", WORD, said.append)
    assert keys() == {TRAINING}
    assert store.stacks() == {TRAINING: {"spec": WORD, "workspace": "churn", **HELD}}
    assert [line for line in said if not line.startswith("the AWS provider")] == [
        "initialising Terraform for the training stack",
        "1 to add, 0 to change, 0 to destroy",
        "creating terraform_data.word",
    ]


def test_the_platform_is_applied_into_the_environments_state(terraform, store, keys, said):
    terraform().apply("platform", None, WORD, said.append)
    assert keys() == {names.stack_key("prod", "platform")}
    assert store.stacks() == {names.stack_key("prod", "platform"): {"spec": WORD, "workspace": "default", **HELD}}


def test_a_second_apply_changes_nothing_and_initialises_nothing(terraform, said):
    terraform().apply("training", "churn", WORD, said.append)
    said.clear()
    terraform().apply("training", "churn", WORD, said.append)
    assert said == ["0 to add, 0 to change, 0 to destroy"]


def test_a_destroyed_stack_is_no_stack_and_can_be_forgotten(terraform, store, keys, said):
    terraform().apply("training", "churn", WORD, said.append)
    terraform().destroy("training", "churn", WORD, said.append)
    assert "destroying terraform_data.word" in said
    assert store.stacks() == {}
    store.forget(TRAINING)
    assert keys() == set()


def test_projects_are_applied_side_by_side(terraform, store, said):
    adapter = terraform()
    projects = [f"p{number}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: adapter.apply("training", name, {"word": name}, said.append), projects))
    found = store.stacks()
    assert {found[names.project_key("prod", name, "training")]["spec"]["word"] for name in projects} == set(projects)
    assert said.count("initialising Terraform for the training stack") == 1


def test_an_error_says_what_and_where(terraform, store, said):
    with pytest.raises(TerraformFailed) as raised:
        terraform().apply("training", "churn", {"word": "bad"}, said.append)
    assert raised.value.what == (
        "terraform apply of stack training of churn failed: Resource precondition failed: The word is bad. (main.tf:15)"
    )
    assert store.stacks() == {}


def test_a_variable_of_the_wrong_type_is_told_without_its_value(terraform, said):
    with pytest.raises(TerraformFailed, match="Invalid value for input variable") as raised:
        terraform().apply("training", "churn", {**WORD, "nap": "s3cret"}, said.append)
    assert "s3cret" not in raised.value.what


def test_a_bucket_that_does_not_exist_says_what_to_do(terraform, said):
    with pytest.raises(TerraformFailed, match="terraform init of stack training of churn failed") as raised:
        terraform(bucket="nowhere").apply("training", "churn", WORD, said.append)
    assert "state_bucket" in raised.value.remedy


def test_what_failed_to_initialise_is_initialised_again(terraform, stacks, store, said):
    good = (stacks / "training" / "main.tf").read_text()
    (stacks / "training" / "main.tf").write_text("nonsense")
    with pytest.raises(TerraformFailed, match="init"):
        terraform().apply("training", "churn", WORD, said.append)
    (stacks / "training" / "main.tf").write_text(good)
    terraform().apply("training", "churn", WORD, said.append)
    assert store.stacks()


def test_changed_code_is_run_and_removed_code_is_not(terraform, stacks, store, said):
    extra = stacks / "training" / "extra.tf"
    extra.write_text('output "extra" { value = 1 }')
    terraform().apply("training", "churn", WORD, said.append)
    assert store.stacks()[TRAINING]["extra"] == 1
    extra.unlink()
    terraform().apply("training", "churn", WORD, said.append)
    assert "extra" not in store.stacks()[TRAINING]


def test_the_stacks_folder_is_only_read_and_variables_are_not_left_behind(terraform, stacks, work, said):
    before = sorted(stacks.rglob("*"))
    terraform().apply("training", "churn", {"word": "s3cret"}, said.append)
    assert sorted(stacks.rglob("*")) == before
    assert not list(work.rglob("*.tfvars.json"))
    assert not [path for path in work.rglob("*") if path.is_file() and b"s3cret" in path.read_bytes()]


@pytest.mark.parametrize("applied_before", [True, False])
def test_a_held_lock_says_who_holds_it_and_since_when(terraform, s3, said, applied_before):
    if applied_before:
        terraform().apply("training", "churn", WORD, said.append)
    lock = {"ID": "4711", "Operation": "OperationTypeApply", "Who": "ann@box", "Created": "2026-01-02T03:04:05Z"}
    s3.put_object(Bucket="states", Key=f"{TRAINING}.tflock", Body=json.dumps(lock))
    with pytest.raises(StateLocked) as raised:
        terraform().apply("training", "churn", WORD, said.append)
    assert "ann@box holds the lock of its state for apply since 2026-01-02 03:04:05" in raised.value.what
    assert f"aws s3 rm s3://states/{TRAINING}.tflock" in raised.value.remedy


def test_an_interrupted_apply_ends_in_order(terraform, cancel, store, keys, said):
    threading.Thread(target=lambda: (until(lambda: "creating terraform_data.slow[0]" in said), cancel.set())).start()
    started = time.monotonic()
    with pytest.raises(Interrupted, match="terraform apply of stack training of churn was stopped") as raised:
        terraform().apply("training", "churn", {**WORD, "nap": 60}, said.append)
    assert time.monotonic() - started < 30
    assert raised.value.remedy == "run again: it goes on where this ended"
    assert keys() == {TRAINING}, "the lock is given back, and what was made is in the state"
    assert list(store.stacks()) == [TRAINING]


def test_what_was_interrupted_goes_on(terraform, cancel, store, said):
    threading.Thread(target=lambda: (until(lambda: "creating terraform_data.slow[0]" in said), cancel.set())).start()
    with pytest.raises(Interrupted):
        terraform().apply("training", "churn", {**WORD, "nap": 60}, said.append)
    cancel.clear()
    terraform().apply("training", "churn", {**WORD, "nap": 0.1}, said.append)
    assert store.stacks()[TRAINING]["spec"] == WORD


def test_nothing_is_started_once_somebody_asked_to_stop(terraform, cancel, work, said):
    cancel.set()
    with pytest.raises(Interrupted, match="was not started"):
        terraform().apply("training", "churn", WORD, said.append)
    assert not work.exists()


def test_an_apply_that_takes_too_long_is_stopped(terraform, keys, said):
    terraform().apply("training", "churn", WORD, said.append)
    with pytest.raises(TerraformFailed, match="was stopped: it was not done after 2 s"):
        terraform(Limits(run=2)).apply("training", "churn", {**WORD, "nap": 60}, said.append)
    assert keys() == {TRAINING}


KILLED = """
    import sys, threading
    from pathlib import Path
    from reconciler.adapters.terraform import Backend, PythonTerraform
    import json
    backend = Backend("states", "eu-west-1", "prod")
    adapter = PythonTerraform(Path(sys.argv[1]), Path(sys.argv[2]), backend, json.loads(sys.argv[3]), threading.Event())
    adapter.apply("training", "churn", {"word": "hello", "nap": 2}, lambda line: print(line, flush=True))
"""


def test_terraform_ends_in_order_although_we_are_killed(terraform, stacks, work, env, keys, store):
    arguments = [str(stacks), str(work), json.dumps(env)]
    command = [sys.executable, "-c", textwrap.dedent(KILLED), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as we:
        next(line for line in we.stdout if "creating terraform_data.slow[0]" in line)
        os.kill(we.pid, signal.SIGKILL)
    assert f"{TRAINING}.tflock" in keys()
    assert not terraform().remains("training", "churn"), "it lives, although nobody waits for it any more"
    until(lambda: keys() == {TRAINING})
    terraform().apply("training", "churn", {**WORD, "nap": 2}, (said := []).append)
    assert said == ["0 to add, 0 to change, 0 to destroy"], "everything that was made is in the state"


def test_a_lock_that_a_killed_terraform_left_is_known_to_be_nobodys(terraform, store, cancel, said):
    def kill():
        until(lambda: "creating terraform_data.slow[0]" in said)
        [pid] = children("terraform")
        os.kill(pid, signal.SIGKILL)

    threading.Thread(target=kill).start()
    adapter = terraform()
    with pytest.raises(TerraformFailed):
        adapter.apply("training", "churn", {**WORD, "nap": 5}, said.append)
    [(key, lock)] = store.locks().items()
    assert (key, is_left(lock, adapter.remains("training", "churn"))) == (TRAINING, True)
    assert not is_left(lock, adapter.remains("training", "other"))
    assert not store.unlock(key, "of somebody else")
    assert (store.unlock(key, lock.id), store.locks()) == (True, {})
    adapter.apply("training", "churn", {**WORD, "nap": 0}, said.append)


def test_what_was_interrupted_while_it_was_made_is_kept_if_somebody_says_so(terraform, store, s3, said):
    adapter = terraform()
    adapter.apply("training", "churn", WORD, said.append)
    state = json.loads(s3.get_object(Bucket="states", Key=TRAINING)["Body"].read())
    state["resources"][0]["instances"][0]["status"] = "tainted"
    s3.put_object(Bucket="states", Key=TRAINING, Body=json.dumps(state))
    assert store.tainted(TRAINING) == ("terraform_data.word",)
    adapter.untaint("training", "churn", "terraform_data.word", said.append)
    assert store.tainted(TRAINING) == ()


def test_a_terraform_that_ended_in_order_left_nothing(terraform, said):
    adapter = terraform()
    adapter.apply("training", "churn", WORD, said.append)
    assert adapter.remains("training", "churn") == ()


def children(name: str) -> list[int]:
    asked = subprocess.run(["pgrep", "-P", str(os.getpid()), name], capture_output=True, text=True, check=True)
    return [int(line) for line in asked.stdout.split()]


def test_a_project_may_not_be_called_like_terraforms_own_workspace(terraform, work, said):
    with pytest.raises(TerraformFailed, match="keeps that name to itself") as raised:
        terraform().apply("training", "default", WORD, said.append)
    assert raised.value.remedy == "rename the project"
    assert not work.exists()


def test_a_machine_without_terraform_is_told_where_to_get_it(terraform, tmp_path, said):
    with pytest.raises(SettingsMissing, match="terraform is not on the PATH") as raised:
        terraform(PATH=str(tmp_path)).apply("training", "churn", WORD, said.append)
    assert "https://developer.hashicorp.com/terraform/install" in raised.value.remedy


def test_a_terraform_that_is_too_old_is_told_where_to_get_a_newer_one(terraform, stacks, said):
    code = stacks / "training" / "main.tf"
    code.write_text(code.read_text().replace(">= 1.11", ">= 99"))
    with pytest.raises(SettingsMissing, match="too old") as raised:
        terraform().apply("training", "churn", WORD, said.append)
    assert "https://developer.hashicorp.com/terraform/install" in raised.value.remedy


def test_a_stack_that_does_not_exist_is_a_missing_setting(terraform, said):
    with pytest.raises(SettingsMissing, match="there is no Terraform stack"):
        terraform().apply("deployment", "churn", WORD, said.append)


def test_a_state_that_could_not_be_written_is_kept(terraform, stacks, work, said):
    # A Terraform that leaves what the real one leaves when the bucket fails at the end.
    fake = stacks.parent / "bin" / "terraform"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\n[ "$1" = init ] || { echo \'{"version": 4}\' > errored.tfstate; exit 1; }\n')
    fake.chmod(0o755)
    path = f"{fake.parent}:{os.environ['PATH']}"
    with pytest.raises(TerraformFailed, match="could not write the state") as raised:
        terraform(PATH=path).apply("training", "churn", WORD, said.append)
    (kept,) = work.glob("lost-*.tfstate")
    assert kept.read_text() == '{"version": 4}\n'
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert raised.value.remedy.endswith(f"aws s3 cp {kept} s3://states/{TRAINING}")


def test_a_plan_tells_what_an_apply_would_change_without_values_and_without_a_lock(terraform, s3, keys, said):
    adapter = terraform()
    adapter.apply("training", "churn", WORD, said.append)
    s3.put_object(Bucket="states", Key=f"{TRAINING}.tflock", Body=json.dumps({"ID": "held"}).encode())
    before = keys()
    assert adapter.plan("training", "churn", WORD, said.append) == ()
    assert adapter.plan("training", "churn", {"word": "secret", "nap": 1}, said.append) == (
        ResourceDrift("terraform_data.slow[0]", "create"),
        ResourceDrift("terraform_data.word", "update", ("input", "output")),
    )
    assert keys() == before
    assert "secret" not in " ".join(said)


def test_a_plan_that_fails_says_what_and_where(terraform, said):
    terraform().apply("training", "churn", WORD, said.append)
    with pytest.raises(TerraformFailed, match="terraform plan of stack training of churn failed: Resource precond"):
        terraform().plan("training", "churn", {"word": "bad"}, said.append)
