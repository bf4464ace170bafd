"""GitHub's REST API, as far as comments and issues go.

https://docs.github.com/en/rest/issues
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests

from reconciler.adapters.http import TIMEOUT, Outcome, insist, session_for, why
from reconciler.adapters.patience import Patience
from reconciler.errors import GitHubFailed

BOT = "github-actions[bot]"
"""Who writes with the token of a workflow's job."""
PAGE = 100
_REFUSED = "does the job have the permission (pull-requests: write, or issues: write), and the token in GITHUB_TOKEN?"


@dataclass(frozen=True, slots=True)
class Post:
    """A comment by its id, or an issue by its number."""

    number: int
    body: str


class GitHubRepository:
    """One repository, `owner/name`, at `api`, such as https://api.github.com."""

    def __init__(self, api: str, repository: str, token: str, patience: Patience | None = None) -> None:
        self._root = f"{api.rstrip('/')}/repos/{repository}"
        self._patience = patience or Patience()
        self._session = session_for(token)
        self._session.headers["Accept"] = "application/vnd.github+json"
        self._session.headers["X-GitHub-Api-Version"] = "2022-11-28"

    def comments(self, pull_request: int) -> Iterator[Post]:
        """A pull request's comments that a workflow wrote. Raises GitHubFailed."""
        for found in self._pages(f"issues/{pull_request}/comments", {}):
            if _by_a_workflow(found):
                yield Post(int(found["id"]), str(found["body"] or ""))

    def comment(self, number: int, body: str) -> None:
        """Write a comment on a pull request or an issue. Raises GitHubFailed."""
        self._ask("POST", f"issues/{number}/comments", {"body": body})

    def edit_comment(self, identity: int, body: str) -> None:
        """Write a comment anew. Raises GitHubFailed."""
        self._ask("PATCH", f"issues/comments/{identity}", {"body": body})

    def open_issues(self) -> Iterator[Post]:
        """Open issues that a workflow wrote. Raises GitHubFailed."""
        for found in self._pages("issues", {"state": "open"}):
            if "pull_request" not in found and _by_a_workflow(found):
                yield Post(int(found["number"]), str(found["body"] or ""))

    def open_issue(self, title: str, body: str) -> None:
        """Open an issue. Raises GitHubFailed."""
        self._ask("POST", "issues", {"title": title, "body": body})

    def edit_issue(self, number: int, title: str, body: str) -> None:
        """Write an issue anew. Raises GitHubFailed."""
        self._ask("PATCH", f"issues/{number}", {"title": title, "body": body})

    def close_issue(self, number: int) -> None:
        """Close an issue as done. Raises GitHubFailed."""
        self._ask("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})

    def _pages(self, path: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            found = self._ask("GET", path, {**query, "per_page": PAGE, "page": page})
            yield from found
            if len(found) < PAGE:
                return
            page += 1

    def _ask(self, method: str, path: str, payload: Mapping[str, Any]) -> Any:
        # What may have been posted is not posted a second time.
        once = method == "POST"
        outcome, _ = insist(lambda: self._send(method, path, payload), self._patience, once=once)
        if isinstance(outcome, requests.RequestException):
            raise GitHubFailed(f"GitHub did not answer {method} {path}: {why(outcome)}", "try again") from outcome
        if not outcome.ok:
            raise GitHubFailed(f"GitHub refused {method} {path}: {_message(outcome)}", _REFUSED)
        return outcome.json()

    def _send(self, method: str, path: str, payload: Mapping[str, Any]) -> Outcome:
        content: Any = {"params": payload} if method == "GET" else {"json": payload}
        try:
            return self._session.request(method, f"{self._root}/{path}", timeout=TIMEOUT, **content)
        except requests.RequestException as fault:
            return fault


def _by_a_workflow(found: Mapping[str, Any]) -> bool:
    """Anybody can write our marker; only what we wrote is ours to change."""
    return bool((found.get("user") or {}).get("login") == BOT)


def _message(response: requests.Response) -> str:
    try:
        said = response.json()
    except requests.JSONDecodeError:
        said = None
    message = said.get("message", "") if isinstance(said, dict) else ""
    return f"{message} (HTTP {response.status_code})".strip()
