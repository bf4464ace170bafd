from typing import Any

import pytest

from reconciler.sandbox.aws.batch.retry import Ending, tries_again

EXITED = "Essential container in task exited"
SPOT = "Host EC2 (instance i-0) terminated."
CRASH = Ending(7, None, EXITED)
RECLAIMED = Ending(None, None, SPOT)
NO_IMAGE = Ending(None, "CannotPullContainerError: x not found", "Task failed to start")


def rule(action: str, **conditions: str) -> dict[str, str]:
    return {"action": action, **conditions}


SPOT_ONLY = [rule("retry", onStatusReason="Host EC2*"), rule("exit", onReason="*")]


@pytest.mark.parametrize(
    ("rules", "ending", "again"),
    [
        ([], CRASH, True),
        (SPOT_ONLY, RECLAIMED, True),
        (SPOT_ONLY, CRASH, False),
        (SPOT_ONLY, NO_IMAGE, False),
        ([rule("EXIT", onExitCode="7")], CRASH, False),
        ([rule("EXIT", onExitCode="70")], CRASH, True),
        ([rule("EXIT", onExitCode="1*")], Ending(137, None, EXITED), False),
        ([rule("RETRY", onExitCode="7"), rule("EXIT", onReason="*")], CRASH, True),
        ([rule("EXIT", onReason="*"), rule("RETRY", onExitCode="7")], CRASH, False),
        ([rule("EXIT", onExitCode="7", onStatusReason="Host*")], CRASH, True),
        ([rule("EXIT", onReason="CannotPullContainerError:*")], NO_IMAGE, False),
        ([rule("EXIT", onReason="CannotPull")], NO_IMAGE, True),
        ([rule("EXIT", onExitCode="*")], RECLAIMED, False),
    ],
)
def test_the_first_rule_whose_conditions_all_match_decides(
    rules: list[dict[str, str]], ending: Ending, again: bool
) -> None:
    assert tries_again({"attempts": 3, "evaluateOnExit": rules}, 1, ending) is again


@pytest.mark.parametrize(
    ("strategy", "made", "again"),
    [({}, 1, False), ({"attempts": 1}, 1, False), ({"attempts": 3}, 2, True), ({"attempts": 3}, 3, False)],
)
def test_a_job_is_tried_as_often_as_its_strategy_allows(strategy: dict[str, Any], made: int, again: bool) -> None:
    assert tries_again(strategy, made, CRASH) is again


def test_what_was_stopped_on_purpose_is_not_tried_again() -> None:
    assert not tries_again({"attempts": 10}, 1, Ending(143, None, "because", final=True))


@pytest.mark.parametrize(
    ("ending", "succeeded"),
    [
        (Ending(0, None, EXITED), True),
        (CRASH, False),
        (RECLAIMED, False),
        (Ending(0, None, "stopped", final=True), False),
    ],
)
def test_only_exit_code_zero_of_a_process_that_was_let_run_is_success(ending: Ending, succeeded: bool) -> None:
    assert ending.succeeded is succeeded
