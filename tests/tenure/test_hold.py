"""A run under the lease: one at a time, given back whatever happens, and written down."""

import threading
from dataclasses import replace

import pytest

from reconciler.core import names
from reconciler.core.history import Outcome
from reconciler.core.lease import Seen, give_back, succeed
from reconciler.core.statelock import Remains, StateLock
from reconciler.errors import AwsFailed, Interrupted, LeaseHeld, LeaseLost, ReadFailed, StateLocked, TerraformFailed
from reconciler.reconcile import Options, exit_code, reconcile
from reconciler.tenure import Wish, hold
from reconciler.tenure.heart import RETRY, Heart
from support.builders import HOLDER, NOON, PLATFORM, desired, project
from support.fakes import Cloud, Recorder

WISH = Wish("test", "acme-test")
V1, V2 = project(pin=1), project(pin=2, revision=1)
DEPLOYMENT = names.project_key(PLATFORM.environment, "churn", "deployment")
THEIRS = replace(succeed(None, HOLDER, "theirs", NOON), number=7)


@pytest.fixture
def cloud():
    return Cloud()


@pytest.fixture
def said():
    return []


def run(cloud, *projects, options=Options(wait=True)):  # noqa: B008 - frozen
    with hold(cloud.world, WISH, print) as held:
        rounds = reconcile(
            desired(*projects),
            held.world,
            options,
            held.journal.listening(Recorder()),
            held.journal.showing(lambda _: None, wait=options.wait),
        )
        return held.journal.ended(exit_code(rounds, detailed=False))


def test_a_run_takes_the_lease_and_gives_it_back_with_a_number_that_grows(cloud):
    numbers = []
    for _ in range(2):
        with hold(cloud.world, WISH, print):
            assert not cloud.lease.lease.released
            numbers.append(cloud.lease.lease.number)
        assert cloud.lease.lease.released
    assert numbers == [1, 2]


def test_a_lease_that_somebody_holds_is_respected_and_tells_who(cloud):
    cloud.lease = Seen(THEIRS, "1", 3.0)
    with pytest.raises(LeaseHeld) as raised, hold(cloud.world, WISH, print):
        pytest.fail("it is not ours")
    assert raised.value.what == (
        "another reconcile holds the lease of acme-test: ann on box since 2026-01-01 12:00:00 UTC "
        "(https://ci.test/1, commit ccccccc), last heartbeat 3 s ago"
    )
    assert raised.value.remedy == "wait, or if it is dead: reconcile unlock --id theirs"
    assert (cloud.lease.lease, cloud.records, raised.value.exit_code) == (THEIRS, [], 5)


@pytest.mark.parametrize(("age", "dead"), [(63.0, set()), (0.0, {1})], ids=["expired", "its process is gone"])
def test_a_lease_whose_holder_is_dead_is_taken_over(cloud, said, age, dead):
    cloud.lease, cloud.dead = Seen(THEIRS, "1", age), dead
    with hold(cloud.world, WISH, said.append):
        assert (cloud.lease.lease.number, len(cloud.lease.lease.lost)) == (8, 1)
    assert [line[:63] for line in said] == ["taking over the lease of acme-test, which was not given back: a"]


def test_a_lease_is_waited_for_as_long_as_was_asked_for_and_an_interrupt_ends_that(cloud, said):
    cloud.lease = Seen(THEIRS, "1", 3.0)
    cloud.cancel.set()
    with (
        pytest.raises(Interrupted, match="waiting for the lease"),
        hold(cloud.world, replace(WISH, patience=60), said.append),
    ):
        pytest.fail("it is not ours")
    assert len(said) == 1
    assert cloud.lease.lease == THEIRS


def test_a_lease_that_is_given_back_while_we_wait_is_ours(cloud, said):
    cloud.lease = Seen(THEIRS, "1", 3.0)
    waits = Waits(lambda: setattr(cloud, "lease", Seen(give_back(THEIRS), "2", 0.0)))
    world = replace(cloud.world, cancel=waits)
    with hold(world, replace(WISH, patience=60), said.append):
        assert cloud.lease.lease.number == 8


class Waits(threading.Event):
    """Does something instead of waiting."""

    def __init__(self, instead):
        super().__init__()
        self._instead = instead

    def wait(self, timeout=None):
        self._instead()
        return False


def test_an_error_gives_the_lease_back_and_is_written_down(cloud):
    with pytest.raises(ReadFailed), hold(cloud.world, WISH, print):
        raise ReadFailed("no network", "look at the cable")
    assert cloud.lease.lease.released
    assert [(one.exit_code, one.error, one.remedy) for one in cloud.records] == [(1, "no network", "look at the cable")]


def test_a_crash_gives_the_lease_back_as_well(cloud):
    with pytest.raises(KeyboardInterrupt), hold(cloud.world, WISH, print):
        raise KeyboardInterrupt
    assert cloud.lease.lease.released


def test_before_there_is_a_bucket_nothing_can_be_held(cloud):
    cloud.bucket, cloud.broken["read lease"] = False, ReadFailed("there is no state bucket")
    with hold(cloud.world, replace(WISH, founding=True), print):
        cloud.bucket = True
    assert [one.fence for one in cloud.records] == [0]


def test_what_is_no_action_of_a_plan_is_written_down_as_well(cloud):
    with hold(cloud.world, WISH, print) as held:
        held.journal.noted("churn", "Adopt")
        held.journal.ended(0)
    assert [(one.project, one.steps, one.outcome) for one in cloud.records[-1].projects] == [
        ("churn", ("Adopt",), Outcome.DONE)
    ]


def test_a_lease_that_cannot_be_given_back_hides_nothing(cloud, said):
    with hold(cloud.world, WISH, said.append) as held:
        cloud.broken["write lease"] = AwsFailed("no answer")
        held.journal.ended(0)
    assert said == ["the lease could not be given back, and runs out by itself in a minute: no answer"]


def test_a_lease_that_went_with_its_bucket_need_not_be_given_back(cloud, said):
    with hold(cloud.world, WISH, said.append) as held:
        cloud.broken["write lease"], cloud.bucket = AwsFailed("there is no bucket"), False
        held.journal.ended(0)
    assert said == []


class Timer:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def timer():
    return Timer()


@pytest.fixture
def heart(cloud, timer):
    lease = succeed(None, HOLDER, "ours", NOON)
    return Heart(cloud.world, lease, cloud.world.leases.write(lease, None), timer)


def test_a_lease_that_another_has_taken_over_stops_everything(cloud, heart):
    cloud.lease = Seen(THEIRS, "9", 0.0)
    heart.beat()
    assert (heart.lost, cloud.cancel.is_set()) == ("ann on box has taken it over", True)


def test_a_lease_that_was_unlocked_stops_everything(cloud, heart):
    cloud.lease = Seen(give_back(cloud.lease.lease), "9", 0.0)
    heart.beat()
    assert (heart.lost, cloud.cancel.is_set()) == ("somebody released it: reconcile unlock", True)


def test_a_heartbeat_whose_answer_was_lost_is_recognised_and_gone_on_from(cloud, heart):
    cloud.lease = Seen(cloud.lease.lease, "9", 0.0)
    assert heart.beat() == RETRY
    assert heart.beat() > RETRY
    assert (heart.lost, cloud.lease.version) == ("", "10")


def test_heartbeats_that_fail_are_repeated_until_the_next_would_come_too_late(cloud, heart, timer):
    cloud.broken["write lease"] = AwsFailed("no answer")
    timer.now = 44
    heart.beat()
    assert not heart.lost
    timer.now = 46
    heart.beat()
    assert (heart.lost, cloud.cancel.is_set()) == ("it could not be renewed: no answer", True)


def test_a_bucket_that_a_teardown_has_deleted_needs_no_heartbeat(cloud, heart, timer):
    cloud.broken["write lease"], cloud.bucket, timer.now = AwsFailed("there is no bucket"), False, 100
    heart.beat()
    cloud.broken.clear()
    cloud.lease = None
    heart.beat()
    assert (heart.lost, cloud.cancel.is_set()) == ("", False)


def test_whatever_a_run_ends_with_once_its_lease_is_lost_that_is_why(cloud, said, monkeypatch):
    monkeypatch.setattr("reconciler.tenure.heart.BEAT", 0.0)

    def lose():
        with hold(cloud.world, WISH, said.append):
            with cloud.writing:
                cloud.lease = Seen(THEIRS, "9", 0.0)
            assert cloud.cancel.wait(10)
            raise Interrupted("stopped before it began")

    with pytest.raises(LeaseLost, match="the lease of acme-test was lost") as raised:
        lose()
    assert raised.value.exit_code == 5
    assert [one.exit_code for one in cloud.records] == [5]
    assert cloud.lease.lease == THEIRS


def test_a_run_writes_down_what_it_did_and_one_that_did_nothing_does_not(cloud):
    assert (run(cloud, V1), run(cloud, V1)) == (0, 0)
    [first] = cloud.records
    assert [(one.project, one.before, one.after, one.outcome) for one in first.projects] == [
        ("churn", None, 1, Outcome.DONE),
        ("platform", None, None, Outcome.DONE),
    ]
    assert first.projects[0].steps[-1] == "Deploy"
    assert (first.actor, first.author, first.trigger, first.fence, len(first.plan)) == ("ann", "Ann", "by hand", 1, 64)


def test_versions_are_written_down_from_the_first_before_to_the_last_after(cloud):
    run(cloud, V1)
    run(cloud, V2)
    assert [(one.before, one.after) for one in cloud.records[-1].projects] == [(1, 2)]
    run(cloud, replace(V2, deployment=None))
    assert [(one.before, one.after) for one in cloud.records[-1].projects] == [(2, None)]


def test_a_training_that_is_left_under_way_is_pending(cloud):
    run(cloud, V1, options=Options())
    assert [one.outcome for one in cloud.records[-1].projects if one.project == "churn"] == [Outcome.PENDING]


def test_a_failure_is_written_down_with_its_remedy(cloud):
    run(cloud, V1)
    cloud.broken["apply deployment"] = TerraformFailed("no capacity", "ask for more")
    assert run(cloud, V2) == 1
    [one] = cloud.records[-1].projects
    assert (one.before, one.after, one.outcome, one.error, one.remedy) == (
        1,
        1,
        Outcome.FAILED,
        "no capacity",
        "ask for more",
    )


def test_what_a_failed_platform_kept_from_beginning_is_written_down(cloud):
    cloud.broken["apply platform"] = TerraformFailed("no capacity")
    run(cloud, V1)
    assert [(one.project, one.outcome, one.error) for one in cloud.records[-1].projects] == [
        ("churn", Outcome.FAILED, "it was not begun"),
        ("platform", Outcome.FAILED, "no capacity"),
    ]


def test_an_interrupt_is_written_down(cloud):
    run(cloud, V1)
    cloud.cancel.set()
    assert run(cloud, V2) == 130
    assert [one.outcome for one in cloud.records[-1].projects] == [Outcome.INTERRUPTED]
    assert cloud.lease.lease.released


def test_what_a_guard_withholds_is_written_down_once(cloud):
    run(cloud, V1)
    protected = replace(V1, protect=True)
    run(cloud, protected)
    before = len(cloud.records)
    assert [run(cloud), run(cloud)] == [4, 4]
    assert [one.outcome for one in cloud.records[-1].projects] == [Outcome.REFUSED]
    assert len(cloud.records) == before + 1


@pytest.mark.parametrize("call", ["read history", "write history"])
def test_a_history_that_cannot_be_written_hides_nothing(cloud, said, call):
    cloud.broken[call] = AwsFailed("denied")
    with hold(cloud.world, WISH, said.append) as held:
        held.journal.ended(0)
    assert said == ["the history does not know of this run: denied"]


LOCK = StateLock("4711", "ann@box", "apply", NOON)


def test_a_state_lock_that_a_dead_run_left_is_released_and_the_stack_applied(cloud):
    run(cloud, V1)
    cloud.locks[DEPLOYMENT], cloud.remains[DEPLOYMENT] = LOCK, (Remains("box", NOON, NOON),)
    assert run(cloud, V2) == 0
    assert cloud.calls[-2:] == [f"unlock {DEPLOYMENT}", "apply deployment churn"]


def test_a_state_lock_of_one_who_may_live_ends_the_run_with_5(cloud):
    run(cloud, V1)
    cloud.locks[DEPLOYMENT] = LOCK
    assert run(cloud, V2) == StateLocked.exit_code
    assert cloud.locks == {DEPLOYMENT: LOCK}
