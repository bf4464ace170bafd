"""`reconcile status` on a cloud in memory: what was done is seen, and what cannot be read is a note."""

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.adapters.checkout import Distance, GitCheckout
from reconciler.commands.status import look
from reconciler.core import names
from reconciler.core.lease import Lease, Seen
from reconciler.core.status import HEALTHY
from reconciler.core.verdict import Health, Sync
from reconciler.errors import ReadFailed, SourceUnusable, TerraformFailed
from reconciler.reconcile import Options, propose, reconcile
from reconciler.tenure import Wish, hold
from support.builders import HOLDER, NOON, PLATFORM, desired, project, release
from support.fakes import Cloud, Recorder

WISH = Wish(PLATFORM.environment, names.prefix(PLATFORM))
WAIT = Options(wait=True)
V1, V2 = project(pin=1), project(pin=2, revision=1)


class Told(GitCheckout):
    """A repository in which one commit is known."""

    def __init__(self, known: str = "c" * 40) -> None:
        super().__init__(Path())
        self._known = known

    def distance(self, commit: str) -> Distance:
        if commit != self._known:
            raise SourceUnusable(f"bad object {commit}")
        return Distance(0, 0)


def run(cloud: Cloud, *projects, options: Options = WAIT) -> None:
    with hold(cloud.world, WISH, print) as ours:
        show = ours.journal.showing(lambda _: None, wait=options.wait)
        reconcile(desired(*projects), ours.world, options, ours.journal.listening(Recorder()), show)
        ours.journal.ended(0)


def status(cloud: Cloud, *projects, checkout: GitCheckout | None = None):
    return look(propose(desired(*projects), cloud.world, Options()), cloud.world, checkout or Told())


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def test_before_anything_was_done_everything_is_missing_and_head_was_never_applied(cloud):
    found, held = status(cloud, V1)
    assert (found.whole.sync, found.whole.health, found.commits.applied, held) == (
        Sync.OUT_OF_SYNC,
        Health.MISSING,
        None,
        "",
    )


def test_what_was_applied_is_synced_and_its_commit_is_heads(cloud):
    run(cloud, V1)
    found, _ = status(cloud, V1)
    assert (found.whole, found.commits.current, found.commits.ahead) == (HEALTHY, True, 0)
    assert (found.projects[0].applied_version, found.projects[0].last_error) == (1, None)
    assert found.projects[0].since


def test_a_run_for_one_project_alone_applies_no_commit(cloud):
    run(cloud, V1, options=Options(wait=True, projects=frozenset({"churn"})))
    assert status(cloud, V1)[0].commits.applied is None
    run(cloud, V1)
    assert status(cloud, V1)[0].commits.current


def test_a_refused_pin_is_quarantined_and_its_reason_told_once_until_a_later_run_makes_it_good(cloud):
    run(cloud, V1)
    cloud.rolls_back = {release(2).name}
    run(cloud, V2)
    [churn] = status(cloud, V2)[0].projects
    assert (churn.plan.health, churn.plan.live_version, churn.applied_version) == (Health.DEGRADED, 1, 2)
    assert [one.version for one in churn.quarantined] == [2]
    [problem] = churn.plan.problems
    assert "did not pass the ping health check" in problem.what
    assert churn.last_error is None
    back = project(pin=1, revision=1)
    run(cloud, back)
    [churn] = status(cloud, back)[0].projects
    assert (churn.plan.health, churn.last_error) == (Health.HEALTHY, None)


def test_a_training_that_failed_and_was_made_good_by_one_that_nobody_waited_for_leaves_no_error(cloud):
    cloud.fails_to_train = {"churn"}
    run(cloud, V1)
    [churn] = status(cloud, V1)[0].projects
    assert [one.what for one in churn.plan.problems if "exit code 1" in one.what]
    cloud.fails_to_train = set()
    mended = project(pin=None, source="b")
    run(cloud, mended, options=Options())
    cloud.world.jobs.wait(cloud.jobs[0][1].id, print)
    owned = project(pin=1, source="b")
    [churn] = status(cloud, owned)[0].projects
    assert churn.plan.actions
    assert (churn.plan.problems, churn.last_error) == ((), None)


def test_a_failed_step_that_is_still_to_be_done_keeps_its_error_until_it_is_done(cloud):
    cloud.broken = {"apply deployment": TerraformFailed("AccessDenied: not allowed", "allow it")}
    run(cloud, V1)
    [churn] = status(cloud, V1)[0].projects
    assert churn.last_error
    assert churn.last_error.what == "AccessDenied: not allowed"
    cloud.broken = {}
    reconcile(desired(V1), cloud.world, WAIT, Recorder(), lambda _: None)
    assert status(cloud, V1)[0].projects[0].last_error is None


def test_a_history_that_cannot_be_read_is_a_note_and_no_failure(cloud):
    run(cloud, V1)
    cloud.broken = {"read history": ReadFailed("AccessDenied"), "read lease": ReadFailed("AccessDenied")}
    found, held = status(cloud, V1)
    assert (found.whole, held) == (HEALTHY, "")
    assert found.notes == (
        "the history could not be read: AccessDenied",
        "the lease could not be read: AccessDenied",
    )


def test_an_applied_commit_that_git_does_not_know_has_no_distance(cloud):
    run(cloud, V1)
    found, _ = status(cloud, V1, checkout=Told("f" * 40))
    assert (found.commits.current, found.commits.ahead) == (True, None)


def test_who_holds_the_lease_is_told_and_a_lease_that_ran_out_is_held_by_nobody(cloud):
    seen = Seen(Lease("run-1", 7, HOLDER, NOON, NOON), "1", 3.0)
    cloud.lease = seen
    assert status(cloud, V1)[1].startswith("ann on box since 2026-01-01 12:00:00 UTC")
    cloud.lease = replace(seen, age=600.0)
    assert status(cloud, V1)[1] == ""


def test_looking_changes_nothing_and_takes_no_lease(cloud):
    status(cloud, V1)
    assert (cloud.calls, cloud.lease) == ([], None)
