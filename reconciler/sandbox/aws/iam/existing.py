"""What exists already, of which a request tells less than AWS knows: tags, and resources that AWS named itself."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from reconciler.sandbox.aws.iam.leaves import Parameters, every, values
from reconciler.sandbox.aws.iam.resources import RESOLVED, Place


def tags_of(arn: str) -> Mapping[str, str]:
    """Tags of a resource; none for one that is not there, that is only being made, or is not of this account."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or arn.endswith("/*") or parts[4] not in {"", DEFAULT_ACCOUNT_ID}:
        return {}
    service, region = parts[2], GLOBAL.get(parts[2], parts[3])
    regional = get_backend(MODULES.get(service, service))[DEFAULT_ACCOUNT_ID]
    return TAGS.get(service, _of_any)(regional[region], arn) if region in regional.regions else {}


def resolved(service: str, parameters: Parameters, place: Place) -> Parameters:
    """A request's parameters, with what stands for others in it looked up."""
    resolve = RESOLVERS.get(service)
    if resolve is None:
        return parameters
    found = resolve(_backend(service, place.account, place.region), parameters, place)
    return {**parameters, RESOLVED: found} if found else parameters


def _backend(service: str, account: str, region: str) -> Any:  # moto's own object
    return get_backend(MODULES.get(service, service))[account][region]


MODULES: Mapping[str, str] = {"application-autoscaling": "applicationautoscaling", "elasticloadbalancing": "elbv2"}


def _of_ec2(backend: Any, arn: str) -> Mapping[str, str]:
    held: Mapping[str, Mapping[str, str]] = backend.tags
    return held.get(arn.rpartition("/")[2], {})


def _of_batch(backend: Any, arn: str) -> Mapping[str, str]:
    found: Mapping[str, str] = backend.tagger.get_tag_dict_for_resource(arn)
    return found


def _of_scaling(backend: Any, arn: str) -> Mapping[str, str]:
    found: Mapping[str, str] = vars(backend).get("tags_of_targets", {}).get(arn, {})
    return found


def _of_acm(backend: Any, arn: str) -> Mapping[str, str]:
    certificate = backend._certificates.get(arn)
    return {key: value or "" for key, value in certificate.tags.items()} if certificate else {}


def _of_iam(backend: Any, arn: str) -> Mapping[str, str]:
    held = next((one for one in backend.roles.values() if one.arn == arn), None)
    return {tag["Key"]: tag["Value"] for tag in held.tags or ()} if held else {}


def _of_any(backend: Any, arn: str) -> Mapping[str, str]:
    """As the tagging service is told."""
    listed = backend.iter_tagged_resources() if hasattr(backend, "iter_tagged_resources") else ()
    return next((one.tags for one in listed if one.arn == arn), {})


GLOBAL: Mapping[str, str] = {"iam": "aws", "route53": "aws", "s3": "aws"}
"""Services that moto keeps once for all regions."""

TAGS: Mapping[str, Callable[[Any, str], Mapping[str, str]]] = {
    "acm": _of_acm,
    "application-autoscaling": _of_scaling,
    "batch": _of_batch,
    "ec2": _of_ec2,
    "iam": _of_iam,
}


def _in_ec2(backend: Any, parameters: Parameters, _place: Place) -> list[str]:
    """Associations belong to what they associate; a launch template and an address go by other names, too."""
    named = set(every(parameters))
    tables = [
        one
        for table in backend.route_tables.values()
        if named & table._associations.keys()
        for one in (table.id, *(subnet for key, subnet in table._associations.items() if key in named))
    ]
    addresses = [one.allocation_id for one in backend.addresses if named & {one.association_id, one.public_ip}]
    templates = [one.id for one in backend.launch_templates.values() if one.name in named]
    return [*tables, *addresses, *templates]


def _in_balancing(_backend: Any, parameters: Parameters, place: Place) -> list[str]:
    """The network of a load balancer's groups."""
    groups = get_backend("ec2")[place.account][place.region]
    found = [groups.get_security_group_from_id(one) for one in values(parameters, "SecurityGroups")]
    return sorted({str(group.vpc_id) for group in found if group})


def _in_scaling(backend: Any, parameters: Parameters, _place: Place) -> list[str]:
    named = values(parameters, "ResourceId")
    return [
        str(target.arn)
        for targets in backend.targets.values()
        for target in targets.values()
        if target.resource_id in named
    ]


def _in_secrets(backend: Any, parameters: Parameters, _place: Place) -> list[str]:
    named = (*values(parameters, "SecretId"), *values(parameters, "SecretIdList"))
    return [str(secret.arn) for secret in backend.secrets.values() if secret.name in named]


RESOLVERS: Mapping[str, Callable[[Any, Parameters, Place], list[str]]] = {
    "application-autoscaling": _in_scaling,
    "elasticloadbalancing": _in_balancing,
    "ec2": _in_ec2,
    "secretsmanager": _in_secrets,
}
