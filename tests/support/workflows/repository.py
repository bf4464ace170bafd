"""A repository on the fake GitHub: bare, with what GitHub keeps beside it; and the people who push to it."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MAIN = "main"


@dataclass(frozen=True)
class Protected:
    """A GitHub environment."""

    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    branches: tuple[str, ...] = (MAIN,)
    """That may deploy to it."""
    reviewers: tuple[str, ...] = ()


@dataclass
class Repository:
    """One repository."""

    name: str
    """With its owner."""
    bare: Path
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    environments: dict[str, Protected] = field(default_factory=dict)
    fork_of: str = ""

    @property
    def owner(self) -> str:
        """Whose it is."""
        return self.name.split("/")[0]

    def git(self, *words: str) -> str:
        """What git says of it."""
        return git(self.bare, *words)

    def tip(self, branch: str = MAIN) -> str:
        """The commit that a branch points to."""
        return self.git("rev-parse", f"refs/heads/{branch}").strip()

    def message(self, commit: str) -> str:
        """Of a commit."""
        return self.git("log", "-1", "--format=%B", commit)

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """Paths that differ between two commits."""
        return tuple(self.git("diff", "--name-only", old, new).splitlines())

    def unpack(self, commit: str, folder: Path, *paths: str) -> None:
        """Some of a commit's files."""
        folder.mkdir(parents=True)
        archive = subprocess.run(
            ("git", "archive", commit, *paths), cwd=self.bare, check=True, capture_output=True, timeout=60
        )
        subprocess.run(("tar", "-x"), cwd=folder, input=archive.stdout, check=True, timeout=60)


def git(folder: Path, *words: str, who: str = "github") -> str:
    """Run git as somebody, with nobody's settings. Fails with what it said."""
    names = ("-c", f"user.name={who}", "-c", f"user.email={who}@example.invalid", "-c", "commit.gpgsign=false")
    env = {"PATH": _path(), "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    ended = subprocess.run(
        ("git", *names, *words), cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, f"git {' '.join(words)}: {ended.stderr}"
    return ended.stdout


def _path() -> str:
    found = shutil.which("git")
    assert found, "git is not installed"
    return f"{Path(found).parent}:/usr/bin:/bin"


def create(folder: Path, name: str) -> Repository:
    """An empty one."""
    bare = folder / f"{name}.git"
    bare.mkdir(parents=True)
    git(bare, "init", "--quiet", "--bare", "--initial-branch", MAIN)
    return _served(Repository(name, bare))


def opened(folder: Path, name: str) -> Repository:
    """One that was made before."""
    return _served(Repository(name, folder / f"{name}.git"))


def forked(folder: Path, of: Repository, name: str) -> Repository:
    """Somebody's copy of another."""
    bare = folder / f"{name}.git"
    bare.parent.mkdir(parents=True, exist_ok=True)
    git(of.bare, "clone", "--quiet", "--bare", str(of.bare), str(bare))
    return _served(Repository(name, bare, fork_of=of.name))


def _served(repository: Repository) -> Repository:
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repository.git("config", "http.receivepack", "true")
    return repository


@dataclass
class Person:
    """Somebody with a clone."""

    name: str
    folder: Path
    repository: Repository
    branch: str = MAIN

    def __post_init__(self) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        git(self.folder.parent, "clone", "--quiet", str(self.repository.bare), str(self.folder))

    def git(self, *words: str) -> str:
        """Run git in the clone."""
        return git(self.folder, *words, who=self.name)

    def start(self, branch: str) -> None:
        """Begin a branch at the newest commit of the default branch."""
        self.git("fetch", "--quiet", "origin")
        self.git("checkout", "--quiet", "-B", branch, f"origin/{MAIN}")
        self.branch = branch

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def replace(self, path: str, old: str, new: str) -> None:
        """Change the one place of a file that says the old."""
        text = (self.folder / path).read_text()
        assert text.count(old) == 1, f"{path} says {old!r} {text.count(old)} times"
        self.write(path, text.replace(old, new))

    def commit(self, message: str) -> str:
        """Commit everything and push the branch; the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.push()

    def push(self) -> str:
        """Push the branch; its commit."""
        self.git("push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{self.branch}")
        return self.git("rev-parse", "HEAD").strip()
