"""Contents of a commit's files, read together."""

import posixpath
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from reconciler.adapters.git.command import Git, failure
from reconciler.adapters.git.links import LeadsNowhere, LeadsOut, resolve
from reconciler.adapters.git.listing import LINK, Entry

SMALL = 1024
"""Bytes. A pointer of Git LFS is smaller:
https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer"""
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
LONGEST = 1_000_000
"""Bytes of a file that says how a project is run."""
READABLE = 10 * LONGEST
"""Bytes of a file that is read because another names it."""
_TELLING = (".yaml", ".yml", ".txt", ".in", ".json")


def is_wanted(name: str, entry: Entry) -> bool:
    """Whether a file of a project is read at once: it says how the project is run, or may be a pointer."""
    if entry.mode == LINK or entry.size < SMALL:
        return True
    base = posixpath.basename(name).lower()
    return entry.size <= LONGEST and (base == "mlproject" or base.endswith(_TELLING))


def read_blobs(git: Git, ids: Collection[str]) -> Mapping[str, bytes]:
    """Contents by object id, by one question to git. Raises SourceUnusable."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    done = git.bytes_of("cat-file", "--batch", "--buffer", given="".join(f"{one}\n" for one in wanted).encode())
    if done.returncode != 0:
        raise failure(done.stderr.decode(errors="replace"), git.folder)
    return dict(_parsed(done.stdout))


def _parsed(answer: bytes) -> Iterable[tuple[str, bytes]]:
    """`<id> <type> <size>\\n<content>\\n`, again and again; `<id> missing\\n` for what a partial clone has not."""
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        words = answer[at:end].decode().split()
        at = end + 1
        if len(words) == 3:
            size = int(words[2])
            yield words[0], answer[at : at + size]
            at += size + 1


@dataclass(frozen=True)
class CommitFiles:
    """The files of a folder at a commit: see Files. Links are followed within the folder."""

    entries: Mapping[str, Entry]
    """By name, relative to the folder; no folders among them."""
    contents: Mapping[str, bytes]
    """By object id, as far as they were read."""
    more: Callable[[str], bytes | None] = field(default=lambda _: None, compare=False)
    """Reads one that was not: by object id."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every file, links among them, sorted."""
        return tuple(sorted(self.entries))

    @cached_property
    def links(self) -> Mapping[str, str]:
        """Targets of the links, as they are written, by name."""
        found = {name: self.contents.get(entry.id, b"") for name, entry in self.entries.items() if entry.mode == LINK}
        return {name: link.decode(errors="replace") for name, link in found.items()}

    def read(self, name: str) -> bytes | None:
        """What a file holds; None when there is none, or it is a link that leads out, or much too large a file."""
        try:
            entry = self.entries.get(resolve(name, self.links))
        except (LeadsOut, LeadsNowhere):
            return None
        if entry is None:
            return None
        content = self.contents.get(entry.id)
        return self.more(entry.id) if content is None and entry.size <= READABLE else content

    def is_pointer(self, name: str) -> bool:
        """Whether a file is a pointer of Git LFS, in the place of the file itself."""
        entry = self.entries[name]
        return entry.mode != LINK and self.contents.get(entry.id, b"").startswith(LFS_POINTER)
