"""Faults of the sandbox, to rehearse and to test what production does on a bad day. Imports nothing heavy."""

from reconciler.sandbox.faults.client import Faults
from reconciler.sandbox.faults.fault import Fault, Kind, Standing

__all__ = ["Fault", "Faults", "Kind", "Standing"]
