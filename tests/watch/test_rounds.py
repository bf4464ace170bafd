"""Who is asked to stop, and for how long."""

import signal

from reconciler.commands.rounds import rounds


def test_a_round_that_stops_itself_stops_no_other():
    with rounds(lambda: None) as begin:
        begin().set()
        assert not begin().is_set()


def test_a_signal_stops_the_round_that_runs_and_every_later_one_and_wakes_who_waits():
    woken = []
    with rounds(lambda: woken.append("woken")) as begin:
        running = begin()
        signal.raise_signal(signal.SIGTERM)
        assert (running.is_set(), begin().is_set(), woken) == (True, True, ["woken"])


def test_signals_mean_afterwards_what_they_meant_before():
    before = signal.getsignal(signal.SIGTERM)
    with rounds(lambda: None):
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
