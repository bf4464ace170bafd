"""The kind of class that the manifest's schema is written in."""

from dataclasses import MISSING, dataclass
from inspect import get_annotations
from typing import Any, dataclass_transform


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a mapping."""

    name: str
    type: Any
    default: Any
    """MISSING for a key that has to be there."""

    @property
    def key(self) -> str:
        """As it is written in the manifest: `from` is no name in Python."""
        return self.name.removesuffix("_")


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """A mapping of the manifest: made by keyword, compared by value, never changed.

    It is what a frozen dataclass is, but no code is written and compiled for each class: the schema has more than
    twenty of them, and `reconcile validate` promises to be quicker than `import boto3`.
    """

    def __init__(self, **given: Any) -> None:
        values = {one.name: given.pop(one.name, one.default) for one in fields(type(self))}
        wrong = [*given, *(name for name, value in values.items() if value is MISSING)]
        if wrong:
            raise TypeError(f"{type(self).__name__}: unknown or missing: {', '.join(wrong)}")
        vars(self).update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


def fields(record: type[Record]) -> tuple[Field, ...]:
    """The keys of a record, those of its base first."""
    classes = [one for one in reversed(record.__mro__) if issubclass(one, Record)]
    hints = {name: hint for one in classes for name, hint in get_annotations(one).items()}
    return tuple(Field(name, hint, getattr(record, name, MISSING)) for name, hint in hints.items())


def is_record(hint: Any) -> bool:
    """Whether a type is a record."""
    return isinstance(hint, type) and issubclass(hint, Record)
