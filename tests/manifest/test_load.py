"""What a valid manifest turns into, and where the header's values come from."""

from pathlib import Path

import pytest

from reconciler.core.desired import GitHub, Platform, Resources
from reconciler.core.server import Database, Server
from reconciler.errors import ManifestInvalid
from reconciler.manifest import load, project_root
from reconciler.manifest.schema_serving import (
    Asynchronous,
    AsyncScaling,
    Capacity,
    Realtime,
    RealtimeScaling,
    Serverless,
)

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
        public_ips=False,
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


def platform(folder: Path, header: str, body: str) -> Platform:
    """Of a manifest with `body` below the header, whose own key `mlflow` goes when the body has one."""
    lines = [line for line in header.splitlines() if not (body.startswith("mlflow:") and line.startswith("mlflow:"))]
    return load(written(folder, "\n".join([*lines, body, "projects: {}", ""])), {}).platform


def test_everything_that_a_header_can_say_of_an_environment_arrives(tmp_path, header):
    body = (
        "mlflow: {tracking_uri: https://mlflow.acme.example, artifact_bucket: acme-models}\n"
        "network: {vpc_id: vpc-12345678, subnet_ids: [subnet-12345678], public_ips: true}\n"
        "disk: 200\nalerts: {email: [a@b.example, c@d.example]}\n"
        "github: {repository: acme/models, environment: production}"
    )
    assert platform(tmp_path, header, body) == Platform(
        "acme",
        "prod",
        "eu-west-1",
        "acme-tfstate",
        "https://mlflow.acme.example",
        vpc_id="vpc-12345678",
        subnet_ids=("subnet-12345678",),
        public_ips=True,
        disk=200,
        alert_emails=("a@b.example", "c@d.example"),
        artifact_bucket="acme-models",
        github=GitHub("acme/models", "production"),
    )


@pytest.mark.parametrize(
    ("body", "public"),
    [
        ("max_vcpus: 64", True),
        ("network: {vpc_id: vpc-12345678}", False),
        ("network: {vpc_id: vpc-12345678, public_ips: true}", True),
        ("network: {cidr: 10.20.0.0/16}", False),
        ("mlflow: {server: {}}", False),
    ],
)
def test_jobs_have_public_addresses_in_the_default_network_and_where_they_are_asked_for(tmp_path, header, body, public):
    assert platform(tmp_path, header, body).public_ips is public


def test_a_network_of_its_own_has_two_zones_unless_it_says_three(tmp_path, header):
    small = platform(tmp_path, header, "network: {cidr: 10.20.0.0/16}")
    large = platform(tmp_path, header, "network: {cidr: 172.16.0.0/22, zones: 3}")
    assert (small.cidr, small.zones, small.vpc_id) == ("10.20.0.0/16", 2, "")
    assert (large.cidr, large.zones) == ("172.16.0.0/22", 3)


def test_an_empty_server_takes_every_default_of_the_core(tmp_path, header):
    found = platform(tmp_path, header, "mlflow: {server: {}}")
    assert found.server == Server()
    assert found.tracking_uri == "http://mlflow.acme-prod.internal"


def test_everything_that_a_server_can_say_arrives(tmp_path, header):
    certificate = "arn:aws:acm:eu-west-1:222222222222:certificate/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
    body = f"""\
mlflow:
  server:
    cpu: 2048
    memory: 8192
    tasks: {{min: 2, max: 4}}
    database: {{engine: postgres, instance_class: db.m7g.large, storage: 100, multi_az: true}}
    cidr: 10.40.0.0/20
    zones: 3
    domain: mlflow.acme.example
    certificate: {certificate}
    vpn: {{cidr: 10.50.0.0/16}}
    deletion_protection: false"""
    found = platform(tmp_path, header, body)
    assert found.server == Server(
        cpu=2048,
        memory=8192,
        min_tasks=2,
        max_tasks=4,
        database=Database("postgres", "db.m7g.large", 100, multi_az=True),
        cidr="10.40.0.0/20",
        zones=3,
        domain="mlflow.acme.example",
        certificate_arn=certificate,
        vpn_cidr="10.50.0.0/16",
        deletion_protection=False,
    )
    assert found.tracking_uri == "https://mlflow.acme.example"


def test_a_vpn_needs_no_addresses_to_be_named(tmp_path, header):
    server = platform(tmp_path, header, "mlflow: {server: {vpn: {}}}").server
    assert server is not None
    assert server.vpn_cidr == "10.31.0.0/22"


def test_the_sandbox_provisions_a_server_and_tracks_in_its_own(tmp_path):
    text = "version: 1\nplatform: demo\nenvironment: box\nsandbox: true\nmlflow: {server: {}}\nprojects: {}\n"
    found = load(written(tmp_path, text), VARIABLES).platform
    assert found.server == Server()
    assert found.tracking_uri == ""


def test_the_sandboxs_jobs_may_run_in_another_network_than_the_server_and_overlaps_are_told(problems):
    text = "version: 1\nplatform: demo\nenvironment: box\nsandbox: true\nmlflow: {server: {}}\nprojects: {}\n"
    assert problems(f"{text}network: {{cidr: 10.40.0.0/16}}\n") == ()
    (found,) = problems(f"{text}network: {{cidr: 10.30.16.0/20}}\n")
    assert found.startswith("m.yaml:5: mlflow.server.cidr: 10.30.0.0/16 overlaps network.cidr (10.30.16.0/20); choose")


def test_a_server_that_is_provisioned_wins_over_the_environments_address(tmp_path):
    found = load(written(tmp_path, "version: 1\nmlflow: {server: {}}\nprojects: {}\n"), VARIABLES).platform
    assert found.tracking_uri == "http://mlflow.acme-prod.internal"


def test_the_environments_address_goes_with_a_bucket_of_the_manifest(tmp_path):
    text = "version: 1\nmlflow: {artifact_bucket: acme-models}\nprojects: {}\n"
    found = load(written(tmp_path, text), VARIABLES).platform
    assert (found.tracking_uri, found.artifact_bucket) == ("https://mlflow.example", "acme-models")


def test_a_bad_bucket_beside_the_environments_address_is_not_said_to_come_from_there(problems):
    (found,) = problems("version: 1\nmlflow: {artifact_bucket: Acme}\nprojects: {}\n", VARIABLES)
    assert found.startswith("m.yaml:2: mlflow.artifact_bucket: 'Acme' is not an S3 bucket name")
    assert "MLFLOW_TRACKING_URI" not in found


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
        (
            "{instance_type: ml.g5.xlarge, instances: {min: 2, max: 6, invocations_per_instance: 200}, vpc: true}",
            Realtime(
                instance_type="ml.g5.xlarge",
                instances=RealtimeScaling(min=2, max=6, invocations_per_instance=200),
                vpc=True,
            ),
        ),
        ("{resources: {vcpu: 2, memory: 4096}}", Realtime(resources=Capacity(vcpu=2, memory=4096))),
        ("{type: async}", Asynchronous()),
        (
            "{type: async, instances: {min: 0, max: 4, backlog_per_instance: 5}, max_concurrent: 8}",
            Asynchronous(instances=AsyncScaling(min=0, max=4, backlog_per_instance=5), max_concurrent=8),
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


def test_a_manifest_that_is_a_link_to_nowhere_is_called_so_and_never_proposed(tmp_path):
    for name, target in (("loop.yaml", "loop.yaml"), ("gone.yaml", "none.yaml")):
        (tmp_path / name).symlink_to(tmp_path / target)
    (tmp_path / "good.yaml").write_text("version: 1\n")
    for name in ("loop.yaml", "gone.yaml"):
        with pytest.raises(ManifestInvalid) as caught:
            load(tmp_path / name, {})
        what = f"{tmp_path}/{name}: is a symbolic link that leads nowhere"
        assert caught.value.problems == (f"{what}; name a manifest with -m, such as {tmp_path}/good.yaml",)


def test_only_manifests_are_proposed_and_those_of_their_folder_where_there_is_none_beside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "manifests").mkdir()
    for name in (".checkov.yaml", "mkdocs.yaml", "manifests/prod.yaml", "manifests/.hidden.yaml"):
        (tmp_path / name).write_text("site: x\n" if name == "mkdocs.yaml" else "version: 1\n")
    (tmp_path / "manifests" / "latin.yaml").write_bytes(b"version: 1 # \xfc\n")
    with pytest.raises(ManifestInvalid) as caught:
        load(Path("nope.yaml"), {})
    assert caught.value.problems == ("nope.yaml: does not exist; name a manifest with -m, such as manifests/prod.yaml",)


def test_a_missing_manifest_is_an_error_without_a_traceback(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ManifestInvalid) as caught:
        load(tmp_path / "none.yaml", {})
    assert caught.value.problems == (
        f"{tmp_path}/none.yaml: does not exist; name a manifest with -m, such as manifests/prod.yaml",
    )


def test_a_folder_is_not_a_manifest(tmp_path):
    with pytest.raises(ManifestInvalid, match="is not a file"):
        load(tmp_path, {})
