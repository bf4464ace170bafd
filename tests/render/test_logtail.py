"""The end of a log: short, and with the line that names the exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.verdict import Problem
from reconciler.errors import ReconcilerError
from reconciler.render.fault import show_error
from reconciler.render.logtail import LEFT_OUT, LINES, WIDTH, end_of
from reconciler.render.markup import SEVERAL, told
from support.examples import examples

TRACEBACK = """\
Traceback (most recent call last):
  File "train.py", line 3, in <module>
    main()
ValueError: column age is missing"""
CHAINED = f"""\
{TRACEBACK}

During handling of the above exception, another exception occurred:

{TRACEBACK.replace("ValueError: column age is missing", "RuntimeError: the data is unusable")}"""
AFTERWARDS = "\n".join(f"mlflow says {n}" for n in range(40))


@pytest.mark.parametrize(
    ("log", "shown"),
    [
        ("", ()),
        ("\n \n", ()),
        ("one\n\n  two  \n", ("one", "  two")),
        (TRACEBACK, tuple(TRACEBACK.splitlines())),
        (f"{TRACEBACK}\nend", (*TRACEBACK.splitlines(), "end")),
        (f"{AFTERWARDS}\n{TRACEBACK}", (*AFTERWARDS.splitlines()[-11:], *TRACEBACK.splitlines())),
    ],
)
def test_a_short_log_is_shown_whole_and_of_a_long_one_the_last_lines(log, shown):
    assert end_of(log) == shown


@pytest.mark.parametrize(
    ("log", "named"),
    [
        (f"{TRACEBACK}\n{AFTERWARDS}", "ValueError: column age is missing"),
        (f"{CHAINED}\n{AFTERWARDS}", "RuntimeError: the data is unusable"),
        (f"{TRACEBACK}\n{TRACEBACK}\n{AFTERWARDS}", "ValueError: column age is missing"),
    ],
)
def test_the_line_that_names_the_newest_exception_is_shown_whatever_was_written_after_it(log, named):
    shown = end_of(log)
    assert (shown[:2], shown[-1], len(shown)) == ((named, LEFT_OUT), "mlflow says 39", LINES)


def test_a_traceback_that_was_cut_short_names_no_exception():
    assert end_of(f"{AFTERWARDS}\n{TRACEBACK.rpartition(chr(10))[0]}")[-1] == "    main()"


@given(st.lists(st.sampled_from(["", "x", "  y", "z" * 900, TRACEBACK, "\t", "\u2028"]), max_size=60).map("\n".join))
@examples(200)
def test_no_end_is_longer_than_it_may_be_and_the_last_line_is_in_it(log):
    shown = end_of(log)
    assert len(shown) <= LINES
    assert all(0 < len(line) <= WIDTH for line in shown)
    said = [line.rstrip() for line in log.splitlines() if line.strip()]
    assert [line[:100] for line in shown[-1:]] == [line[:100] for line in said[-1:]]


def test_in_a_comment_it_is_a_quotation_within_bounds_that_names_the_exception():
    text = told(Problem("training failed: exit code 1", "mend it", f"{TRACEBACK}\n{AFTERWARDS}"))
    quoted = [line for line in text.splitlines() if line.startswith("  > ")]
    assert text.startswith("- **training failed: exit code 1** mend it\n  > ValueError: column age is missing  \n")
    assert len(quoted) == SEVERAL
    assert "  > File" not in text


def test_an_error_that_ends_a_command_shows_it_too(capsys):
    show_error(ReconcilerError("it broke", "mend it", f"{TRACEBACK}\n{AFTERWARDS}"))
    told = capsys.readouterr().err.splitlines()
    assert told[:3] == ["it broke", "  | ValueError: column age is missing", "  | ..."]
    assert told[-2:] == ["  | mlflow says 39", "  mend it"]
