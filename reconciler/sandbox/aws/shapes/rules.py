"""What AWS refuses, and neither its models nor moto do: the form of some names, and tags that are AWS's own."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.sandbox.aws.faults.calls import Call
from reconciler.sandbox.aws.shapes.difference import Difference, Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """The form of one member of an operation."""

    member: str
    pattern: str

    def broken(self, members: Mapping[str, Any]) -> bool:
        """Whether the member is there, and otherwise."""
        value = members.get(self.member)
        return isinstance(value, str) and not re.fullmatch(self.pattern, value)


BATCH_NAME = "[0-9a-zA-Z][0-9a-zA-Z_-]{0,127}"
"""https://github.com/hashicorp/terraform-provider-aws/pull/2126, tried on AWS for all of them."""
BALANCER_NAME = "(?!internal-)(?!-)[a-zA-Z0-9-]{1,32}(?<!-)"
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html."""
GROUP_NAME = r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}"
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html."""
PARAMETER_NAME = r"[a-zA-Z0-9_.\-/]+"
"""https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html."""
SECRET_NAME = r"[a-zA-Z0-9/_+=.@!-]{1,512}"  # noqa: S105 - a pattern
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html."""

RULES: Mapping[str, Rule] = {
    "batch:CreateComputeEnvironment": Rule("computeEnvironmentName", BATCH_NAME),
    "batch:CreateJobQueue": Rule("jobQueueName", BATCH_NAME),
    "batch:RegisterJobDefinition": Rule("jobDefinitionName", BATCH_NAME),
    "batch:SubmitJob": Rule("jobName", BATCH_NAME),
    "elbv2:CreateLoadBalancer": Rule("Name", BALANCER_NAME),
    "ec2:CreateSecurityGroup": Rule("GroupName", GROUP_NAME),
    "ssm:PutParameter": Rule("Name", PARAMETER_NAME),
    "secretsmanager:CreateSecret": Rule("Name", SECRET_NAME),
}

RESERVED = re.compile("aws:", re.IGNORECASE)
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html: in any case of letters."""
TAGS = frozenset({"tags", "tagset"})
REFUSED_BY_MOTO = frozenset({"s3"})
"""Services whose own words for that moto has."""
KEYS = ("Key", "key", "TagKey", "tagKey")
TAGGING = re.compile("^(Create|Tag|Put|Register|Run|Allocate|Add|Submit|Request|Import|Change)")


def breaches(call: Call, members: Mapping[str, Any]) -> Iterator[Difference]:
    """All that a request breaks."""
    rule = RULES.get(call.name)
    if rule and rule.broken(members):
        yield Difference(Kind.PATTERN, (rule.member,), members[rule.member], rule.pattern)
    if TAGGING.match(call.operation) and call.service not in REFUSED_BY_MOTO:
        for key in _tag_keys(members):
            if RESERVED.match(key):
                yield Difference(Kind.PATTERN, ("tags", "key"), key, "(?!aws:).*")


def _tag_keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _keys(one) if str(name).lower() in TAGS else _tag_keys(one)
    elif isinstance(value, list):
        for one in value:
            yield from _tag_keys(one)


def _keys(tags: Any) -> Iterator[str]:
    if isinstance(tags, Mapping):
        yield from map(str, tags)
    elif isinstance(tags, list):
        for tag in tags:
            yield from (str(tag[name]) for name in KEYS if isinstance(tag, Mapping) and name in tag)
