"""Ten thousand manifests that somebody spoilt: each is taken or refused with lines; nothing else ever comes out."""

import re
from pathlib import Path
from random import Random

from reconciler.errors import ManifestInvalid, SourceUnusable
from reconciler.manifest import Context, load, resolve
from reconciler.mlproject import FolderFiles
from reconciler.ports import SourceTree
from support.chaos.figures import LONG, Record, tell
from support.chaos.mutations import mutate
from support.checkout import REPOSITORY

ORIGINALS = tuple(
    path.read_text(encoding="utf-8")
    for path in sorted(REPOSITORY.glob("manifests/*.yaml")) + sorted(REPOSITORY.glob("tests/golden/*/manifests/*.yaml"))
)
MANIFESTS = 10_000 if LONG else 400
LINE = re.compile(r"m\.yaml:([1-9][0-9]*): \S[^\n]*")


class Trees:
    """Every folder is tracked, save those whose name says otherwise."""

    def describe(self, path: str) -> SourceTree:
        if "x" in path:
            raise SourceUnusable(f"{path} is not in commit 0123: git does not track it", f"git add {path}")
        return SourceTree("c" * 40, "7" * 40, (), FolderFiles(Path(path)))

    def export(self, commit: str, path: str, target: Path) -> None:
        raise AssertionError("resolving a manifest exports nothing")


def test_a_spoilt_manifest_is_taken_or_refused_with_a_line(
    tmp_path: Path, monkeypatch, record_property: Record
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("churn", "ranker", "test-project"):
        (tmp_path / "ml-projects" / name).mkdir(parents=True)
        (tmp_path / "ml-projects" / name / "MLproject").write_text("entry_points: {main: {command: python train.py}}\n")
    context = Context(tmp_path, Trees(), REPOSITORY / "terraform" / "stacks", "http://127.0.0.1:5000")
    outcomes = [_outcome(seed, context) for seed in range(MANIFESTS)]
    problems = [found for found in outcomes if found]
    counts = {"taken": MANIFESTS - len(problems), "refused": len(problems), "problems": sum(map(len, problems))}
    tell(record_property, "manifest fuzz", manifests=MANIFESTS, **counts, tracebacks=0)


def _outcome(seed: int, context: Context) -> tuple[str, ...]:
    """The problems of one manifest, each of which points into it; anything but ManifestInvalid is a failure."""
    random = Random(seed)
    raw = mutate(random, random.choice(ORIGINALS))
    Path("m.yaml").write_bytes(raw)
    try:
        resolve(load(Path("m.yaml"), {}), context)
    except ManifestInvalid as error:
        problems = error.problems
    except Exception as error:
        raise AssertionError(f"manifest {seed} gives {error!r}:\n{raw.decode(errors='replace')}") from error
    else:
        return ()
    assert problems, f"manifest {seed} is refused without a reason"
    assert all(_points(one, raw) for one in problems), f"manifest {seed}: {problems}"
    return problems


def _points(problem: str, raw: bytes) -> bool:
    """Whether it begins with the file and a line that the file has."""
    found = LINE.fullmatch(problem)
    return bool(found) and int(found[1]) <= raw.count(b"\n") + raw.count(b"\r") + 1
