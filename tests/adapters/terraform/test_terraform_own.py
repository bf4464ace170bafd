"""What lies in a work tree is never executed unless this user initialised it there."""

import os
import shutil
import stat
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.adapters.terraform import folders, own
from reconciler.adapters.terraform.backend import Backend, Stack
from reconciler.adapters.terraform.folders import Initialised, fingerprint, locked, renew_code
from reconciler.adapters.terraform.initialise import Initialiser
from reconciler.adapters.terraform.ledger import Ledger
from reconciler.adapters.terraform.runner import Tool
from reconciler.adapters.terraform.streaming import Limits
from reconciler.errors import SettingsMissing
from reconciler.sandbox.seal import users_seal

STACK = Stack("training", "churn")
BACKEND = Backend("states", "eu-west-1", "prod")
WORD = {"word": "hello"}


@dataclass
class Machine:
    """A user who runs a Terraform that only notes that it was started."""

    root: Path
    stacks: Path
    env: dict[str, str]
    said: list[str]

    def run(self, work: Path, **env: str) -> tuple[Initialised, int]:
        """What one run of ours initialises, and how often Terraform was started for it."""
        calls = self.root / "calls"
        calls.write_text("")
        initialiser = Initialiser(self.stacks, work, BACKEND, {**self.env, **env})
        tool = Tool(str(self.binary), threading.Event(), Limits())
        ledger = Ledger(work / "processes")
        for _ in range(2):
            made = initialiser.initialised(tool, STACK, self.said.append, ledger.open("address"))
        return made, len(calls.read_text().splitlines())

    @property
    def binary(self) -> Path:
        return self.root / "terraform"

    def predictable(self) -> Path:
        """Where everybody can tell beforehand that Terraform of an earlier version would be run."""
        name = fingerprint(self.stacks / STACK.kind, BACKEND.settings(STACK), {"binary": str(self.binary)})
        return Path("prod", STACK.kind, name)

    def memories(self) -> list[Path]:
        return list((self.root / ".local/state/lean-mlops-control-centre/terraform").iterdir())


@pytest.fixture
def machine(tmp_path, stacks, said):
    (tmp_path / "rc").touch()
    binary = tmp_path / "terraform"
    binary.write_text(f"#!/bin/sh\necho init >> {tmp_path}/calls\n")
    binary.chmod(0o755)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TF_CLI_CONFIG_FILE": str(tmp_path / "rc")}
    return Machine(tmp_path, stacks, env, said)


def plant(folder: Path) -> Path:
    """A folder as Terraform leaves it when it is initialised, with a provider in it."""
    for place in ("code", "data/providers"):
        (folder / place).mkdir(parents=True)
    (folder / "data/providers/evil").write_text("#!/bin/sh")
    (folder / "ready").touch()
    return folder


def test_the_sandboxs_seal_can_be_kept_in_the_same_place(machine, work):
    machine.run(work)
    assert users_seal(machine.env) == users_seal(machine.env)


def afresh(work: Path) -> str:
    return f"{work} {own.AFRESH}"


def test_a_folder_is_initialised_once_for_all_runs_and_nothing_is_said_of_it(machine, work, said):
    first, started = machine.run(work)
    assert started == 1
    said.clear()
    assert machine.run(work) == (first, 0)
    assert said == []


def test_what_we_made_and_what_remembers_it_is_the_users_alone(machine, work):
    made, _ = machine.run(work)
    (memory,) = machine.memories()
    folders_of_ours = (made.folder.parents[2], memory.parents[1], memory.parent)
    assert [stat.S_IMODE(path.stat().st_mode) for path in folders_of_ours] == [0o700] * 3
    assert stat.S_IMODE(memory.stat().st_mode) == 0o600
    assert memory.read_text() == made.folder.parents[2].name


@pytest.mark.parametrize("name", ["own-" + "0" * 32, "."])
def test_a_folder_that_somebody_planted_is_taken_away_and_not_run_in(machine, work, said, name):
    planted = plant(work / name / machine.predictable())
    made, started = machine.run(work)
    assert (started, planted.exists(), made.folder == planted) == (1, False, False)
    assert not list(work.rglob("evil"))
    assert said[0] == afresh(work)


def test_a_cache_of_providers_that_somebody_planted_is_taken_away(machine, work, said):
    (work / "providers/registry.terraform.io").mkdir(parents=True)
    machine.run(work)
    assert not (work / "providers").exists()
    assert said[0] == afresh(work)


def test_a_planted_link_is_removed_and_what_it_leads_to_is_not(machine, work, tmp_path):
    work.mkdir()
    (tmp_path / "theirs").mkdir()
    (work / "providers").symlink_to(tmp_path / "theirs")
    machine.run(work)
    assert ((work / "providers").is_symlink(), (tmp_path / "theirs").is_dir()) == (False, True)


def test_a_folder_into_which_others_may_write_is_not_believed(machine, work, said):
    first, _ = machine.run(work)
    first.folder.parents[2].chmod(0o770)
    made, started = machine.run(work)
    assert (started, made != first, first.folder.exists()) == (1, True, False)
    assert afresh(work) in said


def test_a_link_in_its_place_is_not_believed(machine, work, tmp_path):
    first, _ = machine.run(work)
    mine = first.folder.parents[2]
    mine.rename(tmp_path / "moved")
    mine.symlink_to(tmp_path / "moved")
    made, started = machine.run(work)
    assert (started, made != first, mine.is_symlink()) == (1, True, False)


def test_a_memory_that_others_may_write_is_not_believed(machine, work):
    first, _ = machine.run(work)
    (memory,) = machine.memories()
    memory.chmod(0o666)
    made, started = machine.run(work)
    assert (started, made != first) == (1, True)


@pytest.mark.parametrize("text", ["", "..", "own-short", "own-" + "0" * 32 + "/..", "\xff"])
def test_a_memory_that_makes_no_sense_is_not_believed(machine, work, text):
    machine.run(work)
    (memory,) = machine.memories()
    memory.write_text(text, encoding="latin-1")
    assert machine.run(work)[1] == 1
    assert machine.run(work)[1] == 0


def test_two_checkouts_have_folders_of_their_own_and_a_copy_is_initialised_afresh(machine, work, tmp_path, said):
    first, _ = machine.run(work)
    shutil.copytree(work, tmp_path / "copy", symlinks=True)
    copy, started = machine.run(tmp_path / "copy")
    assert started == 1
    assert copy.folder.parents[2].name != first.folder.parents[2].name
    assert afresh(tmp_path / "copy") in said
    assert machine.run(work) == (first, 0)
    assert machine.run(tmp_path / "copy") == (copy, 0)


def test_another_user_of_a_checkout_initialises_afresh(machine, work, tmp_path):
    first, _ = machine.run(work)
    other, started = machine.run(work, XDG_STATE_HOME=str(tmp_path / "other"))
    assert (started, other != first) == (1, True)


@pytest.mark.parametrize(
    ("env", "why"),
    [
        ({"HOME": ""}, "neither XDG_STATE_HOME nor HOME is a folder"),
        ({"HOME": "relative", "XDG_STATE_HOME": "too"}, "neither XDG_STATE_HOME nor HOME is a folder"),
        ({"XDG_STATE_HOME": "/proc"}, "cannot be written"),
        ({"XDG_STATE_HOME": "/dev/null"}, "cannot be written"),
    ],
)
def test_where_nothing_can_be_remembered_every_run_initialises_once(machine, work, said, env, why):
    first, started = machine.run(work, **env)
    again, started_again = machine.run(work, **env)
    assert (started, started_again, first != again, first.folder.exists()) == (1, 1, True, False)
    assert sum(own.FORGOTTEN in line and why in line for line in said) == 2


def test_a_memory_in_a_folder_that_others_may_enter_is_none(machine, work, said, tmp_path):
    (tmp_path / "state" / own.MEMORY).mkdir(parents=True)
    (tmp_path / "state" / own.MEMORY).chmod(0o755)
    assert machine.run(work, XDG_STATE_HOME=str(tmp_path / "state"))[1] == 1
    assert "is not yours alone" in said[0]


def test_a_run_that_goes_on_and_a_state_that_is_nowhere_else_are_not_taken_away(machine, work):
    needed = [plant(work / name / machine.predictable()) for name in ("own-running", "own-lost")]
    (needed[0] / "run-1").mkdir()
    (needed[1] / "run-1").mkdir()
    (needed[1] / "run-1" / folders.LOST).touch()
    os.utime(needed[1] / "run-1", (0, 0))
    old = plant(work / "own-old" / machine.predictable())
    (old / "run-1").mkdir()
    os.utime(old / "run-1", (0, 0))
    machine.run(work)
    assert [place.exists() for place in (*needed, old)] == [True, True, False]


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path, cancel):
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "init.lock").symlink_to(tmp_path / "precious")
    with pytest.raises(SettingsMissing, match="cannot be locked"), locked(tmp_path / "init.lock", cancel):
        pytest.fail("it was locked")
    assert (tmp_path / "precious").read_text() == "kept"


def test_a_beginning_that_somebody_planted_is_neither_gone_on_with_nor_taken_away(terraform, work, keys, said):
    planted = work / "founding/states/prod/code"
    planted.mkdir(parents=True)
    (planted / "terraform.tfstate").write_text("{}")
    (planted / folders.VARIABLES).write_text('{"word": "evil"}')
    assert terraform().unfinished() == {}
    with pytest.raises(SettingsMissing, match="that you may not have made there") as raised:
        terraform().establish("bootstrap", WORD, said.append)
    assert (planted.exists(), keys()) == (True, set())
    assert f"otherwise: rm -r {planted.parent}" in raised.value.remedy
    shutil.rmtree(planted.parent)
    terraform().establish("bootstrap", WORD, said.append)


def test_a_beginning_that_is_the_users_is_gone_on_with_and_only_its_state_counts(terraform, work, s3, store, said, env):
    with pytest.raises(Exception, match=r"NoSuchBucket|does not exist"):
        terraform(bucket="gone").establish("bootstrap", WORD, said.append)
    (begun,) = work.glob("own-*/founding/gone/prod")
    (begun / "code/more.tf.json").write_text('{"resource": {"terraform_data": {"evil": {}}}}')
    s3.create_bucket(Bucket="gone", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    elsewhere = {"XDG_STATE_HOME": f"{env['HOME']}/other"}
    with pytest.raises(SettingsMissing) as raised:
        terraform(bucket="gone", **elsewhere).establish("bootstrap", WORD, said.append)
    move = raised.value.remedy.partition("go on with it: ")[2].partition(";")[0]
    assert os.system(move) == 0
    assert terraform(bucket="gone", **elsewhere).unfinished() == WORD
    said.clear()
    terraform(bucket="gone", **elsewhere).establish("bootstrap", WORD, said.append)
    assert not [line for line in said if "creating" in line]


def test_a_link_to_a_beginning_is_not_followed(tmp_path, stacks):
    (tmp_path / "precious/code").mkdir(parents=True)
    (tmp_path / "precious/kept").touch()
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    renew_code(Initialised(tmp_path / "link"), stacks / "bootstrap")
    assert (tmp_path / "precious/kept").exists()
    assert not (tmp_path / "link").is_symlink()
