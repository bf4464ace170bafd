"""A project's files as they might stand in a commit, and what is wrong with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from reconciler.mlproject import ProjectInvalid, read_project


@dataclass
class GivenFiles:
    """Files by name, which count how often each is read."""

    contents: Mapping[str, str | bytes]
    reads: list[str] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.contents))

    def read(self, name: str) -> bytes | None:
        self.reads.append(name)
        content = self.contents.get(name)
        return content.encode() if isinstance(content, str) else content


MAIN = "entry_points: {main: {command: python train.py}}\n"


@pytest.fixture
def faults() -> Callable[..., list[str]]:
    """What is wrong with files that are given by name, `_` for a dot; MLproject is a good one unless it is given."""

    def found(files: Mapping[str, str | bytes], **options: object) -> list[str]:
        try:
            read_project(GivenFiles({"MLproject": MAIN, **files}), **options)  # type: ignore[arg-type]
        except ProjectInvalid as error:
            return [f"{one.file}:{one.line}: {one.key}: {one.what}" for one in error.faults]
        return []

    return found
