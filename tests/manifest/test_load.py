"""What a valid manifest turns into, and where the header's values come from."""

from pathlib import Path

import pytest

from reconciler.core.desired import Platform, Resources
from reconciler.errors import ManifestInvalid
from reconciler.manifest import load, project_root
from reconciler.manifest.schema import Realtime, Serverless

REPOSITORY = Path(__file__).resolve().parents[2]
VARIABLES = {
    "TF_VAR_project": "acme",
    "TF_VAR_env_name": "prod",
    "TF_VAR_region": "us-east-1",
    "TF_VAR_state_bucket_name": "their-bucket",
    "MLFLOW_TRACKING_URI": "https://mlflow.example/",
}


def written(folder: Path, text: str) -> Path:
    path = folder / "m.yaml"
    path.write_text(text)
    return path


def test_a_header_gives_the_platform(tmp_path, header):
    text = header + 'account: "012345678901"\nnetwork: {vpc_id: vpc-12345678}\nmax_vcpus: 8\nprojects: {}\n'
    assert load(written(tmp_path, text), {}).platform == Platform(
        name="acme",
        environment="prod",
        region="eu-west-1",
        state_bucket="acme-tfstate",
        tracking_uri="https://mlflow.acme.example",
        account="012345678901",
        vpc_id="vpc-12345678",
        max_vcpus=8,
    )


def test_the_environment_fills_in_what_the_header_leaves_out(tmp_path):
    platform = load(written(tmp_path, "version: 1\nprojects: {}\n"), VARIABLES).platform
    assert platform == Platform("acme", "prod", "us-east-1", "their-bucket", "https://mlflow.example")


def test_the_header_wins_over_the_environment(tmp_path, header):
    platform = load(written(tmp_path, header + "projects: {}\n"), {**VARIABLES, "TF_VAR_project": "other"}).platform
    assert platform == Platform("acme", "prod", "eu-west-1", "acme-tfstate", "https://mlflow.acme.example")


def test_an_empty_variable_counts_as_unset(problems):
    found = problems("version: 1\nprojects: {}\n", {**VARIABLES, "TF_VAR_region": ""})
    assert found == ("m.yaml:1: region: is missing; write it in the header, or set TF_VAR_region",)


def test_a_bad_value_from_the_environment_names_the_variable(problems):
    found = problems("version: 1\nprojects: {}\n", {**VARIABLES, "TF_VAR_project": "Acme"})
    assert len(found) == 1
    assert found[0].startswith("m.yaml:1: platform: 'Acme' is not a name of at most 15")
    assert found[0].endswith("(from TF_VAR_project)")


def test_a_password_in_an_address_is_refused_and_not_shown(problems):
    text = "version: 1\nprojects: {}\n"
    found = problems(text, {**VARIABLES, "MLFLOW_TRACKING_URI": "https://user:hunter2@mlflow.example"})
    assert len(found) == 1
    assert "hunter2" not in found[0]
    assert "MLFLOW_TRACKING_PASSWORD" in found[0]


def test_the_sandbox_needs_a_platform_and_an_environment_only(tmp_path):
    manifest = load(
        written(tmp_path, "version: 1\nplatform: demo\nenvironment: box\nsandbox: true\nprojects: {}\n"), {}
    )
    assert manifest.sandbox
    assert manifest.platform == Platform("demo", "box", "eu-west-1", "demo-box-tfstate", tracking_uri="")


def test_the_sandbox_is_never_diverted_to_another_mlflow_server(tmp_path):
    text = "version: 1\nplatform: demo\nenvironment: box\nsandbox: true\nprojects: {}\n"
    assert load(written(tmp_path, text), VARIABLES).platform.tracking_uri == ""


def test_default_resources_come_from_the_environment(tmp_path, header):
    listed = '[{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "4096"}]'
    manifest = load(written(tmp_path, header + "projects: {}\n"), {"TF_VAR_default_resource_requirements": listed})
    assert manifest.fallback == Resources(2, 4096)


def test_bad_default_resources_in_the_environment_name_the_variable(problems, header):
    found = problems(header + "projects: {}\n", {"TF_VAR_default_resource_requirements": '[{"type": "VCPU"}]'})
    assert len(found) == 1
    assert found[0].startswith("m.yaml:1: TF_VAR_default_resource_requirements: a mapping is not a requirement")


def test_projects_are_sorted_by_name(tmp_path, header):
    manifest = load(written(tmp_path, header + "projects: {b: {}, c: {}, a: {}}\n"), {})
    assert list(manifest.projects) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("timeout", "seconds"), [("4h", 14400), ("90m", 5400), ("300s", 300), ("60", 60), ('"1m"', 60), ("86400", 86400)]
)
def test_a_timeout_is_seconds_or_a_number_with_a_unit(tmp_path, header, timeout, seconds):
    manifest = load(written(tmp_path, f"{header}projects: {{a: {{training: {{timeout: {timeout}}}}}}}\n"), {})
    assert manifest.projects["a"].training.timeout == seconds


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("{instance_type: ml.m5.large}", Realtime(instance_type="ml.m5.large")),
        (
            "{type: realtime, instance_type: ml.g5.xlarge, instances: 3}",
            Realtime(instance_type="ml.g5.xlarge", instances=3),
        ),
        ("{type: serverless}", Serverless()),
        (
            "{type: serverless, memory: 6144, max_concurrency: 200}",
            Serverless(memory=6144, max_concurrency=200),
        ),
    ],
)
def test_an_endpoint_is_told_by_its_type_or_by_its_instances(tmp_path, header, endpoint, expected):
    text = f"{header}projects: {{a: {{deployment: {{version: 3, endpoint: {endpoint}}}}}}}\n"
    deployment = load(written(tmp_path, text), {}).projects["a"].deployment
    assert deployment is not None
    assert deployment.endpoint == expected


def test_anchors_and_merge_keys_are_unfolded_and_own_keys_win(tmp_path, header):
    text = header + (
        "defaults:\n"
        "  training: &usual {attempts: 2, timeout: 1h}\n"
        "projects:\n"
        "  a: {training: *usual}\n"
        "  b: {training: {<<: *usual, attempts: 5}}\n"
        "  c: {training: {<<: [{attempts: 7}, *usual]}}\n"
    )
    trained = {name: project.training for name, project in load(written(tmp_path, text), {}).projects.items()}
    assert {name: (one.attempts, one.timeout) for name, one in trained.items()} == {
        "a": (2, 3600),
        "b": (5, 3600),
        "c": (7, 3600),
    }


@pytest.mark.parametrize("name", ["sandbox.yaml", "example.yaml"])
def test_the_manifests_of_the_repository_are_valid(name):
    assert load(REPOSITORY / "manifests" / name, {}).projects


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("manifests/prod.yaml", "."),
        ("/srv/team/manifests/prod.yaml", "/srv/team"),
        ("/srv/team/prod.yaml", "/srv/team"),
        ("env/prod.yaml", "env"),
        ("prod.yaml", "."),
    ],
)
def test_the_root_is_above_a_folder_named_manifests(tmp_path, monkeypatch, path, root):
    monkeypatch.chdir(tmp_path)
    assert project_root(Path(path)) == Path(root)


def test_the_root_is_found_from_inside_the_manifests_folder(tmp_path, monkeypatch):
    (tmp_path / "manifests").mkdir()
    monkeypatch.chdir(tmp_path / "manifests")
    assert project_root(Path("prod.yaml")).resolve() == tmp_path.resolve()


def test_a_missing_manifest_is_an_error_without_a_traceback(tmp_path):
    with pytest.raises(ManifestInvalid) as caught:
        load(tmp_path / "none.yaml", {})
    assert caught.value.problems == (
        f"{tmp_path}/none.yaml: does not exist; name a manifest, such as manifests/prod.yaml",
    )


def test_a_folder_is_not_a_manifest(tmp_path):
    with pytest.raises(ManifestInvalid, match="is not a file"):
        load(tmp_path, {})
