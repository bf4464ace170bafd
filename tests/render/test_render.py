"""What a person reads of a plan, in every format."""

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console

from reconciler.apply import Failure, ProjectReport, Report
from reconciler.core.actions import Train
from reconciler.core.desired import DriftPolicy
from reconciler.core.freeze import Once
from reconciler.core.guards import guard
from reconciler.core.observed import ObservedProject, Refusal, Unread
from reconciler.core.plan import plan
from reconciler.core.restraint import Pause
from reconciler.core.status import Commits, status_of
from reconciler.errors import Busy, TrainingFailed
from reconciler.reconcile import Options, Proposal, propose, reconcile
from reconciler.render.document import document
from reconciler.render.markdown import markdown
from reconciler.render.status import show_status as show_standing
from reconciler.render.text import show_proposal, show_reports
from reconciler.render.words import summary
from support.builders import HERE_AND_NOW, NOW, converged, desired, live, observed, project, release
from support.fakes import Cloud, Recorder

TO_2 = project(pin=2)
ROLLBACK = (project(pin=1), converged(TO_2, kept=(1,)))
REFUSAL = Refusal(release(2).name, "did not pass the ping health check", "2026-01-01T00:00:00+00:00")
DEGRADED = (TO_2, converged(TO_2, kept=(1,), endpoint=live(release(1)), refusals=(REFUSAL,)))


def proposal(wanted=None, seen=None, **world) -> Proposal:
    asked = desired(*([wanted] if wanted else []))
    state = observed(*([seen] if seen else []), **world)
    return Proposal(asked, state, guard(plan(asked, state), asked, state, HERE_AND_NOW))


def printed(show, what, width=80) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    show(what, console)
    return console.file.getvalue()


def show_status(made: Proposal, console: Console) -> None:
    """Without a history and without a repository."""
    standing = status_of(made.desired.projects, made.observed, made.plan, (), Commits("", None))
    show_standing(made, standing, "", console)


SUMMARIES = [
    (proposal(project(), ObservedProject("churn")),
     "Plan: 1 to train, 0 to deploy, 0 to update, 0 to retire, 1 to provision."),
    (proposal(*ROLLBACK), "Plan: 0 to train, 0 to deploy, 1 to update (1 rollback), 0 to retire."),
    (proposal(None, converged(project())), "Plan: 0 to train, 0 to deploy, 0 to update, 1 to retire."),
    (proposal(project(), converged(project())), "No changes: 1 project is in sync."),
    (proposal(), "No changes: 0 projects are in sync."),
    (proposal(*DEGRADED), "Nothing to do now: 1 in need of attention."),
    (proposal(project(), converged(project(), endpoint=None)),
     "Plan: 0 to train, 0 to deploy, 0 to update, 0 to retire, 1 to repair."),
    (proposal(project(), converged(project()), unread=(Unread("SageMaker", "throttled"),)),
     "Nothing to do now: the environment could not be read."),
]  # fmt: skip


@pytest.mark.parametrize(("made", "expected"), SUMMARIES, ids=[row[1] for row in SUMMARIES])
def test_one_line_sums_the_plan_up(made, expected):
    assert summary(made.plan) == expected


def test_a_rollback_is_called_one():
    text = printed(show_proposal, proposal(*ROLLBACK))
    assert "churn  OutOfSync  Healthy  version 2 live, version 1 pinned\n" in text
    assert "  < rollback version 2 -> 1               CHANGED: the pin went back\n" in text


def test_a_problem_is_shown_with_its_remedy():
    text = printed(show_proposal, proposal(*DEGRADED), width=200)
    assert "! version 2 was refused by SageMaker, version 1 keeps serving: did not pass the ping health check" in text
    assert "pin another version, or try this one again: reconcile retry churn" in text


def test_refused_retirements_are_named_with_the_option_that_allows_them():
    asked = replace(desired(), retire_limit=0)
    state = observed(converged(project()))
    made = Proposal(asked, state, guard(plan(asked, state), asked, state, HERE_AND_NOW))
    text = printed(show_proposal, made, width=120)
    assert "retire the deployment (refused)" in text
    assert "if it is meant: --allow-retire churn" in text


def test_no_line_of_a_plan_has_trailing_blanks_or_is_wider_than_the_terminal():
    for made, _ in SUMMARIES:
        lines = printed(show_proposal, made).splitlines()
        assert [line for line in lines if line != line.rstrip() or len(line) > 80] == []


def test_changed_fields_are_shown_with_before_and_after():
    wanted = project(memory=4096)
    assert "memory: 2048 -> 4096" in printed(show_proposal, proposal(wanted, converged(project())))


def test_a_changed_image_is_shown_by_its_tag_alone():
    text = printed(show_proposal, proposal(project(source="b"), converged(project())))
    tags = [project(source=s).source.digest[:12] for s in ("a", "b")]
    assert f"image: {tags[0]} -> {tags[1]}" in text


def test_json_holds_the_plan_and_no_specification():
    made = document(proposal(project(owner="secret-owner-tag"), ObservedProject("churn")))
    text = json.dumps(made)
    assert (made["format"], made["counts"]["train"]) == (2, 1)
    assert "secret-owner-tag" not in text
    assert "tracking" not in text


def test_json_of_an_applied_plan_holds_its_report():
    cloud = Cloud(fails_to_train={"churn"})
    options = Options(wait=True)
    [(made, report)] = reconcile(desired(project()), cloud.world, options, Recorder(), lambda _: None)
    failed = document(made, report)["report"]["churn"]["failed"]
    assert failed["what"] == f"training of churn failed: {cloud.reason}"


def test_markdown_leads_with_the_summary_and_names_what_is_in_sync():
    made = proposal(project(), converged(project()))
    origin = f"Plan `{document(made)['digest'][:16]}`, made from commit `cccccccccccc`"
    assert (
        markdown(made) == f"## `acme-test`\n\n**No changes: 1 project is in sync.**\n\nIn sync: `churn`\n\n{origin}\n"
    )


@pytest.mark.parametrize("evil", ["<script>", "@everyone", "[x](javascript:y)", "`code`", "a\n# heading", "| cell |"])
def test_what_comes_from_outside_never_becomes_markup(evil):
    refusal = replace(REFUSAL, reason=evil)
    text = markdown(proposal(TO_2, replace(DEGRADED[1], refusals=(refusal,))))
    assert evil not in text
    assert "\n# heading" not in text


def test_the_end_of_a_log_stands_under_its_problem_in_every_format():
    refusal = replace(REFUSAL, log="Traceback\n  ValueError: <no> such model")
    made = proposal(TO_2, replace(DEGRADED[1], refusals=(refusal,)))
    assert "    | Traceback\n    |   ValueError: <no> such model\n" in printed(show_proposal, made)
    assert document(made)["projects"][0]["problems"][0]["detail"] == refusal.log
    assert "  > ValueError: \\<no\\> such model" in markdown(made)


def test_what_is_busy_is_reported_as_progressing_and_counted_apart():
    cloud = Cloud(broken={"apply training churn": Busy("it changes", "the next run goes on")})
    [(made, report)] = reconcile(desired(project()), cloud.world, Options(), Recorder(), lambda _: None)
    text = printed(show_reports, [report])
    assert "churn: provision training: Progressing" in text
    assert "Applied: 1 done, 0 failed, 1 left to the next run, 2 not begun." in text
    told = document(made, report)["report"]["churn"]
    assert (told["failed"], told["busy"]["what"]) == (None, "it changes")


def test_a_failure_is_reported_with_project_step_reason_and_remedy():
    train = next(
        a for a in plan(desired(project()), observed(ObservedProject("churn"))).actions if isinstance(a, Train)
    )
    failure = Failure(train, TrainingFailed("training of churn failed: exit code 1", "mend it"))
    report = Report(None, (ProjectReport("churn", failure=failure),))
    text = printed(show_reports, [report])
    assert "churn: train " in text
    assert "! training of churn failed: exit code 1\n    mend it\n" in text
    assert "Applied: 0 done, 1 failed, 0 not begun." in text


def test_uncommitted_files_are_noted():
    dirty = replace(project(), source=replace(project().source, uncommitted=("train.py",)))
    text = printed(show_proposal, proposal(dirty, converged(project())))
    assert "note: uncommitted, so not part of any image: train.py" in text


def test_a_long_value_is_cut():
    wanted = project(owner="x" * 100)
    text = printed(show_proposal, proposal(wanted, converged(project())), width=200)
    assert "owner:  -> " + "x" * 57 + "..." in text


def test_a_pin_that_waits_for_its_training_says_so():
    made = propose(desired(project(pin=1)), Cloud().world, Options())
    assert "  . deploy version 1 as soon as the training has registered it\n" in printed(show_proposal, made)


def test_a_paused_project_says_until_when_and_why_in_every_format():
    pause = Pause("incident <42>", NOW + timedelta(days=1))
    made = proposal(project(pin=2, paused=pause), converged(project(pin=2), endpoint=live(release(1))))
    words = "paused until the end of 2026-01-01 (UTC): incident <42>"
    text = printed(show_proposal, made)
    assert f"churn  OutOfSync  Suspended  version 2 pinned\n  {words}\n" in text
    assert "  ~ repair the endpoint: version 2 (paused)  DRIFTED: " in text
    assert text.endswith("Nothing to do now: 1 paused.\n")
    assert words in printed(show_status, made)
    assert document(made)["projects"][0]["paused"] == words
    assert "- paused until the end of 2026-01-01 (UTC): incident \\<42\\>" in markdown(made)


LENIENT = project(drift_policy=DriftPolicy.WARN)


def test_drift_is_called_drift_in_every_format():
    made = proposal(project(), converged(project(), endpoint=None))
    assert "repair the endpoint: version 1        DRIFTED: the endpoint is gone" in printed(show_proposal, made)
    assert "to do (DRIFTED): repair the endpoint: version 1" in printed(show_status, made)
    assert "- repair the endpoint: version 1 (DRIFTED: the endpoint is gone)" in markdown(made)
    assert [action["cause"] for action in document(made)["projects"][0]["actions"]] == ["DRIFTED"]


def test_drift_that_is_left_is_shown_in_every_format():
    made = proposal(LENIENT, converged(project(), endpoint=None))
    left = "left as it is: the drift policy is warn"
    assert summary(made.plan) == "Nothing to do now: 1 drifted and left so."
    for text in (printed(show_proposal, made, 120), printed(show_status, made, 120), markdown(made)):
        assert "DRIFTED: the endpoint is gone" in text
        assert left in text
    assert [action["what"] for action in document(made)["projects"][0]["tolerated"]] == [
        "repair the endpoint: version 1"
    ]


def test_what_a_freeze_withholds_of_the_platform_is_told_in_every_format():
    asked = replace(desired(), freeze=(Once("sales", NOW, NOW + timedelta(days=1)),))
    asked = replace(asked, projects=(project(),))
    state = observed(platform=False)
    made = Proposal(asked, state, guard(plan(asked, state), asked, state, HERE_AND_NOW))
    text = printed(show_proposal, made, width=120)
    assert "\nplatform\n  + provision the platform (frozen)" in text
    assert "  ! frozen until the end of 2026-01-01 (UTC): sales\n" in text
    assert text.endswith("Nothing to do now: 1 frozen, 1 under way.\n")
    assert "frozen until" in printed(show_status, made, width=120)
    written = document(made)
    assert [one["what"] for one in written["platform_held"]] == ["provision the platform"]
    assert written["platform_refusals"][0]["what"] == "frozen until the end of 2026-01-01 (UTC): sales"
    told = "### platform\n\n- provision the platform: frozen (CHANGED: never applied)\n- **frozen until"
    assert told in markdown(made)
