"""From a valid manifest and the folders beside it to the desired state."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from reconciler.adapters.git import GitSources
from reconciler.core.desired import (
    Compute,
    Deployment,
    DriftPolicy,
    Project,
    RealtimeEndpoint,
    Resources,
    Run,
    ServerlessEndpoint,
    Source,
    Training,
)
from reconciler.errors import ManifestInvalid, SettingsMissing
from reconciler.manifest import Context, load, resolve

DIGEST = hashlib.sha256(f"{'7' * 40}\n0\n".encode()).hexdigest()
TFVARS = "terraform/stacks/training/defaults.auto.tfvars.json"


def listed(vcpu: float, memory: int, gpu: int | None = None) -> str:
    entries = [("VCPU", vcpu), ("MEMORY", memory), *([("GPU", gpu)] if gpu is not None else [])]
    return json.dumps([{"type": kind, "value": str(value)} for kind, value in entries])


@pytest.fixture
def problems(desired, checkout):
    """The problems of a manifest's text, with paths relative to the root."""

    def found(body: str, environment=None) -> list[str]:
        with pytest.raises(ManifestInvalid) as caught:
            desired(body, environment)
        return [problem.removeprefix(f"{checkout.root}/") for problem in caught.value.problems]

    return found


@pytest.fixture
def resources(desired, checkout):
    """The resources of project `a`."""

    def of(training: str = "", defaults: str = "", environment=None):
        checkout.project("a")
        body = f"defaults: {{training: {{{defaults}}}}}\nprojects: {{a: {{training: {{{training}}}}}}}"
        return desired(body, environment).projects[0].training.resources

    return of


def test_a_project_of_five_lines_gets_every_default(desired, checkout):
    checkout.project("a")
    checkout.write(TFVARS, f'{{"default_resource_requirements": {listed(1, 2048)}}}')
    assert desired("projects: {a: {deployment: {version: 3}}}").projects == (
        Project(
            name="a",
            model="a",
            source=Source("ml-projects/a", DIGEST, "c" * 40),
            training=Training(Resources(1, 2048), Compute.FARGATE, 14400, 3, Run.ON_CHANGE, 0),
            deployment=Deployment(3, RealtimeEndpoint("ml.t2.medium", 1), 5),
        ),
    )


def test_everything_that_a_project_says_arrives(desired, checkout):
    checkout.project("shared")
    checkout.trees.track("ml-projects/shared", ("ml-projects/shared/new.py",))
    (project,) = desired(
        "projects:\n  a:\n    owner: us\n    source: ./ml-projects/shared/\n    model: the-model\n    protect: true\n"
        "    drift_policy: warn\n"
        "    training: {resources: {vcpu: 3, memory: 5000, gpu: 2}, compute: spot, timeout: 1h, attempts: 9,"
        " run: manual, revision: 4}\n"
        "    deployment: {version: 7, endpoint: {type: serverless, memory: 1024, max_concurrency: 3}, keep_versions: 1}"
    ).projects
    assert project == Project(
        name="a",
        model="the-model",
        source=Source(
            "ml-projects/shared",
            hashlib.sha256(f"{'7' * 40}\n4\n".encode()).hexdigest(),
            "c" * 40,
            ("ml-projects/shared/new.py",),
        ),
        training=Training(Resources(3, 5000, 2), Compute.SPOT, 3600, 9, Run.MANUAL, 4),
        deployment=Deployment(7, ServerlessEndpoint(1024, 3), 1),
        owner="us",
        protect=True,
        drift_policy=DriftPolicy.WARN,
    )


def test_defaults_stand_in_for_what_projects_leave_out_and_nothing_else(desired, checkout):
    checkout.project("a")
    checkout.project("b")
    first, second = desired(
        "defaults:\n"
        "  training: {resources: {vcpu: 2, memory: 4096}, compute: fargate_spot, timeout: 1h, attempts: 1}\n"
        "  deployment: {endpoint: {type: serverless}, keep_versions: 2}\n"
        "  drift_policy: ignore\n"
        "projects:\n"
        "  a: {deployment: {version: 1}}\n"
        "  b:\n    drift_policy: correct\n    training: {compute: fargate, timeout: 2h, attempts: 2}\n"
        "    deployment: {version: 1, endpoint: {instance_type: ml.m5.large}, keep_versions: 9}\n"
    ).projects
    assert (first.drift_policy, second.drift_policy) == (DriftPolicy.IGNORE, DriftPolicy.CORRECT)
    assert first.training == Training(Resources(2, 4096), Compute.FARGATE_SPOT, 3600, 1)
    assert first.deployment == Deployment(1, ServerlessEndpoint(2048, 10), 2)
    assert second.training == Training(Resources(2, 4096), Compute.FARGATE, 7200, 2)
    assert second.deployment == Deployment(1, RealtimeEndpoint("ml.m5.large", 1), 9)


def test_resources_come_from_the_first_place_that_gives_them(resources, checkout):
    in_manifest, in_defaults = "resources: {vcpu: 1, memory: 3072}", "resources: {vcpu: 1, memory: 5120}"
    environment = {"TF_VAR_default_resource_requirements": listed(1, 6144)}
    checkout.write(TFVARS, f'{{"default_resource_requirements": {listed(1, 7168)}}}')
    checkout.write("ml-projects/a/resource-requirements.json", listed(1, 4096))
    assert resources(in_manifest, in_defaults, environment) == Resources(1, 3072)
    assert resources("", in_defaults, environment) == Resources(1, 4096)
    (checkout.root / "ml-projects/a/resource-requirements.json").unlink()
    assert resources("", in_defaults, environment) == Resources(1, 5120)
    assert resources("", "", environment) == Resources(1, 6144)
    assert resources("", "") == Resources(1, 7168)


def test_resources_of_two_places_are_never_mixed(resources, checkout):
    checkout.write("ml-projects/a/resource-requirements.json", listed(4, 8192, 1))
    assert resources("resources: {vcpu: 1, memory: 2048}") == Resources(1, 2048, 0)


def test_resources_that_are_given_nowhere_are_a_problem(problems, checkout):
    checkout.project("a")
    checkout.write(TFVARS, "{}")
    (problem,) = problems("projects:\n  a: {}")
    assert problem.startswith("manifests/prod.yaml:8: projects.a.training.resources: is given nowhere; write them here")


def test_a_gpu_in_the_projects_file_moves_it_off_fargate(desired, checkout):
    checkout.project("a")
    checkout.write("ml-projects/a/resource-requirements.json", listed(4, 16384, 1))
    assert desired("projects: {a: {}}").projects[0].training.compute is Compute.ON_DEMAND


def test_an_illegal_pair_in_the_projects_file_is_told_by_its_line(problems, checkout):
    checkout.project("a")
    text = '[\n  {"type": "VCPU", "value": "2"},\n  {"type": "MEMORY", "value": "3000"}\n]\n'
    checkout.write("ml-projects/a/resource-requirements.json", text)
    (problem,) = problems("projects: {a: {}}")
    assert problem.startswith(
        "ml-projects/a/resource-requirements.json:3: memory: 3000 MiB with 2 vCPU on fargate, because AWS Fargate takes"
    )


def test_defaults_that_do_not_go_with_a_projects_compute_are_told_by_their_line(problems, checkout):
    checkout.project("a")
    (problem,) = problems(
        "defaults: {training: {resources: {vcpu: 0.5, memory: 1024}}}\nprojects:\n  a: {training: {compute: spot}}"
    )
    assert problem.startswith("manifests/prod.yaml:7: defaults.training.resources.vcpu: 0.5 on spot, because")


def test_an_illegal_pair_from_the_environment_names_the_variable(problems, checkout):
    checkout.project("a")
    (problem,) = problems("projects:\n  a: {}", {"TF_VAR_default_resource_requirements": listed(2, 3000)})
    assert problem.startswith("manifests/prod.yaml:8: projects.a.training.resources.memory: 3000 MiB with 2 vCPU")
    assert problem.endswith("(from TF_VAR_default_resource_requirements)")


def test_every_problem_of_every_folder_is_told_at_once(problems, checkout):
    training = "training: {resources: {vcpu: 1, memory: 2048}}"
    (checkout.root / "ml-projects/bare").mkdir(parents=True)
    checkout.write("ml-projects/renamed/MLproject.yaml", "name: x\n")
    checkout.write("ml-projects/untracked/MLproject", "name: x\n")
    for name in ("bare", "renamed"):
        checkout.trees.track(f"ml-projects/{name}")
    checkout.project("broken")
    checkout.write("ml-projects/broken/resource-requirements.json", '[\n{"type": "CPU", "value": "1"}]')
    names = ["absent", "bare", "renamed", "untracked"]
    body = "projects:\n" + "".join(f"  {name}: {{{training}}}\n" for name in names) + "  broken: {}\n"
    expected = (
        "manifests/prod.yaml:8: projects.absent.source: there is no folder ml-projects/absent; create it",
        "manifests/prod.yaml:9: projects.bare.source: ml-projects/bare is not an MLflow project, because it has no",
        "manifests/prod.yaml:10: projects.renamed.source: ml-projects/renamed is not an MLflow project, because",
        "manifests/prod.yaml:11: projects.untracked.source: ml-projects/untracked is not in commit 0123",
        "ml-projects/broken/resource-requirements.json:2: 'CPU' is not a type of requirement; there are VCPU",
    )
    found = problems(body)
    assert len(found) == len(expected)
    assert all(problem.startswith(start) for problem, start in zip(sorted(found), sorted(expected), strict=True)), found
    assert any(problem.endswith("rename MLproject.yaml to MLproject") for problem in found)


@pytest.mark.parametrize("name", ["MLproject", "MLProject", "mlproject"])
def test_mlflow_takes_the_project_file_in_any_case(desired, checkout, name):
    checkout.project("a")
    (checkout.root / "ml-projects/a/MLproject").rename(checkout.root / "ml-projects/a" / name)
    assert desired("projects: {a: {training: {resources: {vcpu: 1, memory: 2048}}}}").projects


def test_a_folder_that_leads_out_of_the_root_is_refused(problems, checkout, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "MLproject").write_text("name: x\n")
    (checkout.root / "ml-projects").mkdir()
    (checkout.root / "ml-projects" / "a").symlink_to(outside)
    (problem,) = problems("projects:\n  a: {training: {resources: {vcpu: 1, memory: 2048}}}")
    assert "projects.a.source: ml-projects/a leads out of the project root" in problem


ASKED = "defaults: {training: {resources: {vcpu: 1, memory: 2048}}}\n"


@pytest.mark.parametrize("name", ["ml-projects/a", "ml-projects", "ml-projects/a/MLproject"])
def test_a_link_that_points_to_itself_is_a_problem_and_no_traceback(problems, checkout, name):
    checkout.project("b")
    path = checkout.root / name
    if path.is_dir():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(path.name)
    told = problems(f"{ASKED}projects: {{a: {{}}}}")
    assert len([problem for problem in told if "projects.a.source" in problem]) == 1


@pytest.mark.parametrize("file", ["resource-requirements.json", "policy.json"])
def test_a_file_that_is_a_link_to_itself_cannot_be_read(problems, checkout, file):
    checkout.project("a")
    (checkout.root / "ml-projects/a" / file).symlink_to(file)
    (problem,) = problems(f"{ASKED if file == 'policy.json' else ''}projects: {{a: {{}}}}")
    assert problem.startswith(f"ml-projects/a/{file}:1: cannot be read: it is a link that leads nowhere")


def test_a_folder_of_a_name_that_no_file_system_takes_is_not_there(problems):
    told = problems(f"{ASKED}projects: {{a: {{source: {'x' * 5000}}}}}")
    assert "there is no folder" in told[0]


def test_a_requirements_file_that_is_not_text_is_a_problem(problems, checkout):
    checkout.project("a")
    (checkout.root / "ml-projects/a/resource-requirements.json").write_bytes(b"\xff")
    (problem,) = problems("projects: {a: {}}")
    assert problem.startswith("ml-projects/a/resource-requirements.json:1: is not UTF-8 text: byte 0xff")


POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}'


def test_a_policy_beside_the_project_wins_over_the_shared_one(desired, checkout):
    checkout.project("a")
    checkout.project("b")
    checkout.write("policies/training-jobs-policy.json", POLICY)
    checkout.write("ml-projects/b/policy.json", POLICY.replace("sqs:SendMessage", "sns:Publish"))
    first, second = desired(
        "defaults: {training: {resources: {vcpu: 1, memory: 2048}}}\nprojects: {a: {}, b: {}}"
    ).projects
    assert "sqs:SendMessage" in first.training.policy
    assert "sns:Publish" in second.training.policy


def test_a_schedule_arrives_and_without_one_there_is_none(desired, checkout):
    checkout.project("a")
    checkout.project("b")
    training = "resources: {vcpu: 1, memory: 2048}"
    first, second = desired(
        f"projects: {{a: {{training: {{{training}, schedule: rate(7 days)}}}}, b: {{training: {{{training}}}}}}}"
    ).projects
    assert (first.training.schedule, second.training.schedule) == ("rate(7 days)", "")


def test_problems_of_policies_and_of_endpoints_are_told_with_those_of_resources(problems, checkout):
    for name in ("a", "b"):
        checkout.project(name)
    checkout.write("policies/training-jobs-policy.json", POLICY.replace("Allow", "Permit"))
    found = problems("projects:\n  a: {}\n  b: {deployment: {version: 1}}")
    assert [problem.split(": ")[:2] for problem in found] == [
        ["manifests/prod.yaml:8", "projects.a.training.resources"],
        ["manifests/prod.yaml:9", "projects.b.training.resources"],
        ["policies/training-jobs-policy.json:1", "Statement[0].Effect"],
        ["manifests/prod.yaml:9", "projects.b.deployment.endpoint"],
    ]


def test_the_sandbox_gets_the_tracking_server_of_the_context(desired):
    header = "version: 1\nplatform: demo\nenvironment: box\nsandbox: true\n"
    state = desired("projects: {}", tracking_uri="http://127.0.0.1:5000", header=header)
    assert state.platform.tracking_uri == "http://127.0.0.1:5000"
    with pytest.raises(SettingsMissing, match="no MLflow server is known"):
        desired("projects: {}", header=header)


def test_the_manifests_tracking_server_wins_over_that_of_the_context(desired):
    state = desired("projects: {}", tracking_uri="http://127.0.0.1:5000")
    assert state.platform.tracking_uri == "https://mlflow.acme.example"


def test_the_retirement_limit_is_one_unless_the_manifest_says_otherwise(desired):
    assert desired("projects: {}").retire_limit == 1
    assert desired("limits: {retire: 7}\nprojects: {}").retire_limit == 7


def test_the_projects_of_the_desired_state_are_sorted_by_name(desired, checkout):
    for name in ("b", "a", "c"):
        checkout.project(name)
    body = "defaults: {training: {resources: {vcpu: 1, memory: 2048}}}\nprojects: {c: {}, a: {}, b: {}}"
    assert [project.name for project in desired(body).projects] == ["a", "b", "c"]


def test_the_desired_state_of_a_real_checkout_is_that_of_git(checkout, header):
    checkout.project("a")
    path = checkout.write(
        "manifests/prod.yaml", f"{header}projects: {{a: {{training: {{resources: {{vcpu: 1, memory: 2048}}}}}}}}\n"
    )
    git(checkout.root, "init", "--quiet")
    git(checkout.root, "add", "--all")
    git(checkout.root, "commit", "--quiet", "--message", "first")
    checkout.write("ml-projects/a/new.py", "")
    context = Context(checkout.root, GitSources(checkout.root), checkout.root / "terraform" / "stacks")
    source = resolve(load(path, {}), context).projects[0].source
    tree = git(checkout.root, "rev-parse", "HEAD:ml-projects/a").strip()
    assert source.digest == hashlib.sha256(f"{tree}\n0\n".encode()).hexdigest()
    assert source.uncommitted == ("ml-projects/a/new.py",)


@pytest.mark.parametrize(
    ("attributes", "told"),
    [
        ("ml-projects export-ignore", ["MLproject"]),
        ("/ml-projects/a export-ignore", ["MLproject"]),
        ("MLproject export-ignore", ["MLproject"]),
        ("*.yaml export-ignore", ["MLproject", "env.yaml"]),
        ("resource-requirements.json export-ignore", []),
    ],
)
def test_a_file_that_no_image_has_is_told_where_a_training_needs_it(attributes, told, checkout, header):
    checkout.project("a")
    checkout.write(
        "ml-projects/a/MLproject", "python_env: env.yaml\nentry_points: {main: {command: python train.py}}\n"
    )
    checkout.write("ml-projects/a/env.yaml", "python: '3.11'\n")
    checkout.write("ml-projects/a/resource-requirements.json", listed(2, 4096))
    checkout.write(".gitattributes", f"{attributes}\n")
    path = checkout.write("manifests/prod.yaml", f"{header}projects: {{a: {{}}}}\n")
    git(checkout.root, "init", "--quiet")
    git(checkout.root, "add", "--all")
    git(checkout.root, "commit", "--quiet", "--message", "first")
    context = Context(checkout.root, GitSources(checkout.root), checkout.root / "terraform" / "stacks")
    try:
        assert resolve(load(path, {}), context).projects[0].training.resources == Resources(2, 4096)
        problems: tuple[str, ...] = ()
    except ManifestInvalid as error:
        problems = error.problems
    assert [one.partition("ml-projects/a/")[2].partition(":")[0] for one in problems] == told
    left_out = [one for one in problems if "is in the commit and in no image, because a .gitattributes says" in one]
    assert len(left_out) == min(len(told), 1)


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=team", "-c", "user.email=team@example.invalid", "-c", "commit.gpgsign=false")
    command = ("git", *identity, *words)
    return subprocess.run(command, cwd=folder, check=True, timeout=30, capture_output=True, text=True).stdout


def test_a_mark_of_the_byte_order_is_no_part_of_a_requirements_file(desired, checkout):
    checkout.project("a")
    checkout.write("ml-projects/a/resource-requirements.json", "\ufeff" + listed(2, 4096))
    assert desired("projects: {a: {}}").projects[0].training.resources == Resources(2, 4096)


def test_what_is_asked_for_in_a_file_that_nobody_committed_is_not_asked_for_and_said(problems, checkout):
    checkout.project("a")
    file = "ml-projects/a/resource-requirements.json"
    checkout.trees.track("ml-projects/a", (file,))
    [told] = problems("projects:\n  a: {}")
    assert told.endswith(f"is given nowhere; commit {file}, which is not in the commit")
