"""What the loop needs of the world. The adapters implement it; tests implement it by hand."""

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.ports.aws import Account, Builds, Endpoints, Images, Inventory, Jobs, Logs
from reconciler.ports.bucket import History, Leases, StateStore
from reconciler.ports.common import REDACT, RESOURCES, Cancel, Check, Clock, Say, StackState
from reconciler.ports.machine import Head, Machine, Sources, SourceTree
from reconciler.ports.registry import Registry
from reconciler.ports.terraform import Terraform

__all__ = [
    "REDACT",
    "RESOURCES",
    "Account",
    "Builds",
    "Cancel",
    "Check",
    "Clock",
    "Endpoints",
    "Head",
    "History",
    "Images",
    "Inventory",
    "Jobs",
    "Leases",
    "Logs",
    "Machine",
    "Registry",
    "Say",
    "SourceTree",
    "Sources",
    "StackState",
    "StateStore",
    "Terraform",
    "World",
]


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside the program, behind its ports."""

    account: Account
    state: StateStore
    terraform: Terraform
    endpoints: Endpoints
    jobs: Jobs
    images: Images
    registry: Registry
    sources: Sources
    clock: Clock
    cancel: Cancel
    inventory: Inventory
    leases: Leases
    history: History
    machine: Machine
    logs: Logs
    builds: Builds
    redact: Callable[[str], str] = REDACT
    """Hides the secrets in what others say, before it is shown or kept."""
