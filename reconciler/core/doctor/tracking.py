"""What the MLflow server says."""

from reconciler.core.desired import Platform
from reconciler.core.doctor.finding import Finding, failed, ok
from reconciler.core.doctor.tools import numbers

SERVER, SIGN_IN = "MLflow", "MLflow sign-in"
LEAST = "3.0"
"""The first with logged models, which versions are registered from."""


def judge_server(uri: str, version: str) -> Finding:
    """The server that answered; it need not tell its version."""
    if version and numbers(version) < numbers(LEAST):
        return failed(SERVER, f"{version} at {uri}, and {LEAST} or later is needed", "update the server")
    return ok(SERVER, f"{version or 'it answers'} at {uri}")


def way_in(platform: Platform, *, sandbox: bool) -> str:
    """What to do when the server does not answer."""
    if sandbox:
        return "reconcile sandbox up"
    if platform.server is None:
        return "is it up, is mlflow.tracking_uri right? Is a VPN needed, or a proxy?"
    if platform.server.vpn_cidr:
        return "it is private: connect the VPN; for a profile: make vpn-client name=YOU. Is it made: make mlflow-server"
    return "it is private: run this inside its VPC, or give it `vpn: {}`. Is it made: make mlflow-server"
