"""When, where and on whose word a plan is to be carried out."""

from dataclasses import dataclass, field
from datetime import datetime

from reconciler.core.desired import Demands


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What guards go by beside the two states that a plan was made from."""

    now: datetime
    """UTC"""
    allow_retire: frozenset[str] = frozenset()
    """Projects whose retirement somebody allowed by name."""
    demands: Demands = field(default_factory=Demands)
    asked: frozenset[str] = frozenset()
    """Titles of the projects that somebody named, who has to know when nothing is done for them."""
    uncommitted: tuple[str, ...] = ()
    """Files that are not as HEAD has them, of those that the environment asks for."""
    signature_fault: str = ""
    """What is wrong with HEAD's signature; empty: nothing, or nobody asks."""
