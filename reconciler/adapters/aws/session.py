"""The one door to AWS: clients with explicit time limits and retries."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from reconciler.adapters.aws.faults import failed
from reconciler.adapters.aws.retries import Retries, note_the_service, spare_the_parser
from reconciler.adapters.patience import Patience
from reconciler.errors import SettingsMissing

__all__ = ["Aws", "failed"]

CONNECT_SECONDS = 5
READ_SECONDS = 30
BRIEF_SECONDS = 7
"""For a heartbeat, which comes again before a longer answer would be of use."""
INFERENCE_SECONDS = 70
"""SageMaker gives a model 60 s to answer."""
CONNECTIONS = 16
"""Of one client: more than the threads that share it."""

_OURS = {"mode": "standard", "total_max_attempts": 1}
"""botocore itself never tries again: `Retries` does."""


class Aws:
    """Clients of one region, account and endpoint; safe to share between threads.

    Without `credentials` (access key id, secret access key, perhaps a session's token) boto3's own chain finds them,
    starting at `profile`.
    `brief`: seconds that a brief client waits. Raises SettingsMissing when there is no such profile.
    """

    def __init__(
        self,
        region: str,
        endpoint_url: str | None = None,
        credentials: Sequence[str] = (),
        profile: str | None = None,
        *,
        patience: Patience | None = None,
        brief: int = BRIEF_SECONDS,
    ) -> None:
        self._brief = brief
        self._patience = patience or Patience()
        self._endpoint_url = endpoint_url
        self._session = _session(region, credentials, profile)
        self._clients: dict[tuple[str, bool, bool], Any] = {}
        # boto3 sessions are not thread-safe while they create clients; the clients are.
        self._lock = Lock()

    def client(self, service: str, *, once: bool = False, brief: bool = False) -> Any:
        """The client of a service; with `once`, for what is not idempotent, only what AWS refused is repeated.

        A `brief` one repeats nothing and waits for an answer for seconds: it works on when somebody asked to stop.
        """
        with self._lock:
            key = (service, once, brief)
            if key not in self._clients:
                self._clients[key] = self._create(service, once=once, brief=brief)
            return self._clients[key]

    def _create(self, service: str, *, once: bool, brief: bool) -> Any:
        try:
            config = _config(self._brief if brief else _read_seconds(service))
            client = self._session.client(service, endpoint_url=self._endpoint_url, config=config)
        except (BotoCoreError, ValueError) as fault:
            remedy = "check region in the manifest, and AWS_ENDPOINT_URL"
            raise SettingsMissing(f"no client for AWS {service}: {fault}", remedy) from fault
        client.meta.events.register("after-call", note_the_service, unique_id="reconciler-service")
        if brief:
            return client
        retries = Retries(self._patience, careful=once or service == "sagemaker-runtime")
        client.meta.events.register("needs-retry", retries, unique_id="reconciler-retries")
        client.meta.events.register("before-parse", spare_the_parser, unique_id="reconciler-parser")
        return client


def _session(region: str, credentials: Sequence[str], profile: str | None) -> Any:
    key, secret, token = (*credentials, None, None, None)[:3]
    try:
        return boto3.Session(key, secret, token, region_name=region, profile_name=profile)
    except BotoCoreError as fault:
        raise SettingsMissing(str(fault), "correct AWS_PROFILE, or run `aws configure sso`") from fault


def _read_seconds(service: str) -> int:
    return INFERENCE_SECONDS if service == "sagemaker-runtime" else READ_SECONDS


def _config(read_seconds: int) -> Config:
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        retries=_OURS,
        max_pool_connections=CONNECTIONS,
        user_agent_extra="lean-mlops-control-centre",
    )
