"""One budget of retries for a run: what waits how long, and what is given up."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.adapters.patience import BURST, LONGEST_SECONDS, Patience, Trouble, delay
from reconciler.errors import Interrupted
from support.standstill import Standstill


@pytest.mark.parametrize(("attempt", "longest"), [(1, 0.5), (2, 1), (3, 2), (6, 16), (7, LONGEST_SECONDS), (99, 20)])
def test_the_longest_delay_doubles_up_to_a_limit(attempt, longest):
    assert (delay(attempt, 0), delay(attempt, 1)) == (0, longest)


def test_every_kind_of_trouble_has_its_number_of_tries():
    for trouble in Trouble:
        patience = Patience(Standstill())
        said = [patience.exhausted(trouble, attempt) for attempt in range(1, trouble.value + 1)]
        assert said == [""] * (trouble.value - 1) + [f"after {trouble.value} tries"]


def test_the_budget_is_shared_between_threads_and_spent_once():
    patience = Patience(Standstill())
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: patience.exhausted(Trouble.SERVER, 1), range(BURST + 50)))
    assert said.count("") == BURST
    assert "budget of 200 retries is spent" in {one for one in said if one}.pop()


def test_requests_that_go_well_give_retries_back_and_never_more_than_there_were():
    patience = Patience(Standstill())
    while not patience.exhausted(Trouble.SERVER, 1):
        pass
    for _ in range(6):
        patience.went_well()
    assert [bool(patience.exhausted(Trouble.SERVER, 1)) for _ in range(4)] == [False, False, False, True]
    for _ in range(3 * BURST):
        patience.went_well()
    assert [patience.exhausted(Trouble.SERVER, 1) for _ in range(BURST + 1)].count("") == BURST


def test_a_wait_ends_when_somebody_asks_to_stop():
    with pytest.raises(Interrupted, match="before a request was made again"):
        Patience(Standstill(asked_to_stop=True)).exhausted(Trouble.THROTTLED, 1)


def test_a_run_in_which_every_fifth_request_is_throttled_comes_to_its_end():
    chance, still = random.Random(4), Standstill()
    patience = Patience(still, chance=chance.random)
    for _ in range(5000):
        attempt = 1
        while chance.random() < 0.2:
            assert patience.exhausted(Trouble.THROTTLED, attempt) == ""
            attempt += 1
        patience.went_well()
    assert 1000 < len(still.slept) < 1500
    assert max(still.slept) < LONGEST_SECONDS
