"""What was put in the place of moto's own, so that it can be put back."""

from collections.abc import Callable, MutableMapping
from contextlib import ExitStack
from typing import Any


class Patches:
    """Replaces attributes and entries; `undo` restores them."""

    def __init__(self) -> None:
        self._undo = ExitStack()

    def attribute(self, owner: Any, name: str, value: object) -> None:  # a module or a class
        """Set an attribute of a module or a class."""
        owned = vars(owner)
        if name in owned:
            self._undo.callback(setattr, owner, name, owned[name])
        else:
            self._undo.callback(delattr, owner, name)
        setattr(owner, name, value)

    def operations(self, owner: Any, *functions: Callable[..., object]) -> None:  # a class
        """Set functions as methods under their own names."""
        for function in functions:
            self.attribute(owner, function.__name__, function)

    def entry(self, mapping: MutableMapping[str, Any], key: str, value: object) -> None:
        """Set an entry that is there."""
        self._undo.callback(mapping.__setitem__, key, mapping[key])
        mapping[key] = value

    def undo(self) -> None:
        """Put everything back."""
        self._undo.close()
