"""Issues, pull requests and comments of the fake GitHub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BOT = "github-actions[bot]"
LONGEST = 65_536
"""Characters of a body."""


@dataclass
class Comment:
    """One comment."""

    id: int
    author: str
    body: str
    edits: int = 0


@dataclass
class Issue:
    """An issue, or a pull request when it has a branch."""

    number: int
    author: str
    title: str
    body: str = ""
    labels: list[str] = field(default_factory=list)
    state: str = "open"
    comments: list[Comment] = field(default_factory=list)
    pull: bool = False
    edits: int = 0


@dataclass
class Board:
    """All of one repository's."""

    issues: list[Issue] = field(default_factory=list)
    _comments: int = 1_000

    def open(self, author: str, title: str, body: str, labels: Sequence[str] = (), *, pull: bool = False) -> Issue:
        """One more."""
        issue = Issue(len(self.issues) + 1, author, title, body, list(labels), pull=pull)
        self.issues.append(issue)
        return issue

    def comment(self, issue: Issue, author: str, body: str) -> Comment:
        """One more comment."""
        self._comments += 1
        comment = Comment(self._comments, author, body)
        issue.comments.append(comment)
        return comment

    def find(self, number: int) -> Issue | None:
        """The issue of a number."""
        return next((one for one in self.issues if one.number == number), None)

    def find_comment(self, identity: int) -> tuple[Issue, Comment] | None:
        """A comment, and what it is of."""
        found = ((issue, one) for issue in self.issues for one in issue.comments)
        return next((pair for pair in found if pair[1].id == identity), None)


def issue_document(issue: Issue, repository: str) -> dict[str, Any]:
    """As the API tells of it."""
    url = f"https://github.invalid/{repository}/{'pull' if issue.pull else 'issues'}/{issue.number}"
    told = {
        "id": 10_000 + issue.number,
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "state": issue.state,
        "labels": [{"name": label} for label in issue.labels],
        "user": user(issue.author),
        "comments": len(issue.comments),
        "html_url": url,
    }
    return {**told, "pull_request": {"html_url": url}} if issue.pull else told


def comment_document(comment: Comment) -> dict[str, Any]:
    """As the API tells of it."""
    return {"id": comment.id, "body": comment.body, "user": user(comment.author)}


def user(login: str) -> dict[str, Any]:
    """As the API tells of somebody."""
    return {"login": login, "type": "Bot" if login.endswith("[bot]") else "User"}


def matching(issues: Sequence[Issue], query: Mapping[str, str]) -> list[Issue]:
    """Those that a list asks for, newest first; pull requests are among them."""
    state, labels = query.get("state", "open"), {one for one in query.get("labels", "").split(",") if one}
    found = [one for one in issues if state in (one.state, "all") and labels <= set(one.labels)]
    creator = query.get("creator", "")
    return [one for one in reversed(found) if creator in ("", one.author)]
