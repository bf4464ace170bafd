"""What a pull request's comment says, to the letter, and what it says when there is no plan."""

from dataclasses import replace

import pytest

from reconciler.apply import Failure, ProjectReport, Report
from reconciler.core.guards import guard
from reconciler.core.observed import ObservedProject
from reconciler.core.plan import plan
from reconciler.errors import Busy, LeaseHeld, ManifestInvalid, ReadFailed, Refused, TrainingFailed
from reconciler.reconcile import Options, Proposal, propose
from reconciler.render.document import document
from reconciler.render.markdown import markdown, markdown_of
from reconciler.render.markdown_check import failure_markdown, valid_markdown
from support.builders import HERE_AND_NOW, PLATFORM, converged, desired, observed, project
from support.fakes import Cloud

GONE = converged(project("spam"))
KEPT = converged(project("zebra"))


def proposal(*wanted, seen=(), retire_limit=1, **circumstances) -> Proposal:
    asked = desired(*wanted, retire_limit=retire_limit)
    state = observed(*seen)
    circumstances = replace(HERE_AND_NOW, **circumstances)
    return Proposal(asked, state, guard(plan(asked, state), asked, state, circumstances))


def test_retirements_come_first_then_what_is_refused_and_why_then_the_rest_then_the_digest():
    made = proposal(project("churn"), seen=(GONE, KEPT), retire_limit=0, allow_retire=frozenset({"spam"}))
    digest, source = document(made)["digest"], project("churn").source.digest[:12]
    assert (
        markdown(made)
        == f"""\
## `acme-test`

**Plan: 1 to train, 0 to deploy, 0 to update, 1 to retire, 1 to provision.**

**Retires: `spam` (endpoint and training)**

**Would retire, and is held back: `zebra` (endpoint and training)**

### spam: OutOfSync, Healthy

- retire the deployment (CHANGED: its lines were deleted from the manifest)
- retire training (CHANGED: its lines were deleted from the manifest)

### zebra: OutOfSync, Healthy

- retire the deployment: refused (CHANGED: its lines were deleted from the manifest)
- retire training: refused (CHANGED: its lines were deleted from the manifest)
- **2 to retire in one run, limits.retire is 0: zebra is not retired** if it is meant: --allow-retire zebra

### churn: OutOfSync, Missing

- provision training (CHANGED: new project)
- build the training image of {source} (CHANGED: new source)
- train {source} (CHANGED: never trained)
- deploy version 1 as soon as the training has registered it (waits)

Plan `{digest[:16]}`, made from commit `cccccccccccc`
"""
    )


def test_a_plan_file_says_whether_applying_it_would_do_anything():
    assert document(proposal(project(), seen=(ObservedProject("churn"),)))["pending"]
    assert not document(proposal(project(), seen=(converged(project()),)))["pending"]
    assert not document(proposal(seen=(GONE,), retire_limit=0))["pending"]


def test_a_run_tells_what_became_of_it_before_its_plans():
    made = proposal(project("churn"), seen=(GONE,))
    train = next(action for action in made.plan.actions if action.project == "churn")
    failed = Failure(train, TrainingFailed("training of *churn* failed", "mend it"))
    busy = Failure(train, Busy("it changes", "wait"))
    report = Report(None, (ProjectReport("churn", failure=failed), ProjectReport("spam", failure=busy)))
    text = markdown_of([(made, report)])
    assert text.startswith("""\
**Applied: 0 done, 1 failed, 1 left to the next run, 0 not begun.**

- churn: provision training: failed
  - **training of \\*churn\\* failed** mend it

- spam: provision training: left to the next run
  - **it changes** wait

## `acme-test`
""")
    assert f"Plan `{document(made, report)['digest'][:16]}`" in text
    assert document(made)["digest"] != document(made, report)["digest"]


def test_an_environment_without_projects_has_no_commit_to_name():
    text = markdown(propose(desired(), Cloud().world, Options()))
    assert text.splitlines()[-1].startswith("Plan `")
    assert "commit" not in text


MISTAKES = ManifestInvalid(("manifests/prod.yaml:2: platform: 'Acme' is <no> name", "policies/p.json:8: a comma"))
FAILURES = {
    MISTAKES: """\
## `manifests/prod.yaml`

**No plan: the manifest is not valid, with 2 mistakes.**

- `manifests/prod.yaml:2` platform: 'Acme' is \\<no\\> name

- `policies/p.json:8` a comma
""",
    Refused("the plan is not applied, because\n  git moved\n  churn: @all moved", "make a new plan"): """\
## `acme-test`

**No plan: it was refused.**

- **the plan is not applied, because** make a new plan

  - git moved

  - churn: @\u200ball moved
""",
    ReadFailed("S3 did not answer", "try again", "x|y"): """\
## `acme-test`

**No plan: an error came between.**

- **S3 did not answer** try again
  > x\\|y\x20\x20
""",
    LeaseHeld("bob holds the lease", "wait"): """\
## `acme-test`

**No plan: somebody else is at work.**

- **bob holds the lease** wait
""",
}


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: type(error).__name__)
def test_why_there_is_no_plan_is_told_with_what_to_do(error):
    known = None if error is MISTAKES else PLATFORM
    assert failure_markdown(error, known, "manifests/prod.yaml", "plan") == FAILURES[error]


def test_very_many_mistakes_are_cut_where_a_comment_ends():
    error = ManifestInvalid(tuple(f"manifests/prod.yaml:{n}: {'x' * 400}" for n in range(500)))
    text = failure_markdown(error, None, "manifests/prod.yaml", "plan")
    assert len(text) <= 60_000
    assert "with 500 mistakes" in text
    assert "more: see the job's log**" in text


def test_a_valid_manifest_is_called_so_with_its_notes():
    text = valid_markdown(PLATFORM, "manifests/prod.yaml is valid: 1 project", ["churn: its pause is <over>"])
    assert text == (
        "## `acme-test`\n\n**manifests/prod.yaml is valid: 1 project**\n\n- churn: its pause is \\<over\\> (note)\n"
    )
