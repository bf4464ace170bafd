"""What is said of each mistake, and that nothing is said twice or for nothing."""

from pathlib import Path

import pytest

MISTAKES = Path(__file__).with_name("mistakes.txt").read_text(encoding="utf-8")
NO_PROJECTS = "projects: {}"
GPU = "resources: {vcpu: 4, memory: 16384, gpu: 1}"
NEEDED = {
    "version": "1: version: is missing; a manifest starts with `version: 1`",
    "platform": "1: platform: is missing; write it in the header, or set TF_VAR_project",
    "environment": "1: environment: is missing; write it in the header, or set TF_VAR_env_name",
    "region": "1: region: is missing; write it in the header, or set TF_VAR_region",
    "state_bucket": "1: state_bucket: is missing; write it in the header, or set TF_VAR_state_bucket_name",
    "mlflow": "1: mlflow: is missing; write mlflow: {tracking_uri: https://…} or mlflow: {server: {}} here, or set "
    "MLFLOW_TRACKING_URI",
}


def blocks() -> dict[str, tuple[list[str], list[str]]]:
    """Title of each mistake, with its lines of YAML and the problems that they give."""
    found = {}
    for block in MISTAKES.split("\n\n# ")[1:]:
        title, *lines = block.strip("\n").split("\n")
        yaml = [line for line in lines if not line.startswith("=> ")]
        found[title] = yaml, [line.removeprefix("=> ") for line in lines if line.startswith("=> ")]
    return found


def below(header: str, lines: list[str]) -> str:
    """A manifest: `lines` stand in place of the header's line of the same key, or below the header."""
    keys = {line.partition(":")[0] for line in header.splitlines()}
    if lines[0].partition(":")[0] not in keys:
        return "\n".join([header.rstrip(), *lines, ""])
    kept = [lines[0] if lines[0].startswith(line.partition(":")[0] + ":") else line for line in header.splitlines()]
    return "\n".join([*kept, *lines[1:], NO_PROJECTS, ""])


def test_the_mistakes_are_many():
    assert len(blocks()) > 200


@pytest.mark.parametrize(("lines", "expected"), blocks().values(), ids=blocks())
def test_a_mistake_is_told_by_its_line_its_path_and_its_reason(problems, header, lines, expected):
    assert list(problems(below(header, lines))) == [f"m.yaml:{one}" for one in expected]


@pytest.mark.parametrize("key", NEEDED)
def test_a_header_key_that_is_needed_and_given_nowhere_is_told_with_both_ways_to_give_it(problems, header, key):
    lines = [line for line in header.splitlines() if not line.startswith(f"{key}:")]
    assert problems("\n".join([*lines, NO_PROJECTS])) == (f"m.yaml:{NEEDED[key]}",)


def test_ten_different_mistakes_give_ten_problems_each_on_its_line(problems):
    text = """\
version: 1
platform: Acme
environment: prod
region: eu-west-9
state_bucket: acme-tfstate
account: 012345678901
mlflow: {tracking_uri: https://mlflow.acme.example}
projects:
  churn:
    deployment: {version: latest}
  ranker:
    training:
      attemps: 3
      timeout: 10s
      resources: {vcpu: 4, memory: 16384, gpu: 1}
      compute: fargate
    deployment:
      version: 3
      version: 4
      endpoint: {type: serverless, memory: 1000}
  triage:
    protect: on
"""
    lines = [int(problem.split(":")[1]) for problem in problems(text)]
    assert lines == [2, 4, 6, 10, 13, 14, 15, 19, 20, 22]


def test_a_rule_says_nothing_of_values_that_are_wrong_by_themselves(problems, header):
    found = problems(f"{header}projects: {{a: {{training: {{compute: fargte, {GPU}}}}}}}\n")
    assert len(found) == 1
    assert ".compute: " in found[0]


def test_a_mistake_in_one_setting_of_the_server_hides_no_other(problems, header):
    lines = [line for line in header.splitlines() if not line.startswith("mlflow:")]
    found = problems(
        "\n".join(
            [
                *lines,
                "mlflow:",
                "  tracking_uri: https://mlflow.acme.example",
                "  server:",
                "    cpu: 0",
                "    tasks: {min: 2, max: 1}",
                "    cidr: 10.31.0.0/16",
                "    vpn: {}",
                "network: {cidr: 10.31.0.0/16}",
                NO_PROJECTS,
            ]
        )
    )
    told = [problem.split(": ")[:2] for problem in found]
    assert told == [
        ["m.yaml:7", "mlflow.tracking_uri"],
        ["m.yaml:9", "mlflow.server.cpu"],
        ["m.yaml:10", "mlflow.server.tasks.max"],
        ["m.yaml:11", "mlflow.server.cidr"],
        ["m.yaml:12", "mlflow.server.vpn.cidr"],
        ["m.yaml:12", "mlflow.server.vpn.cidr"],
        ["m.yaml:13", "network"],
    ]


def test_a_value_that_yaml_readers_disagree_on_is_told_once(problems, header):
    found = problems(header + "projects: {a: {training: {resources: {vcpu: 0x4, memory: 16384}}}}\n")
    assert len(found) == 1
    assert ".vcpu: 0x4 is not clear" in found[0]


def test_a_mistake_in_an_anchor_is_told_for_each_place_with_the_anchors_line(problems, header):
    found = problems(header + "projects:\n  a: {training: &t {attempts: 0}}\n  b: {training: *t}\n")
    assert [problem.split(": ")[:2] for problem in found] == [
        ["m.yaml:8", "projects.a.training.attempts"],
        ["m.yaml:8", "projects.b.training.attempts"],
    ]


def test_a_key_cannot_give_orders_to_the_terminal(problems, header):
    (problem,) = problems(header + 'projects: {}\n"a\\e[31m\\nb": 1\n')
    assert problem.startswith("m.yaml:8: a\\x1b[31m\\nb: is not a known key")
