"""`reconcile github`, `--base` and `--edit-only`: what the workflows ask for, as a person may type it."""

import json
import subprocess
from pathlib import Path

import pytest

from support.command_line import CommandLine

ACCOUNT = "123456789012"
HOSTED = {"type": "realtime", "instance_type": "ml.m5.large", "instances": 1}


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    found = CommandLine(tmp_path / "team", monkeypatch)
    found.header |= {"account": ACCOUNT, "github": {"repository": "acme/models", "environment": "live"}}
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/models")
    return found


def environments(line: CommandLine, *arguments: str) -> list[dict[str, str]]:
    ran = line.run("github", "environments", *arguments)
    assert ran.code == 0, ran.out
    return json.loads(ran.out.removeprefix("environments="))


def test_the_environments_of_this_repository_are_those_whose_manifests_name_it(line, monkeypatch):
    line.save()
    (only,) = environments(line)
    assert only["manifest"] == "manifests/prod.yaml"
    assert only["plan_role"] == f"arn:aws:iam::{ACCOUNT}:role/acme-test-plan"
    assert environments(line, "--environment", "test") == [only]
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/others")
    assert environments(line) == []


def test_a_mistake_in_a_project_hides_no_environment(line):
    line.projects["churn"] = {"trainin": {}}
    line.save()
    assert [one["name"] for one in environments(line)] == ["test"]


@pytest.mark.parametrize(
    ("key", "value", "code", "says"),
    [
        ("account", None, 3, "prod.yaml:8: github: workflows take roles of one account; write `account:`"),
        ("region", "nowhere", 3, "prod.yaml:4: region: "),
    ],
)
def test_an_environment_whose_roles_cannot_be_named_is_an_error_with_its_line(line, key, value, code, says):
    line.header[key] = value
    if value is None:
        del line.header[key]
    line.save()
    ran = line.run("github", "environments")
    assert (ran.code, says in ran.out) == (code, True), ran.out


def test_an_unknown_environment_is_told_with_those_that_are_known(line):
    line.save()
    ran = line.run("github", "environments", "--environment", "prod")
    assert ran.code == 1
    assert "is of environment prod of this repository" in ran.out
    assert "known: test" in ran.out


def test_outside_a_workflow_the_missing_variable_is_named(line, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY")
    assert "GITHUB_REPOSITORY is not set" in line.run("github", "environments").out


def test_a_plan_file_tells_a_job_whether_there_is_something_to_do(line):
    line.want("churn", deployment={"version": 1, "endpoint": HOSTED})
    line.run("--dry-run", "--out", "plan.json")
    head = subprocess.run(("git", "rev-parse", "HEAD"), capture_output=True, text=True, check=True).stdout.strip()
    digest = json.loads(Path("plan.json").read_text())["digest"]
    told = line.run("github", "outputs", "plan.json").out.splitlines()
    assert told == ["pending=true", f"commit={head}", f"digest={digest}"]
    line.run("--wait")
    line.run("--dry-run", "--out", "plan.json")
    assert line.run("github", "outputs", "plan.json").out.startswith("pending=false\n")


def test_where_there_is_no_plan_nothing_is_to_be_done(line):
    line.projects["churn"] = {"trainin": {}}
    line.save()
    assert line.run("--dry-run", "--out", "plan.json").code == 3
    assert line.run("github", "outputs", "plan.json").out.startswith("pending=false\ncommit=\n")


def test_no_text_of_a_plan_file_becomes_an_output_of_its_own(line):
    line.save()
    Path("plan.json").write_text(json.dumps({"pending": "true", "digest": "a\npending=true", "basis": {"commit": "b"}}))
    assert line.run("github", "outputs", "plan.json").out.splitlines() == [
        "pending=false",
        "commit=b",
        "digest=a pending=true",
    ]


@pytest.mark.parametrize("content", [None, "", "{", "[1]"])
def test_what_is_no_plan_file_is_an_error(line, content):
    line.save()
    if content is not None:
        Path("plan.json").write_text(content)
    ran = line.run("github", "outputs", "plan.json")
    assert ran.code == 1
    assert "plan.json" in ran.out


def change(line: CommandLine, **header: object) -> None:
    """A pull request's tree beside the branch's own."""
    other = CommandLine(line.root / "change", line.patch, line.cloud, header={**line.header, **header})
    other.want("churn", deployment={"version": 1, "endpoint": HOSTED})
    line.patch.chdir(line.root)


def plan_change(line: CommandLine):
    return line.run("-m", "change/manifests/prod.yaml", "--base", "manifests/prod.yaml", "--dry-run")


def test_a_change_of_the_same_environment_is_planned(line):
    line.save()
    change(line)
    ran = plan_change(line)
    assert ran.code == 0, ran.out
    assert "Plan: " in ran.out


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (
            {"mlflow": {"tracking_uri": "https://evil.example"}},
            "mlflow.tracking_uri: http://mlflow.test became https://",
        ),
        ({"state_bucket": "theirs"}, "state_bucket: acme-test-tfstate became theirs"),
        ({"account": "210987654321"}, f"account: {ACCOUNT} became 210987654321"),
        ({"sandbox": True}, "sandbox: false became true"),
    ],
)
def test_a_change_that_leads_elsewhere_is_refused_before_anything_is_asked(line, header, says):
    line.save()
    change(line, **header)
    line.cloud = None
    ran = plan_change(line)
    assert (ran.code, says in ran.out) == (4, True), ran.out


def test_a_link_that_leads_out_of_a_change_is_refused(line, tmp_path):
    line.save()
    (tmp_path / "secret").write_text("canary")
    change(line)
    (line.root / "change" / "policies").symlink_to(tmp_path)
    ran = plan_change(line)
    assert ran.code == 4
    assert "policies is a link that leads out of" in ran.out
    assert "canary" not in ran.out


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("loop", "loop"),
        ("manifests/loop.yaml", "loop.yaml"),
        ("policies", "policies"),
        ("terraform", "terraform"),
        ("tick", "tock"),
        ("up", "../../.."),
        ("root", "/"),
        ("nowhere", "../nowhere"),
    ],
)
def test_a_link_that_leads_elsewhere_nowhere_or_to_itself_leads_out(line, name, target):
    line.save()
    change(line)
    (line.root / "change" / name).symlink_to(target)
    if target == "tock":
        (line.root / "change" / target).symlink_to(name)
    ran = plan_change(line)
    assert (ran.code, "is a link that leads out of" in ran.out) == (4, True), ran.out


def test_a_link_inside_the_change_is_taken(line):
    line.save()
    change(line)
    (line.root / "change" / "notes").symlink_to("manifests")
    (line.root / "change" / "gone").symlink_to("manifests/gone.yaml")
    assert "leads out" not in plan_change(line).out


def test_the_base_itself_must_be_right(line):
    change(line)
    ran = plan_change(line)
    assert (ran.code, "manifests/prod.yaml: does not exist" in ran.out) == (3, True), ran.out


def test_an_edit_alone_asks_nobody_and_waits_for_a_commit(line):
    line.header["requires"] = {"clean_tree": True}
    line.want("churn", training={}, deployment={"version": 1, "endpoint": HOSTED})
    line.cloud = None
    assert line.run("deploy", "churn", "2", "--edit-only").code == 0
    assert "version: 2" in Path("manifests/prod.yaml").read_text()
    assert line.run("remove", "churn", "--edit-only").code == 4
    assert line.run("undeploy", "churn", "--edit-only").code == 0
    ran = line.run("remove", "churn", "--edit-only")
    assert (ran.code, ran.out) == (0, "manifests/prod.yaml was edited: commit and merge it\n")
    assert "churn" not in Path("manifests/prod.yaml").read_text()


def test_names_that_may_be_retired_are_taken_from_the_environment(line, monkeypatch):
    line.header["limits"] = {"retire": 0}
    line.want("churn", training={})
    line.want("ranker", training={})
    assert line.run("--wait").code == 0
    line.drop("churn")
    line.drop("ranker")
    assert line.run("--dry-run").code == 4
    monkeypatch.setenv("RECONCILE_ALLOW_RETIRE", "churn ranker")
    assert line.run("--dry-run").code == 0
