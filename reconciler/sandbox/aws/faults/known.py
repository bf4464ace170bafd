"""Whether a fault names operations that AWS has: a misspelt one would never hit."""

from difflib import get_close_matches
from fnmatch import fnmatchcase

from reconciler.sandbox.aws.faults import routes
from reconciler.sandbox.faults.fault import CALLS, EVERYWHERE, Fault


def unknown(fault: Fault) -> str:
    """Why no call will ever match a fault; empty when one may."""
    service, _, operation = fault.on.partition(":")
    if fault.kind not in CALLS or "*" in service or "?" in service or fault.on == EVERYWHERE:
        return ""
    names = list(routes.model(service).get("operations", {}))
    if not names:
        return f"AWS has no service {service!r}; services are named as by boto3, such as sagemaker, batch, s3"
    if any(fnmatchcase(name.lower(), operation.lower()) for name in names):
        return ""
    near = get_close_matches(operation, names, n=1)
    return f"{service} has no operation {operation!r}" + (f"; did you mean {near[0]}?" if near else "")
