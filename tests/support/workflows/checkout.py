"""What actions/checkout does, with the real git, from the fake GitHub."""

import base64
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.workflows.failed import Failed
from support.workflows.frame import Working
from support.workflows.machine import execute

INPUTS = ("repository", "ref", "token", "path", "fetch-depth", "persist-credentials", "clean", "fetch-tags")
_SHA = re.compile(r"[0-9a-f]{40}")


def check_out(job: Working, given: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Fetch a commit and check it out, with the token in git's settings as long as it is asked for. Raises Failed."""
    repository, folder = given.get("repository") or job.event.repository, _folder(job, given.get("path", "."))
    own = repository == job.event.repository
    ref = given.get("ref") or (job.event.sha if own else "")
    branch = job.event.ref if own and not given.get("ref") else ref
    _run(job, folder, "init", "--quiet", "--initial-branch", "main")
    _run(job, folder, "remote", "add", "origin", f"{job.site.address}/{repository}")
    secret = base64.b64encode(f"x-access-token:{given.get('token') or job.token}".encode()).decode()
    setting = f"http.{job.site.address}/.extraheader"
    _run(job, folder, "config", "--local", setting, f"AUTHORIZATION: basic {secret}")
    depth = given.get("fetch-depth", "1")
    shallow = () if depth == "0" else ("--depth", depth)
    fetched = _refspecs(ref, branch, whole=depth == "0")
    _run(
        job, folder, "fetch", "--quiet", "--no-tags", "--prune", "--no-recurse-submodules", *shallow, "origin", *fetched
    )
    _run(job, folder, "checkout", "--quiet", "--force", *_target(job, folder, ref, branch))
    if given.get("persist-credentials", "true") != "true":
        _run(job, folder, "config", "--local", "--unset-all", setting)
    commit = _run(job, folder, "log", "-1", "--format=%H").strip()
    return {"commit": commit, "ref": ref}, f"{repository} at {commit}\n"


def _folder(job: Working, path: str) -> Path:
    folder = (job.machine.workspace / path).resolve()
    if not folder.is_relative_to(job.machine.workspace.resolve()):
        raise Failed(f"Repository path '{folder}' is not under '{job.machine.workspace}'")
    folder.mkdir(parents=True, exist_ok=True)
    if folder == job.machine.workspace.resolve() or (folder / ".git").exists():
        _empty(job, folder)
    return folder


def _empty(job: Working, folder: Path) -> None:
    ended = execute(("find", str(folder), "-mindepth", "1", "-delete"), folder, job.machine.variables())
    if ended.code:
        raise Failed(ended.output)


def _refspecs(ref: str, branch: str, *, whole: bool) -> Sequence[str]:
    everything = ("+refs/heads/*:refs/remotes/origin/*",) if whole else ()
    if _SHA.fullmatch(ref):
        name = branch.removeprefix("refs/heads/")
        known = branch.startswith("refs/heads/")
        return (*everything, f"+{ref}:refs/remotes/origin/{name}") if known else (*everything, ref)
    if ref.startswith("refs/pull/"):
        return (*everything, f"+{ref}:{ref.replace('refs/', 'refs/remotes/', 1)}")
    name = (ref or "HEAD").removeprefix("refs/heads/")
    return (*everything, f"+{'HEAD' if name == 'HEAD' else f'refs/heads/{name}'}:refs/remotes/origin/{name}")


def _target(job: Working, folder: Path, ref: str, branch: str) -> Sequence[str]:
    if branch.startswith("refs/heads/"):
        name = branch.removeprefix("refs/heads/")
        return ("-B", name, f"refs/remotes/origin/{name}")
    if _SHA.fullmatch(ref):
        return ("--detach", ref)
    if ref.startswith("refs/"):
        return ("--detach", ref.replace("refs/", "refs/remotes/", 1))
    name = ref or "HEAD"
    return ("-B", name, f"refs/remotes/origin/{name}") if ref else ("--detach", f"refs/remotes/origin/{name}")


def _run(job: Working, folder: Path, *words: str) -> str:
    env = {**job.machine.variables(), "GIT_TERMINAL_PROMPT": "0"}
    ended = execute(("git", *words), folder, env)
    if ended.code:
        raise Failed(f"git {words[0]} failed with exit code {ended.code}: {ended.output.strip()}")
    return ended.output
