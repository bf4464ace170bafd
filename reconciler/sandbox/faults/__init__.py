"""Faults of the sandbox, to rehearse and to test what production does on a bad day. Imports nothing heavy."""

from reconciler.sandbox.faults.client import Faults
from reconciler.sandbox.faults.fault import CALLS, Fault, Kind, Standing

__all__ = ["CALLS", "Fault", "Faults", "Kind", "Standing"]
