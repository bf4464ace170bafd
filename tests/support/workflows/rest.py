"""What the fake GitHub's REST API answers: paths, permissions, pages and errors as the real one's."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from support.workflows import issues
from support.workflows.issues import BOT, Board, Comment, Issue
from support.workflows.permissions import Permissions, allows

_PER_PAGE, _MOST = 30, 100


@dataclass(frozen=True)
class Token:
    """What a job shows to GitHub."""

    repository: str
    permissions: Permissions
    told: Callable[[str], None] = lambda line: None
    """Hears of every request that is made with it."""


@dataclass(frozen=True)
class Request:
    """One request."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Mapping[str, Any]
    token: Token | None


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(request: Request, boards: Mapping[str, Board], address: str) -> Answer:
    """What the API says to a request."""
    if request.token is None:
        return Answer(401, {"message": "Bad credentials"})
    for method, pattern, function in _ROUTES:
        found = re.fullmatch(rf"/repos/(?P<repository>[^/]+/[^/]+){pattern}", request.path)
        if found and method == request.method:
            board = boards.get(found["repository"])
            if board is None or found["repository"] != request.token.repository:
                return _missing()
            return function(_Asked(request, board, found["repository"], found, address))
    return _missing()


@dataclass(frozen=True)
class _Asked:
    request: Request
    board: Board
    repository: str
    path: re.Match[str]
    address: str

    @property
    def body(self) -> Mapping[str, Any]:
        return self.request.body

    def may(self, level: str, *scopes: str) -> bool:
        assert self.request.token
        return any(allows(self.request.token.permissions, scope, level) for scope in scopes)

    def told(self, issue: Issue) -> dict[str, Any]:
        return issues.issue_document(issue, self.repository)


def _comments(asked: _Asked) -> Answer:
    issue = asked.board.find(int(asked.path["number"]))
    if issue is None:
        return _missing()
    if not asked.may("read", *_scopes(issue)):
        return _forbidden()
    return _page(asked, [issues.comment_document(one) for one in issue.comments])


def _comment(asked: _Asked) -> Answer:
    issue = asked.board.find(int(asked.path["number"]))
    if issue is None:
        return _missing()
    if not asked.may("write", *_scopes(issue)):
        return _forbidden()
    if refused := _refused(asked.body, "body"):
        return refused
    return Answer(201, issues.comment_document(asked.board.comment(issue, BOT, asked.body["body"])))


def _edit_comment(asked: _Asked) -> Answer:
    found = asked.board.find_comment(int(asked.path["number"]))
    if found is None:
        return _missing()
    issue, comment = found
    if not asked.may("write", *_scopes(issue)):
        return _forbidden()
    if refused := _refused(asked.body, "body"):
        return refused
    return _edited(comment, asked.body["body"])


def _edited(comment: Comment, body: str) -> Answer:
    comment.body = body
    comment.edits += 1
    return Answer(200, issues.comment_document(comment))


def _list(asked: _Asked) -> Answer:
    if not asked.may("read", "issues"):
        return _forbidden()
    return _page(asked, [asked.told(one) for one in issues.matching(asked.board.issues, asked.request.query)])


def _open(asked: _Asked) -> Answer:
    if not asked.may("write", "issues"):
        return _forbidden()
    if refused := _refused(asked.body, "title"):
        return refused
    body = asked.body
    issue = asked.board.open(BOT, body["title"], body.get("body", ""), body.get("labels", ()))
    return Answer(201, asked.told(issue))


def _read(asked: _Asked) -> Answer:
    issue = asked.board.find(int(asked.path["number"]))
    if issue is None:
        return _missing()
    return Answer(200, asked.told(issue)) if asked.may("read", *_scopes(issue)) else _forbidden()


def _edit(asked: _Asked) -> Answer:
    issue = asked.board.find(int(asked.path["number"]))
    if issue is None:
        return _missing()
    if not asked.may("write", *_scopes(issue)):
        return _forbidden()
    if refused := _refused({"title": issue.title, **asked.body}, "title"):
        return refused
    if asked.body.get("state", "open") not in ("open", "closed"):
        return _invalid("state is neither open nor closed")
    for name in ("title", "body", "state", "labels"):
        setattr(issue, name, asked.body.get(name, getattr(issue, name)))
    issue.edits += 1
    return Answer(200, asked.told(issue))


_ROUTES: Sequence[tuple[str, str, Callable[[_Asked], Answer]]] = (
    ("GET", r"/issues", _list),
    ("POST", r"/issues", _open),
    ("GET", r"/issues/(?P<number>\d+)", _read),
    ("PATCH", r"/issues/(?P<number>\d+)", _edit),
    ("GET", r"/issues/(?P<number>\d+)/comments", _comments),
    ("POST", r"/issues/(?P<number>\d+)/comments", _comment),
    ("PATCH", r"/issues/comments/(?P<number>\d+)", _edit_comment),
)


def _scopes(issue: Issue) -> tuple[str, ...]:
    return ("issues", "pull-requests") if issue.pull else ("issues",)


def _refused(body: Mapping[str, Any], needed: str) -> Answer | None:
    if not body.get(needed):
        return _invalid(f"{needed} is missing")
    long = [
        name for name in ("title", "body") if len(body.get(name) or "") > (256 if name == "title" else issues.LONGEST)
    ]
    return _invalid(f"{long[0]} is too long (maximum is {issues.LONGEST} characters)") if long else None


def _page(asked: _Asked, found: Sequence[Any]) -> Answer:
    size = min(int(asked.request.query.get("per_page", _PER_PAGE)), _MOST)
    page = int(asked.request.query.get("page", 1))
    shown, more = found[(page - 1) * size : page * size], len(found) > page * size
    query = "&".join(f"{key}={value}" for key, value in {**asked.request.query, "page": str(page + 1)}.items())
    link = {"Link": f'<{asked.address}{asked.request.path}?{query}>; rel="next"'} if more else {}
    return Answer(200, shown, link)


def _missing() -> Answer:
    return Answer(404, {"message": "Not Found"})


def _forbidden() -> Answer:
    return Answer(403, {"message": "Resource not accessible by integration"})


def _invalid(why: str) -> Answer:
    return Answer(422, {"message": "Validation Failed", "errors": [{"message": why}]})
