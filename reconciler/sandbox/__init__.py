"""The embedded cloud: AWS and MLflow on this machine's loopback interface. Imports nothing of the rest."""

from reconciler.sandbox.control import down, find, status, up, why_none
from reconciler.sandbox.errors import SandboxError
from reconciler.sandbox.processes import Running
from reconciler.sandbox.record import Sandbox

__all__ = ["Running", "Sandbox", "SandboxError", "down", "find", "status", "up", "why_none"]
