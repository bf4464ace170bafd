"""Terraform, by python-terraform."""

from reconciler.adapters.terraform.stacks import Backend, Limits, PythonTerraform

__all__ = ["Backend", "Limits", "PythonTerraform"]
