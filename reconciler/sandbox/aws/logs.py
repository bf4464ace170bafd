"""CloudWatch log streams that processes write into while they run."""

import time

from moto.core import DEFAULT_ACCOUNT_ID
from moto.logs.models import logs_backends

from reconciler.sandbox.aws.cloud import Cloud
from reconciler.sandbox.aws.runtime import Say


def open_stream(cloud: Cloud, region: str, group: str, stream: str) -> Say:
    """Make sure that the log group and the stream exist; returns what writes one line to it."""
    with cloud.change():
        backend = logs_backends[DEFAULT_ACCOUNT_ID][region]
        backend.ensure_log_group(group)
        backend.ensure_log_stream(group, stream)

    def say(line: str) -> None:
        event = {"timestamp": int(time.time() * 1000), "message": line or " "}
        with cloud.change():
            log_group = backend.groups.get(group)
            if log_group is not None and stream in log_group.streams:  # somebody may delete it meanwhile
                backend.put_log_events(group, stream, [event])

    return say
