"""SageMaker endpoints: which there are, what they really serve, and what the model answers."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from reconciler.adapters.aws.alarms import alarms_of, read_alarms
from reconciler.adapters.aws.answers import Meaning, means
from reconciler.adapters.aws.described import ENDPOINTS, described, listed
from reconciler.adapters.aws.endpointlogs import tail
from reconciler.adapters.aws.faults import AWS_FAULTS, changing, reading
from reconciler.adapters.aws.requests import ask
from reconciler.adapters.aws.serving import serving_of
from reconciler.adapters.aws.session import Aws
from reconciler.core.alarms import Alarm
from reconciler.core.names import log_group
from reconciler.core.observed import PASSING, LiveEndpoint, Serving
from reconciler.errors import Interrupted, PredictionFailed, TimedOut
from reconciler.ports import Cancel, Say

READERS = 8
LAGGING_POLLS = 12
"""Looks until DescribeEndpoint shows an update for certain: a minute, at the pace at which AWS is asked."""
OVERDUE = 2 * 3600.0
"""Seconds in one passing status from which on something is wrong: no change of ours takes longer."""


class SageMakerEndpoints:
    """Endpoints of one region; `poll` is in seconds."""

    def __init__(self, aws: Aws, cancel: Cancel, poll: float = 2.0, *, clock: Callable[[], float] = time.time) -> None:
        self._aws = aws
        self._cancel = cancel
        self._poll = poll
        self._clock = clock

    def find(self, prefix: str) -> Mapping[str, LiveEndpoint]:
        """Every endpoint whose name starts with `prefix`, by name. Raises ReadFailed."""
        names = self._names(prefix)
        if not names:
            return {}
        with ThreadPoolExecutor(min(READERS, len(names)), thread_name_prefix="endpoint") as pool:
            described = pool.map(self._describe, names)
            return {endpoint.name: endpoint for endpoint in described if endpoint}

    def settle(self, name: str, limit: float, say: Say, before: LiveEndpoint | None = None) -> LiveEndpoint | None:
        """Wait until the endpoint is in none of SageMaker's passing states; None when there is none.

        `before` is what it was: reads lag behind, and one that says the same is made again for a while.
        Raises ReadFailed, Interrupted, and TimedOut when that takes longer than `limit` seconds.
        """
        began, said = self._clock(), ""
        while (endpoint := self._describe(name)) and (endpoint.passing or self._may_lag(endpoint, before, began)):
            if endpoint.passing and endpoint.status != said:
                said = endpoint.status
                say(f"endpoint {name} is {said}")
            if self._clock() > began + limit:
                raise _too_slow(endpoint, limit)
            if self._cancel.wait(self._poll):
                what = f"stopped waiting for endpoint {name}, which is {endpoint.status}"
                raise Interrupted(what, "run again to go on waiting")
        if endpoint and said:
            say(f"endpoint {name} is {endpoint.status}")
        return endpoint

    def alarms(self, names: Sequence[str]) -> tuple[Alarm, ...]:
        """CloudWatch's alarms of these names as they stand; those that do not exist are left out. Raises ReadFailed."""
        return read_alarms(self._aws.client("cloudwatch"), names)

    def log_tail(self, name: str, since: datetime) -> str:
        """The last lines of what the containers wrote that an endpoint started since then. Raises ReadFailed."""
        return tail(self._aws.client("logs"), log_group(name), since)

    def describe(self, configuration: str) -> Serving:
        """How an endpoint configuration serves. Raises ReadFailed."""
        with reading(f"endpoint configuration {configuration}"):
            return serving_of(self._sagemaker.describe_endpoint_config(EndpointConfigName=configuration))

    def tag(self, name: str, tags: Mapping[str, str]) -> None:
        """Add tags to an endpoint. Raises AwsFailed."""
        with changing(f"tag endpoint {name}"):
            arn = self._sagemaker.describe_endpoint(EndpointName=name)["EndpointArn"]
            self._sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": tags[key]} for key in sorted(tags)])

    def guard(self, name: str, configuration: str, guardrails: Mapping[str, Any]) -> None:
        """Start an update of the endpoint to `configuration` with `guardrails`, SageMaker's DeploymentConfig.

        Raises AwsFailed.
        """
        with changing(f"restore the guardrails of endpoint {name}"):
            self._sagemaker.update_endpoint(
                EndpointName=name, EndpointConfigName=configuration, DeploymentConfig=dict(guardrails)
            )

    def invoke(self, name: str, body: bytes, content_type: str) -> bytes:
        """Ask the model. Raises PredictionFailed when the model refuses, AwsFailed when SageMaker does."""
        runtime = self._aws.client("sagemaker-runtime")
        with changing(f"ask endpoint {name}"):
            try:
                answer = runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType=content_type)
                return bytes(answer["Body"].read())
            except AWS_FAULTS as fault:
                if not means(fault, Meaning.MODEL):
                    raise
                raise _prediction_failed(name, fault) from fault

    def invoke_async(self, name: str, bucket: str, body: bytes, content_type: str) -> bytes:
        """Ask the model through its queue, with the request and the answer in `bucket`, and wait for the answer.

        Raises PredictionFailed when the model refuses, AwsFailed, ReadFailed, TimedOut, Interrupted.
        """
        return ask(self._aws, name, bucket, (body, content_type), (self._cancel, self._poll))

    @property
    def _sagemaker(self) -> Any:
        return self._aws.client("sagemaker")

    def _names(self, prefix: str) -> list[str]:
        with reading("the SageMaker endpoints"):
            found = set(listed(self._sagemaker, ENDPOINTS, prefix))
        return sorted(name for name in found if name.startswith(prefix))

    def _describe(self, name: str) -> LiveEndpoint | None:
        with reading(f"endpoint {name}"):
            answer = described(self._sagemaker, ENDPOINTS, name)
        if answer is None:
            return None
        pending = answer.get("PendingDeploymentSummary", {})
        return LiveEndpoint(
            name=name,
            status=answer["EndpointStatus"],
            configuration=answer.get("EndpointConfigName", ""),
            failure=answer.get("FailureReason"),
            guarded=bool(answer.get("LastDeploymentConfig")),
            modified=answer["LastModifiedTime"].timestamp() if "LastModifiedTime" in answer else 0.0,
            coming=pending.get("EndpointConfigName", ""),
            overdue=self._is_overdue(answer),
            instances=next((one.get("DesiredInstanceCount") for one in answer.get("ProductionVariants", ())), None),
            alarms=alarms_of(answer),
            changing_since=pending["StartTime"].timestamp() if "StartTime" in pending else 0.0,
        )

    def _may_lag(self, endpoint: LiveEndpoint, before: LiveEndpoint | None, began: float) -> bool:
        unmoved = before is not None and endpoint.modified == before.modified
        return unmoved and self._clock() < began + LAGGING_POLLS * self._poll

    def _is_overdue(self, answer: Mapping[str, Any]) -> bool:
        modified = answer.get("LastModifiedTime")
        if modified is None or answer["EndpointStatus"] not in PASSING:
            return False
        return self._clock() - float(modified.timestamp()) > OVERDUE


def _too_slow(endpoint: LiveEndpoint, limit: float) -> TimedOut:
    what = f"endpoint {endpoint.name} has been {endpoint.status} for more than {limit / 60:.0f} minutes"
    remedy = (
        f"look at it in the SageMaker console and at the log group {log_group(endpoint.name)}; run again to wait on"
    )
    return TimedOut(what, remedy)


def _prediction_failed(name: str, fault: Any) -> PredictionFailed:
    status = fault.response.get("OriginalStatusCode", "an error")
    message = fault.response.get("OriginalMessage") or fault.response.get("Error", {}).get("Message", "")
    remedy = f"compare the request with the model's signature; the log group is {log_group(name)}"
    return PredictionFailed(f"the model behind endpoint {name} answered {status}: {str(message).strip()}", remedy)
