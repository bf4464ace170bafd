"""Models that do not load: what serves goes on serving, and what was refused is not tried again."""

import pytest

from support.moody import MOODY, REQUEST, live

pytestmark = pytest.mark.e2e


def test_a_model_that_cannot_load_leaves_the_old_version_serving_and_is_not_tried_again(checkout):
    live(checkout, "fragile")
    checkout.write("fragile", "mood", "unloadable")
    trained = checkout.run("--wait", "--project", "fragile")
    assert trained.code == 0, trained
    checkout.want("fragile", deployment={"version": 2})

    refused = checkout.run("--project", "fragile")
    assert refused.code == 1, refused
    assert "SageMaker refused version 2 of fragile" in refused.out, refused
    project = checkout.project("fragile")
    assert (project["health"], project["live_version"], project["to_do"]) == ("Degraded", 1, [])
    assert "version 2 was refused by SageMaker, version 1 keeps serving" in project["problems"][0]["what"]
    assert "ping" in project["problems"][0]["what"]
    assert "this model cannot be loaded" in project["problems"][0]["detail"]
    assert "| " in refused.out, refused
    assert checkout.ask("fragile", REQUEST) == ["good", "good"]

    again = checkout.run("--project", "fragile")
    assert again.code == 1, again
    assert "Applied" not in again.out

    checkout.want("fragile", deployment={"version": 1})
    healed = checkout.run("--project", "fragile")
    assert healed.code == 0, healed
    assert checkout.project("fragile")["health"] == "Healthy"


def test_a_model_that_never_served_and_cannot_load_is_degraded_and_another_pin_heals(checkout):
    checkout.add_project("stillborn", MOODY)
    checkout.write("stillborn", "mood", "unloadable")
    checkout.want("stillborn", deployment={"version": 1})
    refused = checkout.run("--wait", "--project", "stillborn")
    assert refused.code == 1, refused
    assert checkout.project("stillborn")["health"] == "Degraded"

    checkout.write("stillborn", "mood", "good")
    checkout.want("stillborn", deployment={"version": 2})
    healed = checkout.run("--wait", "--project", "stillborn")
    assert healed.code == 0, healed
    assert checkout.ask("stillborn", REQUEST) == ["good", "good"]


def test_a_rollback_in_the_middle_of_an_incident_works_and_the_fix_forward_waits_until_it_is_over(checkout):
    if "fragile" not in checkout.projects:
        live(checkout, "fragile")
    cloudwatch, sagemaker = checkout.aws("cloudwatch"), checkout.aws("sagemaker")
    alarm, endpoint = "e2e-test-fragile-5xx", "e2e-test-fragile"

    def alarms():
        deployment = sagemaker.describe_endpoint(EndpointName=endpoint)["LastDeploymentConfig"]
        return [one["AlarmName"] for one in deployment["AutoRollbackConfiguration"]["Alarms"]]

    def set_alarm(state):
        cloudwatch.set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="what serves is ill")

    checkout.write("fragile", "mood", "grumpy")
    checkout.run("--wait", "--project", "fragile")
    bad, good = checkout.newest_version("fragile"), 1
    checkout.want("fragile", deployment={"version": bad})
    assert checkout.run("--project", "fragile").code == 0
    made = sagemaker.describe_endpoint(EndpointName=endpoint)["CreationTime"]
    set_alarm("ALARM")
    ill = checkout.project("fragile")
    assert (ill["health"], any(alarm in note for note in ill["notes"])) == ("Degraded", True), ill

    checkout.git("revert", "--no-edit", "HEAD")
    checkout.projects["fragile"]["deployment"]["version"] = good
    planned = checkout.run("--dry-run", "--project", "fragile")
    assert f"its alarm {alarm}, which fires since" in planned.out, planned
    assert "the update goes without it" in planned.out, planned
    back = checkout.run("--project", "fragile")
    assert back.code == 0, back
    served = checkout.project("fragile")
    assert (served["live_version"], served["quarantined"], alarms()) == (good, [], [f"{endpoint}-never"])
    assert checkout.ask("fragile", REQUEST) == ["good", "good"]
    drift = checkout.run("drift", "--project", "fragile", "--detailed-exitcode")
    assert drift.code == 0, drift

    checkout.want("fragile", deployment={"version": bad})
    held = checkout.run("--project", "fragile")
    assert held.code == 4, held
    assert "SageMaker would roll that back for its alarm" in held.out, held
    assert checkout.project("fragile")["live_version"] == good
    set_alarm("OK")
    forward = checkout.run("--project", "fragile")
    assert forward.code == 0, forward
    assert checkout.project("fragile")["live_version"] == bad
    assert alarms() == [alarm]
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["CreationTime"] == made
