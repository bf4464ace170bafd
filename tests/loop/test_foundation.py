"""What an environment stands on: made once, changed in place, and taken down in order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler import foundation
from reconciler.core.actions import Bootstrap, BuildServerImage, ProvisionServer
from reconciler.core.desired import DesiredState, GitHub
from reconciler.core.freeze import Once
from reconciler.core.restraint import Requires
from reconciler.core.server import Server
from reconciler.errors import BuildFailed, Refused, TerraformFailed
from reconciler.reconcile import Options, check_objections, reconcile
from support.builders import CODE, NOW, PLATFORM, desired, project
from support.fakes import Cloud, Recorder

GITHUB = GitHub("acme/models", "prod")
ARN = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
VPN = {"server_certificate_arn": "arn:server", "authority_arn": "arn:authority"}


def asked(*projects, **platform) -> DesiredState:
    whole = desired(*projects)
    code = replace(CODE, server="s" * 12, server_image="i" * 12, bootstrap="b" * 12)
    return replace(whole, code=code, platform=replace(PLATFORM, **platform))


def bootstrap(cloud, wanted):
    steps = foundation.bootstrap_steps(wanted, cloud.world)
    return steps, foundation.carry_out("bootstrap", steps, wanted, cloud.world, Recorder())


def raise_server(cloud, wanted):
    steps = foundation.server_steps(wanted, cloud.world, lambda: VPN)
    return steps, foundation.carry_out("mlflow-server", steps, wanted, cloud.world, Recorder())


def tear_down(cloud, wanted):
    return foundation.teardown(wanted, cloud.world, Recorder(), lambda _: None)


@pytest.fixture
def cloud():
    return Cloud()


def test_bootstrap_makes_the_bucket_from_a_local_state_and_then_changes_nothing(cloud):
    cloud.bucket = False
    [first], _ = bootstrap(cloud, asked(github=GITHUB))
    assert (first.first, first.spec["own_bucket"], first.spec["github"]["repository"]) == (True, True, "acme/models")
    assert (cloud.calls, bootstrap(cloud, asked(github=GITHUB))[0]) == (["apply bootstrap"], ())


def test_a_bucket_and_a_provider_of_somebody_else_are_used_and_never_owned(cloud):
    cloud.oidc_provider = ARN
    [first], _ = bootstrap(cloud, asked(github=GITHUB))
    assert (first.spec["own_bucket"], first.spec["oidc_provider_arn"]) == (False, ARN)


def test_a_bootstrap_that_was_stopped_still_owns_the_bucket_that_it_made(cloud):
    cloud.begun = {"own_bucket": True, "github": {"repository": "acme/models"}, "oidc_provider_arn": ""}
    cloud.oidc_provider = ARN
    [again], _ = bootstrap(cloud, asked(github=GITHUB))
    assert (again.first, again.spec["own_bucket"], again.spec["oidc_provider_arn"]) == (True, True, "")


def test_roles_are_added_to_a_bootstrap_without(cloud):
    bootstrap(cloud, asked())
    cloud.oidc_provider = ARN
    [change], _ = bootstrap(cloud, asked(github=GITHUB))
    assert isinstance(change, Bootstrap)
    assert (change.first, change.spec["own_bucket"], change.spec["oidc_provider_arn"]) == (False, False, ARN)


def test_the_server_stands_once_its_repository_its_image_and_then_itself_were_made(cloud):
    steps, _ = raise_server(cloud, asked(server=Server(vpn_cidr="10.31.0.0/22")))
    assert [type(step) for step in steps] == [ProvisionServer, BuildServerImage, ProvisionServer]
    assert cloud.calls == ["apply mlflow-server", "build server", "apply mlflow-server"]
    assert (steps[0].spec["image"], steps[2].spec["vpn"]["authority_arn"]) == ("", "arn:authority")


def test_a_server_that_is_as_it_should_be_is_left_alone(cloud):
    raise_server(cloud, asked(server=Server()))
    assert raise_server(cloud, asked(server=Server()))[0] == ()


def test_a_changed_server_is_applied_once_and_built_only_for_new_code(cloud):
    raise_server(cloud, asked(server=Server()))
    steps, _ = raise_server(cloud, asked(server=Server(cpu=2048)))
    assert [[change.field for change in step.changes] for step in steps] == [["cpu"]]


def test_an_image_that_cannot_be_built_leaves_the_rest_of_the_server_standing(cloud):
    cloud.broken["build server"] = BuildFailed("docker cannot build", "start Docker")
    _, report = raise_server(cloud, asked(server=Server()))
    assert [failure.error.what for failure in report.failures] == ["docker cannot build"]
    del cloud.broken["build server"]
    steps, _ = raise_server(cloud, asked(server=Server()))
    assert [type(step) for step in steps] == [BuildServerImage, ProvisionServer]


def test_a_manifest_without_a_server_has_none_to_raise(cloud):
    with pytest.raises(Refused, match="no MLflow server of its own"):
        raise_server(cloud, asked())


def test_a_server_that_projects_need_is_not_retired(cloud):
    wanted = asked(project(), server=Server(deletion_protection=False))
    raise_server(cloud, wanted)
    reconcile(wanted, cloud.world, Options(), Recorder(), lambda _: None)
    with pytest.raises(Refused, match="still needed by project churn, the platform"):
        foundation.server_retirement(wanted, cloud.world)


def test_a_protected_server_is_not_retired(cloud):
    raise_server(cloud, asked(server=Server()))
    with pytest.raises(Refused, match="protected from deletion"):
        foundation.server_retirement(asked(server=Server()), cloud.world)


def test_teardown_retires_projects_before_what_they_stand_on_and_leaves_nothing(cloud):
    wanted = asked(project(pin=1), server=Server(deletion_protection=False), github=GITHUB)
    cloud.bucket = False
    bootstrap(cloud, wanted)
    raise_server(cloud, wanted)
    reconcile(wanted, cloud.world, Options(wait=True), Recorder(), lambda _: None)
    cloud.calls.clear()
    _, last = tear_down(cloud, wanted)
    assert last
    assert not last.failures
    assert [call for call in cloud.calls if not call.startswith("forget")] == [
        "destroy deployment churn",
        "destroy training churn",
        "drain",
        "destroy platform",
        "destroy mlflow-server",
        "empty the bucket",
        "destroy bootstrap",
    ]
    assert (cloud.stacks, cloud.endpoints, cloud.bucket) == ({}, {}, False)


def test_a_protected_project_keeps_all_that_it_stands_on(cloud):
    wanted = asked(project(protect=True))
    reconcile(wanted, cloud.world, Options(), Recorder(), lambda _: None)
    before = dict(cloud.stacks)
    with pytest.raises(Refused, match="not torn down: churn"):
        tear_down(cloud, wanted)
    assert cloud.stacks == before


def test_a_project_that_cannot_be_retired_keeps_all_that_it_stands_on(cloud):
    wanted = asked(project())
    reconcile(wanted, cloud.world, Options(), Recorder(), lambda _: None)
    cloud.broken["destroy training"] = TerraformFailed("unreachable")
    _, last = tear_down(cloud, wanted)
    assert last is None
    assert not [call for call in cloud.calls if call in ("drain", "destroy platform")]


def test_a_protected_server_stops_a_teardown_before_it_begins(cloud):
    wanted = asked(project(), server=Server())
    raise_server(cloud, wanted)
    reconcile(wanted, cloud.world, Options(), Recorder(), lambda _: None)
    before = dict(cloud.stacks)
    with pytest.raises(Refused, match="protected from deletion") as refusal:
        tear_down(cloud, wanted)
    assert "deletion_protection: false" in refusal.value.remedy
    assert cloud.stacks == before


def test_a_bucket_that_others_use_is_not_torn_down(cloud):
    cloud.bucket = False
    bootstrap(cloud, asked())
    cloud.strangers = ("staging/platform.tfstate",)
    with pytest.raises(Refused, match="staging/platform"):
        tear_down(cloud, asked())


def test_an_empty_environment_is_torn_down_without_a_call(cloud):
    _, last = tear_down(cloud, asked())
    assert (last is not None and last.failures, cloud.calls) == ((), [])


def test_another_account_is_never_touched(cloud):
    for act in (bootstrap, raise_server, tear_down):
        with pytest.raises(Refused, match="the manifest is for 999999999999"):
            act(cloud, asked(account="999999999999", server=Server()))
    assert cloud.calls == []


FREEZE = Once("year-end sales", NOW, NOW + timedelta(days=2))


def test_nothing_is_torn_down_in_a_freeze(cloud):
    wanted = asked(project())
    reconcile(wanted, cloud.world, Options(wait=True), Recorder(), lambda _: None)
    cloud.calls.clear()
    with pytest.raises(Refused, match="frozen until the end of 2026-01-02"):
        tear_down(cloud, replace(wanted, freeze=(FREEZE,)))
    assert cloud.calls == []


def test_what_stands_against_a_change_of_the_environment_is_refused_in_one_go(cloud):
    cloud.uncommitted = ("manifests/prod.yaml",)
    wanted = replace(asked(), freeze=(FREEZE,), requires=Requires(("manifests/prod.yaml",)))
    with pytest.raises(Refused, match=r"frozen until .*\nuncommitted, and this"):
        check_objections(wanted, cloud.world)


def test_nothing_stands_against_a_change_after_a_freeze(cloud):
    check_objections(replace(asked(), freeze=(replace(FREEZE, end=NOW),)), cloud.world)
