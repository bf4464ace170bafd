"""Which resources a request touches: the ARNs that its policies are asked about."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from reconciler.sandbox.aws.iam.leaves import Parameters, arns, every, values
from reconciler.sandbox.aws.iam.placeholders import held, said
from reconciler.sandbox.aws.iam.reference import Action, Kind

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
RESOLVED = "ResolvedByTheSandbox"
"""Stands beside a request's own parameters, and holds ids and ARNs that were looked up for them."""
ANY = "*"
"""Where AWS itself names what is being made."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request went."""

    region: str
    account: str


@dataclass(frozen=True, slots=True)
class Touched:
    """A resource of a request; without a kind it stands for all that an action without resources may touch."""

    arn: str
    kind: Kind | None = None


MADE_BY_AWS = frozenset({"application-autoscaling", "acm", "ec2"})
"""Services whose resources have no name that a request could tell."""

IDS: Mapping[str, str] = {
    "cvpn-endpoint": "client-vpn-endpoint",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "acl": "network-acl",
    "ami": "image",
    "dopt": "dhcp-options",
    "nat": "natgateway",
    "snap": "snapshot",
    "vol": "volume",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
"""EC2's kinds, by how its ids begin."""

EC2_ID = re.compile(rf"({'|'.join(IDS)})-[0-9a-f]{{8,17}}")


def touched(action: Action, parameters: Parameters, place: Place) -> tuple[Touched, ...]:
    """Everything that a call touches: all of a kind where it names none, `*` where AWS knows no resource for it."""
    filled = {kind: tuple(_arns(action, kind, parameters, place)) for kind in action.kinds}
    there = {_group(kind) for kind, arns in filled.items() if arns}
    found = [Touched(arn, kind) for kind, arns in filled.items() for arn in arns]
    found += [
        Touched(_fill(kind.arn, {}, place), kind)
        for kind in action.kinds
        if kind.required and not filled[kind] and _group(kind) not in there
    ]
    if not found:
        found = [Touched(_fill(kind.arn, {}, place), kind) for kind in action.kinds[:1]] or [Touched(ANY)]
    return tuple({one.arn: one for one in found}.values())


def kind_of(action: Action, arn: str) -> Kind | None:
    """Which of an action's kinds a resource is."""
    return next((kind for kind in action.kinds if _pattern(kind.arn).fullmatch(arn)), None)


def filled(template: str, parameters: Parameters, place: Place) -> str:
    """An ARN with `{region}`, `{account}` and what a request says in it, and `*` for what it does not say."""
    scaled = next(iter(values(parameters, "ResourceId")), "")
    parts = scaled.split("/")
    known = {
        "region": place.region,
        "account": place.account,
        "ResourceId": scaled or ANY,
        "VpcId": next((text for text in every(parameters) if EC2_ID.fullmatch(text) and text.startswith("vpc-")), ANY),
        **({"EndpointName": parts[1]} if parts[0] == "endpoint" else {}),
        **({"ClusterName": parts[1], "ServiceName": parts[2]} if parts[0] == "service" else {}),
    }
    return re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], ANY), template)


def _group(kind: Kind) -> str:
    """Kinds that stand for one another, such as the three kinds of load balancers: `loadbalancer`."""
    local = kind.arn.split(":", 5)[-1]
    kept = re.match(r"[a-z-]+(?=[/:])", local)
    group = kept[0] if kept else local
    return ONE_OF.get(group, group)


ONE_OF: Mapping[str, str] = {"healthcheck": "hostedzone"}
"""Route 53 tags one or the other."""


def _arns(action: Action, kind: Kind, parameters: Parameters, place: Place) -> Iterator[str]:
    """By ARN, by id and by name, whatever of it a request says: an ARN in one member hides no name in another."""
    whole, service = _pattern(kind.arn), action.name.partition(":")[0]
    yield from filter(whole.fullmatch, arns(parameters))
    if service == "ec2":
        yield from _by_id(kind, parameters, place)
    elif service not in MADE_BY_AWS and not any(map(whole.fullmatch, parameters.get(RESOLVED, ()))):
        yield from _by_name(kind, parameters, place)


def _by_id(kind: Kind, parameters: Parameters, place: Place) -> Iterator[str]:
    for text in every(parameters):
        found = EC2_ID.fullmatch(text)
        if found and IDS[found[1]] == kind.name:
            yield f"arn:aws:ec2:{place.region}:{place.account}:{kind.name}/{text}"


def _by_name(kind: Kind, parameters: Parameters, place: Place) -> Iterator[str]:
    """One ARN for each value of the last placeholder that has any; the others take their first."""
    whole = _pattern(kind.arn)
    told = {name: held(name, parameters, whole) for name in _own_placeholders(kind.arn)}
    named = [name for name, found in told.items() if found]
    if not said(kind.name, parameters) or not named or not told.keys() - named <= CHOSEN_BY_AWS:
        return
    firsts = {name: told[name][0] for name in named}
    for name in told[named[-1]]:
        yield _fill(kind.arn, {**firsts, named[-1]: name}, place)


CHOSEN_BY_AWS = frozenset({"ListenerId", "LoadBalancerId", "TargetGroupId", "TaskDefinitionRevisionNumber"})
"""Parts of an ARN that no request says when something is made."""


def _own_placeholders(template: str) -> list[str]:
    local = template.split(":", 5)[-1]
    return PLACEHOLDER.findall(local)


def _fill(template: str, names: Mapping[str, str], place: Place) -> str:
    known = {"Partition": "aws", "Region": place.region, "Account": place.account, **names}
    return PLACEHOLDER.sub(lambda found: known.get(found[1], ANY), template)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """ARNs of a kind; those of log groups may end in `:*`."""
    pieces = re.split(r"(\$\{\w+\})", template)
    names = len(PLACEHOLDER.findall(template.split(":", 5)[-1]))
    local = "[^:]+" if names == 1 else "[^:/]+"
    return re.compile("".join(_piece(one, local) for one in pieces) + r"(:\*)?")


def _piece(piece: str, local: str) -> str:
    if not piece.startswith("${"):
        return re.escape(piece)
    return "[^:]*" if piece in {"${Partition}", "${Region}", "${Account}"} else local
