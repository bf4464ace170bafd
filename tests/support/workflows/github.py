"""The fake GitHub as a person meets it: repositories, pull requests, merges, schedules; each starts its workflows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.workflows import repository as repositories
from support.workflows.files import Workflow, workflows
from support.workflows.identity import Door, listed
from support.workflows.issues import Board, Issue
from support.workflows.log import Log
from support.workflows.repository import MAIN, Person, Repository, git
from support.workflows.results import Run
from support.workflows.runner import play
from support.workflows.site import Site
from support.workflows.stage import Stage
from support.workflows.triggers import Event, starts


@dataclass(frozen=True)
class PullRequest:
    """Somebody's."""

    issue: Issue
    author: str
    base: Repository
    head: Repository
    branch: str

    @property
    def number(self) -> int:
        """Of it."""
        return self.issue.number

    @property
    def from_fork(self) -> bool:
        """Whether it comes from another repository."""
        return self.head.name != self.base.name


def _first_reviewer(environment: str, job: str) -> str:
    return "carol"


@dataclass
class GitHub:
    """All of it, below one folder."""

    folder: Path
    log: Log = field(default_factory=Log)
    given: Mapping[str, str] = field(default_factory=dict)
    """Variables on every machine."""
    door: Door = field(default_factory=lambda: listed({}))
    """Into AWS."""
    approves: Callable[[str, str], str] = _first_reviewer
    installed: Path | None = None
    """Where code is kept that jobs install; None: here, for this GitHub alone."""
    left_out: frozenset[str] = frozenset()
    """Workflows that are not played: the log says so."""
    repositories: dict[str, Repository] = field(default_factory=dict)
    pulls: list[PullRequest] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site = Site(self.folder / "repositories")
        self._people: dict[Path, Person] = {}

    def close(self) -> None:
        """Serve no more."""
        self.site.close()

    def create(self, name: str) -> Repository:
        """A repository."""
        return self._known(repositories.create(self.folder / "repositories", name))

    def adopt(self, name: str) -> Repository:
        """A repository that is there already."""
        return self._known(repositories.opened(self.folder / "repositories", name))

    def fork(self, of: str, owner: str) -> Repository:
        """Somebody's fork of one."""
        name = f"{owner}/{of.split('/')[1]}"
        return self._known(repositories.forked(self.folder / "repositories", self.repositories[of], name))

    def person(self, name: str, repository: str) -> Person:
        """Somebody with a clone of one."""
        folder = self.folder / "people" / name / repository.replace("/", "+")
        if folder not in self._people:
            self._people[folder] = Person(name, folder, self.repositories[repository])
        return self._people[folder]

    def board(self, repository: str) -> Board:
        """Issues and pull requests of one."""
        return self.site.boards[repository]

    def open(self, person: Person, title: str, base: str) -> tuple[PullRequest, list[Run]]:
        """Open a pull request for a person's branch."""
        issue = self.board(base).open(person.name, title, "", pull=True)
        pull = PullRequest(issue, person.name, self.repositories[base], person.repository, person.branch)
        self.pulls.append(pull)
        return pull, self._pull(pull, "opened")

    def update(self, pull: PullRequest) -> list[Run]:
        """The branch of a pull request has moved."""
        return self._pull(pull, "synchronize")

    def retitle(self, pull: PullRequest, title: str) -> list[Run]:
        """The words of a pull request are edited."""
        changes, pull.issue.title = {"title": {"from": pull.issue.title}}, title
        return self._pull(pull, "edited", changes)

    def retarget(self, pull: PullRequest, was: str) -> list[Run]:
        """A pull request that was to be merged into another branch is now for the default one."""
        return self._pull(pull, "edited", {"base": {"ref": {"from": was}, "sha": {"from": pull.base.tip()}}})

    def merge(self, pull: PullRequest, by: str, message: str = "") -> list[Run]:
        """Merge a pull request. Its merge commit is pushed to the default branch."""
        self.log.chapter(f"{by} merges pull request #{pull.number}: {pull.issue.title}")
        base, old = pull.base, pull.base.tip()
        text = (
            f"Merge pull request #{pull.number} from {pull.head.owner}/{pull.branch}\n\n{pull.issue.title}\n{message}"
        )
        merged = self._merged(pull, by, text)
        base.git("update-ref", f"refs/heads/{MAIN}", merged, old)
        pull.issue.state = "closed"
        closed = self._fire(self._pull_event(pull, "pull_request_target", "closed"))
        return [*closed, *self._pushed(base, old, merged, by)]

    def push(self, person: Person, old: str) -> list[Run]:
        """What a person pushed to the default branch, which was at `old` before."""
        self.log.chapter(f"{person.name} pushes to {MAIN}")
        return self._pushed(person.repository, old, person.repository.tip(), person.name)

    def schedule(self, repository: str, file: str) -> list[Run]:
        """A workflow's hour has come."""
        found = self.repositories[repository]
        [cron] = [one["cron"] for one in self._workflows(found, found.tip())[file].on["schedule"]["schedules"]]
        self.log.chapter(f"it is time for {file}: {cron}")
        event = self._event("schedule", found, "github", {"schedule": cron})
        return self._fire(event, only=file)

    def dispatch(self, repository: str, file: str, by: str, **inputs: Any) -> Run:
        """Somebody starts a workflow by hand."""
        given = ", ".join(f"{key}={value}" for key, value in inputs.items())
        self.log.chapter(f"{by} starts {file} by hand" + (f": {given}" if given else ""))
        event = self._event("workflow_dispatch", self.repositories[repository], by, {"inputs": inputs})
        [run] = self._fire(event, only=file, given=inputs)
        return run

    def show(self, issue: Issue) -> None:
        """Tell what people see of an issue."""
        what = "pull request" if issue.pull else "issue"
        if not issue.pull:
            self.log.shown(f"issue #{issue.number}, {issue.state}, by {issue.author}: {issue.title}", issue.body)
        for comment in issue.comments:
            edited = f", edits: {comment.edits}" if comment.edits else ""
            self.log.shown(f"comment of {what} #{issue.number} by {comment.author}{edited}", comment.body)

    def _known(self, repository: Repository) -> Repository:
        self.repositories[repository.name] = repository
        self.site.boards[repository.name] = Board()
        return repository

    def _merged(self, pull: PullRequest, by: str, message: str) -> str:
        """The merge commit. Fails on a conflict."""
        base = pull.base
        head = base.git("rev-parse", f"refs/pull/{pull.number}/head").strip()
        tree = base.git("merge-tree", "--write-tree", base.tip(), head).split()[0]
        return git(base.bare, "commit-tree", tree, "-p", base.tip(), "-p", head, "-m", message, who=by).strip()

    def _pull(self, pull: PullRequest, action: str, changes: Mapping[str, Any] | None = None) -> list[Run]:
        what = {"opened": "opens", "synchronize": "pushes to", "edited": "edits"}[action]
        where = f" from the fork {pull.head.name}" if pull.from_fork else ""
        self.log.chapter(f"{pull.author} {what} pull request #{pull.number}{where}: {pull.issue.title}")
        pull.base.git(
            "fetch", "--quiet", str(pull.head.bare), f"+refs/heads/{pull.branch}:refs/pull/{pull.number}/head"
        )
        pull.base.git("update-ref", f"refs/pull/{pull.number}/merge", self._merged(pull, "github", "Merge for a test"))
        names = ("pull_request_target", "pull_request")
        return [run for name in names for run in self._fire(self._pull_event(pull, name, action, changes))]

    def _pull_event(self, pull: PullRequest, name: str, action: str, changes: Mapping[str, Any] | None = None) -> Event:
        base, number = pull.base, pull.number
        head = base.git("rev-parse", f"refs/pull/{number}/head").strip()
        merge = base.git("rev-parse", f"refs/pull/{number}/merge").strip()
        told = {
            "number": number,
            "title": pull.issue.title,
            "state": pull.issue.state,
            "draft": False,
            "user": {"login": pull.author},
            "head": {"sha": head, "ref": pull.branch, "repo": _repository(pull.head)},
            "base": {"sha": base.tip(), "ref": MAIN, "repo": _repository(base)},
        }
        own = name == "pull_request"
        return Event(
            name,
            base.name,
            merge if own else base.tip(),
            f"refs/pull/{number}/merge" if own else f"refs/heads/{MAIN}",
            pull.author,
            {
                "action": action,
                "number": number,
                "pull_request": told,
                "repository": _repository(base),
                **({"changes": changes} if changes else {}),
            },
            branch=MAIN,
            changed=base.changed(base.git("merge-base", base.tip(), head).strip(), head),
            message=base.message(head),
            from_fork=pull.from_fork,
        )

    def _pushed(self, repository: Repository, old: str, new: str, by: str) -> list[Run]:
        payload = {"before": old, "after": new, "ref": f"refs/heads/{MAIN}"}
        return self._fire(self._event("push", repository, by, payload, old))

    def _event(self, name: str, repository: Repository, by: str, payload: Mapping[str, Any], old: str = "") -> Event:
        tip = repository.tip()
        told = {**payload, "repository": _repository(repository), "sender": {"login": by}}
        changed, message = (repository.changed(old, tip), repository.message(tip)) if old else ((), "")
        return Event(name, repository.name, tip, f"refs/heads/{MAIN}", by, told, MAIN, changed, message)

    def _fire(self, event: Event, only: str = "", given: Mapping[str, Any] | None = None) -> list[Run]:
        repository = self.repositories[event.repository]
        known = self._workflows(repository, event.sha)
        started = [one for one in known.values() if only in ("", one.file) and starts(event, one)]
        if only and not started:
            raise AssertionError(f"{only} is not started by {event.name}")
        for one in started:
            if one.file in self.left_out:
                self.log.say("", f"▷ {one.file} on {event.name}: not played here")
        played = [one for one in started if one.file not in self.left_out]
        return [self._play(event, repository, known, one, given or {}) for one in played]

    def _workflows(self, repository: Repository, commit: str) -> dict[str, Workflow]:
        folder = self.folder / "seen" / repository.name / commit
        if not folder.is_dir():
            repository.unpack(commit, folder, ".github")
        return workflows(folder)

    def _play(
        self,
        event: Event,
        repository: Repository,
        known: Mapping[str, Workflow],
        one: Workflow,
        given: Mapping[str, Any],
    ) -> Run:
        run = Run(one.file, event.name, len(self.runs) + 1)
        self.runs.append(run)
        self.log.run(f"{one.file} on {event.name}, run {run.number}, commit {event.sha[:7]}")
        context = {
            "workflow": one.name,
            "workflow_ref": f"{repository.name}/.github/workflows/{one.file}@{event.ref}",
            "run_id": str(1_000_000 + run.number),
            "run_number": str(run.number),
            "run_attempt": "1",
            "server_url": self.site.address,
            "api_url": self.site.api,
        }
        folder = self.folder / "runs" / str(run.number)
        stage = Stage(
            event,
            repository,
            known,
            self.site,
            self.log,
            folder,
            self.door,
            self.installed or self.folder / "installed",
            self.given,
            self.approves,
            run,
            context,
        )
        play(stage, one, given)
        self.log.run(f"{one.file}, run {run.number}: {run.conclusion}")
        return run


def _repository(repository: Repository) -> dict[str, Any]:
    owner, name = repository.name.split("/")
    told = {"full_name": repository.name, "name": name, "owner": {"login": owner}, "default_branch": MAIN}
    return {**told, "fork": bool(repository.fork_of)}
