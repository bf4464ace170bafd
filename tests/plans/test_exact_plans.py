"""A plan in a file is applied exactly, or refused with what moved since it was made."""

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given

from core.test_plan_properties import worlds
from reconciler.core import names
from reconciler.core.digest import digest
from reconciler.core.guards import guard
from reconciler.core.observed import ModelVersion
from reconciler.core.plan import plan
from reconciler.errors import ReadFailed
from reconciler.reconcile import Proposal
from reconciler.render.document import document
from reconciler.render.schema import json_schema
from support.builders import HERE_AND_NOW, PLATFORM
from support.command_line import CommandLine
from support.examples import examples

SCHEMA = jsonschema.Draft202012Validator(json_schema())
FILE = "plan.json"


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A team with one project that serves version 1, and pins version 2."""
    line = CommandLine(tmp_path / "repo", monkeypatch)
    line.want("churn", deployment={"version": 1})
    assert line.run("--wait").code == 0
    line.cloud.versions["churn"] = (*line.cloud.versions["churn"], ModelVersion(2, "churn-run-1"))
    line.want("churn", deployment={"version": 2})
    line.cloud.calls.clear()
    return line


def planned(line: CommandLine) -> dict[str, object]:
    assert line.run("--dry-run", "--out", FILE).code == 0
    return loaded(FILE)


def loaded(path: str) -> dict[str, object]:
    content = json.loads(Path(path).read_text())
    SCHEMA.validate(content)
    return content


def edited(**changes: object) -> None:
    """A file that says something else than the program wrote, with a digest to match."""
    content = {**json.loads(Path(FILE).read_text()), **changes}
    content["digest"] = digest({key: value for key, value in content.items() if key != "digest"})
    Path(FILE).write_text(json.dumps(content))


def test_a_plan_file_is_applied_exactly(team):
    made = planned(team)
    ran = team.run("--plan", FILE)
    assert (ran.code, team.cloud.calls) == (0, ["build model churn 2", "apply deployment churn"])
    assert made["summary"] in ran.out


def test_it_is_written_whole_and_for_its_owner_alone(team):
    Path(FILE).write_text("older")
    planned(team)
    assert stat.S_IMODE(Path(FILE).stat().st_mode) == 0o600
    assert [path.name for path in Path().glob(".plan*")] == []


def world_moved(line):
    endpoint = names.endpoint(PLATFORM, "churn")
    line.cloud.endpoints[endpoint] = replace(line.cloud.endpoints[endpoint], failure="no ping")
    line.cloud.versions["churn"] = (*line.cloud.versions["churn"], ModelVersion(3, "elsewhere"))


def pin_moved(line):
    line.want("churn", deployment={"version": 1})


def resources_moved(line):
    path = line.root / "manifests/prod.yaml"
    path.write_text(path.read_text() + "    training: {resources: {vcpu: 1, memory: 4096}}\n")


def commit_moved(line):
    line.commit()


def project_came(line):
    line.want("spam", deployment={"version": 1})


def read_fails(line):
    line.cloud.broken["read endpoints"] = ReadFailed("throttled")


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (world_moved, "churn: its endpoint and its versions moved"),
        (pin_moved, "the manifest asks for something else for churn (deployment)"),
        (resources_moved, "the manifest asks for something else for churn (training)"),
        (commit_moved, "git moved from commit "),
        (project_came, "spam is new in the manifest"),
        (read_fails, "what could not be read is something else"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_nothing_is_applied_once_something_moved(team, happens, said):
    planned(team)
    happens(team)
    ran = team.run("--plan", FILE)
    assert (ran.code, team.cloud.calls) == (4, [])
    assert said in ran.out
    assert "make a new plan" in ran.out


def test_a_dry_run_tells_whether_a_plan_would_still_be_applied(team):
    planned(team)
    assert team.run("--dry-run", "--plan", FILE).code == 0
    world_moved(team)
    assert team.run("--dry-run", "--plan", FILE).code == 4
    assert team.cloud.calls == []


def test_what_was_chosen_is_in_the_file(team):
    team.run("train", "churn", "--dry-run", "--out", FILE)
    chosen = {"projects": ["churn"], "allow_retire": [], "train": ["churn"], "retry": [], "despite_alarm": []}
    chosen["parameters"] = {}
    assert loaded(FILE)["options"] == chosen
    assert team.run("--plan", FILE, "--wait").code == 0
    assert [call for call in team.cloud.calls if call.startswith("submit")] == [
        f"submit {job}" for job, _ in team.cloud.jobs[:1]
    ]


def test_parameters_that_were_given_by_hand_are_carried_out_with_the_file(team):
    (team.root / "ml-projects/churn/MLproject").write_text(
        "entry_points:\n  main: {parameters: {alpha: {default: 1}}, command: 'python train.py {alpha}'}\n"
    )
    team.commit()
    team.run("--wait")
    assert team.run("train", "churn", "-P", "alpha=2", "--dry-run", "--out", FILE).code == 0
    assert loaded(FILE)["options"]["parameters"] == {"alpha": "2"}
    assert team.run("--plan", FILE, "--wait").code == 0
    assert list(team.cloud.given.values())[-1] == {"RECONCILER_PARAMETERS": '{"alpha": "2"}'}


def test_a_file_of_a_program_that_knew_neither_alarms_nor_parameters_is_still_applied(team):
    options = planned(team)["options"]
    edited(options={key: value for key, value in options.items() if key not in ("despite_alarm", "parameters")})
    assert team.run("--plan", FILE).code == 0
    assert "apply deployment churn" in team.cloud.calls


@pytest.mark.parametrize("option", ["--project", "--allow-retire", "--despite-alarm"])
def test_what_shapes_a_plan_is_not_given_beside_one(team, option):
    planned(team)
    ran = team.run("--plan", FILE, option, "churn")
    assert (ran.code, team.cloud.calls) == (1, [])
    assert "--plan holds what was chosen already" in ran.out


def test_a_plan_is_carried_out_once_and_what_follows_is_for_another_one(team):
    team.want("spam", deployment={"version": 1})
    planned(team)
    assert team.run("--plan", FILE, "--wait").code == 0
    assert "apply deployment spam" not in team.cloud.calls
    assert team.run("--plan", FILE).code == 4


BROKEN = [
    (lambda text: text[: len(text) // 2], 1, "is no plan: it is not whole JSON"),
    (lambda text: "[]", 1, "is no plan: it has no format"),
    (lambda text: "[" * 100_000, 1, "is no plan"),
    (lambda text: "\ud800".encode("utf-8", "surrogatepass"), 1, "is no plan"),
    (lambda text: text.replace('"format": 2', '"format": 1'), 4, "is a plan of format 1, this program reads format 2"),
    (lambda text: text.replace("version 2", "version 3"), 4, "was changed, or cut short, after it was written"),
    (lambda text: text.replace('"rollback": 0', '"rollback": NaN'), 4, "was changed, or cut short"),
    (lambda text: text.replace('"rollback": 0', '"rollback": 1e999'), 4, "was changed, or cut short"),
]


@pytest.mark.parametrize(("breaks", "code", "said"), BROKEN, ids=[row[2] for row in BROKEN])
def test_a_file_that_is_no_plan_is_refused_with_its_name_and_the_reason(team, breaks, code, said):
    planned(team)
    text = breaks(Path(FILE).read_text())
    Path(FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
    ran = team.run("--plan", FILE)
    assert (ran.code, team.cloud.calls) == (code, [])
    assert f"{FILE} {said}" in ran.out
    assert "Traceback" not in ran.out


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"environment": "prod"}, 4, "is a plan of acme-prod in eu-west-1, the manifest is of acme-test in eu-west-1"),
        ({"basis": 3}, 1, "is no plan: basis: "),
        ({"surprise": 1}, 1, "is no plan: surprise: "),
    ],
)
def test_a_plan_of_something_else_is_refused(team, changes, code, said):
    planned(team)
    edited(**changes)
    ran = team.run("--plan", FILE)
    assert (ran.code, team.cloud.calls) == (code, [])
    assert f"{FILE} {said}" in ran.out


def test_a_missing_plan_is_an_error_with_its_name(team):
    ran = team.run("--plan", "nowhere.json")
    assert ran.code == 1
    assert "nowhere.json cannot be read: No such file or directory" in ran.out


def test_the_file_is_written_when_planning_fails_and_is_never_applied(team):
    planned(team)
    ran = team.run("--dry-run", "--project", "nobody", "--out", FILE)
    content = loaded(FILE)
    assert (ran.code, content["environment"], content["error"]["exit_code"]) == (1, "test", 1)
    error = {"what": "no project named nobody", "remedy": "known are: churn", "exit_code": 1, "detail": ""}
    assert content["error"] == error
    ran = team.run("--plan", FILE)
    assert (ran.code, team.cloud.calls) == (4, [])
    assert f"{FILE} holds no plan: planning failed" in ran.out


def test_the_file_is_written_when_not_even_the_manifest_can_be_read(team):
    (team.root / "manifests/prod.yaml").write_text("version: 2\n")
    assert team.run("--dry-run", "--out", FILE).code == 3
    content = loaded(FILE)
    assert (content["environment"], content["error"]["exit_code"]) == (None, 3)


def test_a_run_leaves_its_plan_and_its_report_and_they_are_not_applied_again(team):
    assert team.run("--out", FILE, "-o", "json").code == 0
    [one] = loaded(FILE)["rounds"]
    assert one["report"]["churn"]["done"] == ["build the image of version 2", "update version 1 -> 2"]
    ran = team.run("--plan", FILE)
    assert (ran.code, f"{FILE} is of a run that was carried out already" in ran.out) == (4, True)


@pytest.mark.parametrize("path", ["no-folder/plan.json", "manifests", os.devnull])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_done(team, path):
    ran = team.run("--out", path)
    assert (ran.code, team.cloud.calls) == (1, [])
    assert f"{path} cannot be written: " in ran.out
    assert Path(os.devnull).is_char_device()


def test_the_schema_allows_nothing_that_is_not_on_it():
    shapes = [shape for shape in json_schema()["$defs"].values() if "properties" in shape]
    assert len(shapes) > 10
    assert all(shape["additionalProperties"] is False for shape in shapes)


def test_the_published_schema_is_the_programs_own():
    published = Path(__file__).parents[2] / "docs" / "plan.schema.json"
    assert json.loads(published.read_text()) == json_schema()


@given(worlds())
@examples(100)
def test_every_plan_is_a_document_of_the_published_schema(world):
    asked, seen = world
    made = json.loads(json.dumps(document(Proposal(asked, seen, guard(plan(asked, seen), asked, seen, HERE_AND_NOW)))))
    SCHEMA.validate(made)
    assert made["digest"] == digest({key: value for key, value in made.items() if key != "digest"})
