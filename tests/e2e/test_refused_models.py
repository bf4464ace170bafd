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


def test_an_alarm_that_fired_before_an_update_rolls_it_back_and_no_release_is_refused_for_that(checkout):
    if "fragile" not in checkout.projects:
        live(checkout, "fragile")
    cloudwatch, sagemaker = checkout.aws("cloudwatch"), checkout.aws("sagemaker")
    alarm, endpoint = "e2e-test-fragile-5xx", "e2e-test-fragile"
    before = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="what serves is ill")
    larger = {"type": "realtime", "instance_type": "ml.m5.xlarge", "instances": 1}
    checkout.want("fragile", deployment={"version": 1, "endpoint": larger})

    rolled_back = checkout.run("--project", "fragile")
    assert rolled_back.code == 1, rolled_back
    assert f"its alarm {alarm}, which fires since" in rolled_back.out, rolled_back
    assert "no release is to blame for an alarm that fired before its update began" in rolled_back.out, rolled_back
    assert checkout.project("fragile")["quarantined"] == []
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"] == before

    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="it is well again")
    healed = checkout.run("--project", "fragile")
    assert healed.code == 0, healed
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"] != before
    assert checkout.project("fragile")["health"] == "Healthy"
