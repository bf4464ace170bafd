"""The fake GitHub's API: what it answers to whom."""

import pytest

from support.workflows.issues import Board
from support.workflows.rest import Answer, Request, Token, answer

NAME = "acme/models"
WRITER = Token(NAME, {"issues": "write", "pull-requests": "write"})


@pytest.fixture
def board() -> Board:
    board = Board()
    board.open("alice", "a change", "", pull=True)
    board.open("alice", "an issue", "", ["drift"])
    return board


def ask(board: Board, method: str, path: str, token: Token | None = WRITER, **body: object) -> Answer:
    path, _, query = path.partition("?")
    pairs = dict(pair.split("=") for pair in query.split("&") if pair)
    return answer(Request(method, f"/repos/{NAME}{path}", pairs, body, token), {NAME: board}, "http://api")


@pytest.mark.parametrize(
    ("method", "path", "permissions", "status"),
    [
        ("GET", "/issues", {"issues": "read"}, 200),
        ("GET", "/issues", {"pull-requests": "write"}, 403),
        ("POST", "/issues", {"issues": "read"}, 403),
        ("POST", "/issues", {"issues": "write"}, 201),
        ("PATCH", "/issues/2", {"pull-requests": "write"}, 403),
        ("PATCH", "/issues/2", {"issues": "write"}, 200),
        ("GET", "/issues/1/comments", {"pull-requests": "read"}, 200),
        ("GET", "/issues/1/comments", {"contents": "write"}, 403),
        ("POST", "/issues/1/comments", {"pull-requests": "read"}, 403),
        ("POST", "/issues/1/comments", {"pull-requests": "write"}, 201),
        ("POST", "/issues/1/comments", {"issues": "write"}, 201),
        ("POST", "/issues/2/comments", {"pull-requests": "write"}, 403),
        ("POST", "/issues/9/comments", {"issues": "write"}, 404),
        ("PATCH", "/issues/comments/1", {"issues": "write"}, 404),
        ("DELETE", "/issues/2", {"issues": "write"}, 404),
    ],
)
def test_a_token_does_what_its_permissions_say_and_nothing_else(board, method, path, permissions, status):
    assert ask(board, method, path, Token(NAME, permissions), title="t", body="b").status == status


def test_no_token_and_the_token_of_another_repository_get_nothing(board):
    assert ask(board, "GET", "/issues", None).status == 401
    assert ask(board, "GET", "/issues", Token("acme/other", {"issues": "write"})).status == 404


def test_comments_come_in_pages_with_a_link_to_the_next(board):
    for number in range(35):
        ask(board, "POST", "/issues/1/comments", body=f"comment {number}")
    first = ask(board, "GET", "/issues/1/comments?per_page=20")
    assert (len(first.body), first.body[0]["body"]) == (20, "comment 0")
    assert first.headers["Link"] == '<http://api/repos/acme/models/issues/1/comments?per_page=20&page=2>; rel="next"'
    second = ask(board, "GET", "/issues/1/comments?per_page=20&page=2")
    assert (len(second.body), second.headers) == (15, {})
    assert len(ask(board, "GET", "/issues/1/comments").body) == 30


def test_a_comment_is_edited_in_place_and_its_author_stays(board):
    made = ask(board, "POST", "/issues/1/comments", body="old").body
    edited = ask(board, "PATCH", f"/issues/comments/{made['id']}", body="new").body
    assert (edited["id"], edited["body"], edited["user"]["login"]) == (made["id"], "new", "github-actions[bot]")
    assert [one.edits for one in board.issues[0].comments] == [1]


def test_issues_are_found_by_label_state_and_creator_newest_first_with_pull_requests_among_them(board):
    made = ask(board, "POST", "/issues", title="drift", labels=["drift", "prod"], body="x").body
    assert [one["number"] for one in ask(board, "GET", "/issues").body] == [3, 2, 1]
    assert "pull_request" in ask(board, "GET", "/issues").body[2]
    assert [one["number"] for one in ask(board, "GET", "/issues?labels=drift").body] == [3, 2]
    assert [one["number"] for one in ask(board, "GET", "/issues?creator=github-actions[bot]").body] == [3]
    ask(board, "PATCH", f"/issues/{made['number']}", state="closed")
    assert [one["number"] for one in ask(board, "GET", "/issues?labels=drift,prod").body] == []
    assert [one["number"] for one in ask(board, "GET", "/issues?labels=drift&state=all").body] == [3, 2]


def test_what_github_would_not_take_is_refused(board):
    assert ask(board, "POST", "/issues/1/comments", body="x" * 65_537).status == 422
    assert ask(board, "POST", "/issues/1/comments", body="x" * 65_536).status == 201
    assert ask(board, "POST", "/issues/1/comments", body="").status == 422
    assert ask(board, "POST", "/issues", body="no title").status == 422
    assert ask(board, "PATCH", "/issues/2", state="done").status == 422
