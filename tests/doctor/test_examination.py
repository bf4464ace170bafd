"""Checks are made at once, in time, and none hides another."""

import threading
import time

import pytest

from reconciler.core.doctor.finding import Finding, Verdict, blocked, failed, healthy, merged, ok, skipped, warning
from reconciler.doctor import Check, examine
from reconciler.errors import Interrupted, ReadFailed


def fine(name: str, *needs: str, **more) -> Check:
    return Check(name, lambda: [ok(name, "well")], needs, **more)


def broken(name: str, *needs: str) -> Check:
    def ask():
        raise ReadFailed("it said no", "ask again")

    return Check(name, ask, needs)


def told(checks, cancel=None):
    return [(one.check, one.verdict.value, one.found, one.fix) for one in examine(checks, cancel or threading.Event())]


def test_one_that_fails_hides_none_and_stops_only_what_needs_it():
    checks = [broken("a"), fine("b", "a"), fine("c", "b"), fine("d"), fine("e", "d")]
    assert told(checks) == [
        ("a", "failed", "it said no", "ask again"),
        ("b", "skipped", "needs a", ""),
        ("c", "skipped", "needs b", ""),
        ("d", "ok", "well", ""),
        ("e", "ok", "well", ""),
    ]


def test_what_needs_several_names_those_that_lack():
    assert told([broken("a"), fine("b"), broken("c"), fine("d", "a", "b", "c")])[-1] == (
        "d",
        "skipped",
        "needs a and c",
        "",
    )


def test_a_warning_is_good_enough_for_what_needs_it():
    checks = [Check("a", lambda: [warning("a", "hm", "look")]), fine("b", "a")]
    assert told(checks)[-1] == ("b", "ok", "well", "")


def test_checks_of_one_name_are_one_to_those_that_need_it():
    assert told([fine("a"), broken("a"), fine("b", "a")])[-1] == ("b", "skipped", "needs a", "")


def test_a_check_may_say_what_its_trouble_means():
    def ask():
        raise ReadFailed("it said no", "ask again")

    assert told([Check("a", ask, trouble=warning)]) == [("a", "warning", "it said no", "ask again")]


def test_they_are_made_at_once_and_told_in_their_order():
    gate = threading.Barrier(3, timeout=10)

    def ask(name, seconds):
        gate.wait()
        time.sleep(seconds)
        return [ok(name, "well")]

    checks = [Check(name, lambda n=name, s=rest: ask(n, s)) for name, rest in (("a", 0.2), ("b", 0.1), ("c", 0.0))]
    assert [one[0] for one in told(checks)] == ["a", "b", "c"]


def test_one_that_does_not_end_is_left_alone_in_time():
    never = threading.Event()
    began = time.monotonic()
    checks = [Check("a", lambda: [ok("a", str(never.wait(60)))], seconds=0.3), fine("b", "a"), fine("c")]
    assert told(checks) == [
        ("a", "failed", "no answer within 0.3 s", "try again"),
        ("b", "skipped", "needs a", ""),
        ("c", "ok", "well", ""),
    ]
    assert time.monotonic() - began < 5
    never.set()


def test_somebody_who_asks_to_stop_does_not_wait():
    never, cancel = threading.Event(), threading.Event()
    threading.Timer(0.2, cancel.set).start()
    began = time.monotonic()
    with pytest.raises(Interrupted):
        examine([Check("a", lambda: [ok("a", str(never.wait(60)))])], cancel)
    assert time.monotonic() - began < 5
    never.set()


def test_a_mistake_of_ours_is_not_a_finding():
    def ask():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        examine([Check("a", ask)], threading.Event())


def test_all_that_is_well_of_one_check_shares_a_line():
    findings = [ok("p", "S3"), failed("p", "no IAM", "x"), ok("p", "ECR"), failed("p", "no EC2", "x"), ok("q", "z")]
    assert merged([*findings, skipped("r", "needs a"), skipped("r", "needs a")]) == (
        ok("p", "S3, ECR"),
        failed("p", "no IAM", "x"),
        failed("p", "no EC2", "x"),
        ok("q", "z"),
        skipped("r", "needs a"),
    )


def test_warnings_and_what_was_skipped_are_no_failures():
    assert healthy([ok("a", ""), warning("b", "", ""), skipped("c", "")])
    assert not healthy([ok("a", ""), failed("b", "", "")])


def test_nothing_is_blocked_by_what_went_well():
    assert blocked("b", ["a"], {"a": [ok("a", "")]}) is None
    assert blocked("b", ["a"], {"a": [Finding("a", Verdict.SKIPPED, "")]}) == skipped("b", "needs a")
