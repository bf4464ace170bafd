"""CloudWatch: an alarm that is changed keeps its state.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html: "When you update an existing
alarm, its state is left unchanged, but the update completely overwrites the previous configuration of the alarm."
"""

from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from reconciler.sandbox.aws.patches import Patches

STATE = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp")
_put = CloudWatchBackend.put_metric_alarm


def put_metric_alarm(self: Any, *, name: str, **settings: Any) -> Any:
    """Moto begins anew with OK."""
    before = self.alarms.get(name)
    alarm = _put(self, name=name, **settings)
    if before:
        for attribute in STATE:
            setattr(alarm, attribute, getattr(before, attribute))
    return alarm


def install(patches: Patches) -> None:
    """Put this in the place of moto's."""
    patches.operations(CloudWatchBackend, put_metric_alarm)
