"""Where the AWS provider is looked for, and what Terraform is told of it."""

import shutil
import subprocess

import pytest

from reconciler.adapters.terraform import environment, provider, trust

TARGET = "linux_amd64"
UNPACKED = f"registry.terraform.io/hashicorp/aws/5.100.0/{TARGET}/terraform-provider-aws_v5.100.0_x5"
PACKED = f"registry.terraform.io/hashicorp/aws/terraform-provider-aws_5.100.0_{TARGET}.zip"


@pytest.fixture(autouse=True)
def _tests_own_the_machine_above(tmp_path, monkeypatch):
    monkeypatch.setattr(trust, "TOP", tmp_path)


@pytest.fixture
def put(tmp_path):
    def write(name: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")

    return write


@pytest.mark.parametrize("layout", [UNPACKED, PACKED])
def test_a_mirror_is_found_one_level_below_a_usual_prefix(tmp_path, put, layout):
    put(f"opt/plugins/{layout}")
    likely = provider.likely_folders({"HOME": str(tmp_path / "home")}, [str(tmp_path / "opt"), str(tmp_path / "none")])
    assert provider.look(likely, TARGET).mirrors == (tmp_path / "opt" / "plugins",)


@pytest.mark.parametrize(
    ("folder", "env"),
    [
        ("home/.terraform.d/plugins", {}),
        ("home/.local/share/terraform/plugins", {}),
        ("own/terraform/plugins", {"XDG_DATA_HOME": "own"}),
        ("two/terraform/plugins", {"XDG_DATA_DIRS": "one:two"}),
    ],
)
def test_terraforms_own_plugin_folders_are_looked_into(tmp_path, put, folder, env):
    put(f"{folder}/{UNPACKED}")
    below = {name: ":".join(str(tmp_path / part) for part in value.split(":")) for name, value in env.items()}
    likely = provider.likely_folders({"HOME": str(tmp_path / "home"), **below}, [])
    assert provider.look(likely, TARGET).mirrors == (tmp_path / folder,)


@pytest.mark.parametrize(
    "name",
    [
        UNPACKED.replace("linux", "darwin"),
        UNPACKED.replace("hashicorp/aws", "hashicorp/random"),
        "registry.terraform.io/hashicorp/aws/5.100.0",
    ],
)
def test_a_mirror_of_something_else_is_none(tmp_path, put, name):
    put(f"plugins/{name}")
    assert provider.look([tmp_path / "plugins", tmp_path / "none"], TARGET) == provider.Found((), {})


def test_this_machine_is_named_as_terraform_names_it():
    answer = subprocess.check_output([str(shutil.which("terraform")), "version"], text=True, timeout=60)
    assert f"on {provider.this_machine()}" in answer


def test_the_provider_comes_from_the_mirrors_alone_and_the_rest_from_the_registry(tmp_path):
    assert provider.configuration([tmp_path / 'a "b"']) == (
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f'    path    = "{tmp_path}/a \\"b\\""\n'
        '    include = ["registry.terraform.io/hashicorp/aws"]\n'
        "  }\n"
        "  direct {\n"
        '    exclude = ["registry.terraform.io/hashicorp/aws"]\n'
        "  }\n"
        "}\n"
    )


def test_a_configuration_of_the_users_own_wins(tmp_path):
    env = {"HOME": str(tmp_path), "TF_CLI_CONFIG_FILE": str(tmp_path / "my.rc")}
    assert not provider.has_own_configuration(env)
    assert environment.own_configuration(env) == {}
    (tmp_path / "my.rc").touch()
    assert provider.has_own_configuration(env)
    assert environment.own_configuration(env) == {"TF_CLI_CONFIG_FILE": str(tmp_path / "my.rc")}


def test_a_configuration_in_the_home_folder_is_the_users_own(tmp_path):
    (tmp_path / ".terraformrc").touch()
    assert provider.has_own_configuration({"HOME": str(tmp_path)})


def test_a_cache_of_the_users_own_wins(tmp_path):
    assert environment.plugin_cache({}, tmp_path)["TF_PLUGIN_CACHE_DIR"] == str(tmp_path)
    assert environment.plugin_cache({"TF_PLUGIN_CACHE_DIR": "mine"}, tmp_path) == {}


def test_where_a_lock_file_is_no_cached_provider_is_taken_that_it_does_not_know(tmp_path):
    assert len(environment.plugin_cache({}, tmp_path)) == 2
    assert environment.plugin_cache({}, tmp_path, locked=True) == {"TF_PLUGIN_CACHE_DIR": str(tmp_path)}


def test_what_would_change_a_run_behind_our_back_is_left_out():
    given = {
        "PATH": "p",
        "HOME": "h",
        "AWS_PROFILE": "a",
        "TF_VAR_x": "1",
        "TF_CLI_ARGS_apply": "-x",
        "TF_WORKSPACE": "w",
    }
    assert environment.base(given) == {
        "PATH": "p",
        "HOME": "h",
        "AWS_PROFILE": "a",
        "GOGC": "400",
        "TF_IN_AUTOMATION": "true",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
    }
    assert environment.base({**given, "GOGC": "off"})["GOGC"] == "off"
