"""What trainings and models are given: which identities it moves, and which stay as they always were."""

from dataclasses import replace

import pytest

from reconciler.core.actions import ProvisionTraining, RegisterModel, Train
from reconciler.core.desired import Demands, Inputs
from reconciler.core.digest import digest
from reconciler.core.names import secret
from reconciler.core.observed import Noted, RunStatus
from reconciler.core.plan import plan
from reconciler.core.release import Release
from reconciler.manifest.sources import source_digest
from support.builders import ACCOUNT, converged, desired, observed, project, release, run_of, training_stack

TREE = "7" * 40
GIVEN = Inputs("train", (("alpha", "0.5"),), (("MODE", "fast"),))
SECRETS = (("DB_PASSWORD", "parameter:/acme/db"), ("HF_TOKEN", "secret:hf:token"))


def test_a_source_that_is_given_nothing_has_the_digest_that_it_always_had():
    assert source_digest(TREE, 0) == "4dee823d8ca0097b9505742e8701c02758ccbd6bd5e94fd584308ecd5954b94a"
    assert source_digest(TREE, 0, "", Inputs().digest) == source_digest(TREE, 0)


def test_what_the_code_is_given_is_a_part_of_what_is_trained():
    kinds = [Inputs(), GIVEN, replace(GIVEN, entry_point=""), replace(GIVEN, parameters=()), replace(GIVEN, env=())]
    kinds += [Inputs("", (("a", "b"),)), Inputs("", (), (("a", "b"),)), Inputs("", (("a", ""), ("b", "")))]
    digests = {source_digest(TREE, 0, "", one.digest) for one in kinds}
    assert len(digests) == len(kinds)
    assert source_digest(TREE, 0, "a" * 64) != source_digest(TREE, 0, "", "a" * 64)


def test_a_release_without_variables_has_the_name_that_it_always_had():
    plain = release(3)
    assert (plain.name, replace(plain, env=(("A", "1"),)).name) == ("v3-63bad40", "v3-3ad6298")
    assert "env" not in plain.to_variable()


def test_a_release_with_variables_is_read_as_it_was_written():
    given = release(3, env=(("A", "1"), ("B", "")))
    assert Release.from_variable(given.to_variable()) == given


def test_kinds_that_got_a_field_later_have_the_digest_that_they_had_without_it():
    wanted = project()
    bare = {key: value for key, value in vars_of(wanted.training).items() if key not in ("inputs", "secrets")}
    assert digest(wanted.training) == digest_of("Training", bare)
    assert digest(replace(wanted.training, inputs=GIVEN)) != digest(wanted.training)


def vars_of(value):
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def digest_of(kind, values):
    return digest({"": kind, **values})


def given(inputs=GIVEN, secrets=SECRETS, **more):
    wanted = project(**more)
    return replace(wanted, training=replace(wanted.training, inputs=inputs, secrets=secrets))


def provisioned(wanted, *seen):
    actions = plan(desired(wanted), observed(*seen)).projects[0].actions
    return next(action for action in actions if isinstance(action, ProvisionTraining))


def test_the_stack_gets_what_is_given_and_where_secrets_are_and_no_more():
    spec = provisioned(given()).spec
    arn = f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/acme/db"
    of_key = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:hf:token::"
    assert spec["secrets"] == {"DB_PASSWORD": arn, "HF_TOKEN": of_key}
    assert (spec["entry_point"], spec["parameters"], spec["env"]) == ("train", {"alpha": "0.5"}, {"MODE": "fast"})
    assert not {"entry_point", "parameters", "env", "secrets"} & provisioned(project()).spec.keys()


def test_what_is_given_no_more_is_a_change_of_the_stack():
    before = converged(project(), training=training_stack(given()))
    fields = {change.field for change in provisioned(project(), before).changes}
    assert fields == {"entry_point", "env", "parameters", "secrets"}


def test_another_place_of_a_secret_trains_nothing_anew():
    before = converged(given(), training=training_stack(given()))
    moved = given(secrets=(("DB_PASSWORD", "secret:db"),))
    actions = plan(desired(moved), observed(before)).projects[0].actions
    assert [type(action).__name__ for action in actions] == ["ProvisionTraining"]


@pytest.mark.parametrize(
    ("region", "reference", "arn"),
    [
        ("eu-west-1", "parameter:db", "arn:aws:ssm:eu-west-1:1:parameter/db"),
        ("eu-west-1", "parameter:/a/db", "arn:aws:ssm:eu-west-1:1:parameter/a/db"),
        ("cn-north-1", "secret:a/b", "arn:aws-cn:secretsmanager:cn-north-1:1:secret:a/b"),
        ("eu-west-1", "secret:a:key", "arn:aws:secretsmanager:eu-west-1:1:secret:a:key::"),
    ],
)
def test_a_secret_is_named_to_batch_by_its_arn(region, reference, arn):
    assert secret(reference, region, "1") == arn


ASKED = Demands(train=frozenset({"churn"}), parameters=(("alpha", "0.9"),))


def test_a_training_that_is_given_parameters_by_hand_is_another_one_and_has_the_manifests_as_well():
    wanted = given(Inputs("", (("alpha", "0.5"), ("beta", "1"))))
    seen = converged(wanted, training=training_stack(wanted))
    [train] = [
        one for one in plan(desired(wanted), observed(seen), ASKED).projects[0].actions if isinstance(one, Train)
    ]
    assert train.asked == '{"alpha": "0.9", "beta": "1"}'
    assert train.digest != wanted.source.digest
    assert train.job.endswith(train.digest[:12])


def test_what_somebody_gave_by_hand_answers_nothing_that_git_asks_for_and_is_registered_all_the_same():
    wanted = project(run=project().training.run)
    asked = replace(run_of(wanted, run_id="by-hand"), digest="9" * 64, asked='{"alpha": "0.9"}')
    seen = converged(wanted, runs=(asked, run_of(wanted)))
    [register] = plan(desired(wanted), observed(seen)).projects[0].actions
    assert isinstance(register, RegisterModel)
    assert (register.run_id, register.logged_model) == ("by-hand", "m-0")
    noted = replace(asked, registered=Noted(2, "churn", "by-hand"))
    assert plan(desired(wanted), observed(replace(seen, runs=(noted, run_of(wanted))))).projects[0].actions == ()
    failed = replace(asked, status=RunStatus.FAILED)
    assert plan(desired(wanted), observed(replace(seen, runs=(failed, run_of(wanted))))).projects[0].actions == ()


TAGGED = (("cost-centre", "42"),)


def test_a_change_of_tags_alone_changes_stacks_in_place_and_trains_builds_and_rolls_out_nothing():
    before = converged(project())
    platform = replace(desired().platform, tags=TAGGED)
    asked = replace(desired(replace(project(), tags=TAGGED)), platform=platform)
    made = plan(asked, observed(before))
    assert [type(one).__name__ for one in made.actions] == ["ProvisionPlatform", "ProvisionTraining", "Update"]
    assert {change.field for one in made.actions for change in one.changes} == {"tags"}
    update = made.actions[-1]
    assert (update.before, update.after) == (release(1), release(1))


def test_tags_are_told_by_their_keys():
    stack = training_stack(replace(project(), tags=TAGGED))
    [change] = provisioned(
        replace(project(), tags=(("cost-centre", "43"),)), converged(project(), training=stack)
    ).changes
    assert (change.field, change.before, change.after) == ("tags.cost-centre", "42", "43")
