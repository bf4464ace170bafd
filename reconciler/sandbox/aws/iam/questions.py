"""What policies are asked about one request."""

from collections.abc import Iterator
from urllib.parse import unquote

from reconciler.sandbox.aws.faults.calls import READS, Call
from reconciler.sandbox.aws.iam import existing, leaves, operations, reference
from reconciler.sandbox.aws.iam.context import SECURE, context
from reconciler.sandbox.aws.iam.dependent import dependent
from reconciler.sandbox.aws.iam.leaves import Parameters
from reconciler.sandbox.aws.iam.passing import passed
from reconciler.sandbox.aws.iam.patterns import Context
from reconciler.sandbox.aws.iam.policy import Question
from reconciler.sandbox.aws.iam.reference import Action
from reconciler.sandbox.aws.iam.resources import Place, Touched, filled, kind_of, touched
from reconciler.sandbox.aws.iam.tagging import ELSEWHERE, TAGGING, WITH_ACTION, tagging


def questions(call: Call, sent: Parameters, account: str) -> Iterator[Question]:
    """Everything that the caller of an operation has to be allowed, the operation itself first."""
    place = Place(call.region, account)
    service = operations.PREFIXES.get(call.service, call.service)
    parameters = existing.resolved(service, sent, place)
    told = {**SECURE, "aws:requestedregion": (call.region,)}
    yield from _source(call, parameters)
    yield from _tagged_elsewhere(call, parameters)
    if call.name == "s3:DeleteObjects":
        yield from _deletions(parameters)
        return
    versioned = bool(parameters.get("VersionId"))
    for name in operations.actions(call.service, call.operation, parameters, versioned=versioned):
        action = reference.action(name)
        if action is None:
            yield Question(name, "*")
            continue
        resources = touched(action, parameters, place)
        yield from (_question(action, one, parameters, told) for one in resources)
        yield from passed(action.name, parameters, account, reads=bool(READS.match(call.operation)))
        yield from _tags(action, resources, parameters)
        yield from _beside(action, parameters, place)


def _question(action: Action, resource: Touched, parameters: Parameters, more: Context) -> Question:
    tags = existing.tags_of(resource.arn)
    return Question(action.name, resource.arn, context(action, resource, parameters, tags, more))


def _tags(action: Action, resources: tuple[Touched, ...], parameters: Parameters) -> Iterator[Question]:
    """May what is made be tagged?"""
    needed = reference.action(tagging(action.name) or "")
    if needed is None:
        return
    service, _, short = action.name.partition(":")
    more = {**SECURE, **({WITH_ACTION[service]: (short,)} if service in WITH_ACTION else {})}
    kinds = {kind.name: kind for kind in needed.kinds}
    for one in resources:
        if one.kind and one.kind.name in kinds and leaves.tags(parameters, one.kind.name):
            yield _question(needed, Touched(one.arn, kinds[one.kind.name]), parameters, more)


def _beside(action: Action, parameters: Parameters, place: Place) -> Iterator[Question]:
    """May the caller do what the service asks for in its name?"""
    for one in dependent(action.name, parameters):
        needed = reference.action(one.action)
        arn = filled(one.on, parameters, place)
        if needed:
            more = {**SECURE, **{key: (value,) for key, value in one.context.items()}}
            yield _question(needed, Touched(arn, kind_of(needed, arn)), {}, more)


def _source(call: Call, parameters: Parameters) -> Iterator[Question]:
    """May what is copied be read? `bucket/key`, perhaps with a slash before it, a version behind it, and escapes."""
    if call.name not in operations.COPIES:
        return
    path, _, version = unquote(next(iter(leaves.values(parameters, "CopySource")), "")).partition("?versionId=")
    arn = path if path.startswith("arn:") else f"arn:aws:s3:::{path.lstrip('/')}"
    yield Question("s3:GetObjectVersion" if version else "s3:GetObject", arn, SECURE)


def _tagged_elsewhere(call: Call, parameters: Parameters) -> Iterator[Question]:
    """Who tags by way of the tagging service needs the same of the resource's own service."""
    if call.name != "resourcegroupstaggingapi:TagResources":
        return
    for arn in leaves.values(parameters, "ResourceARNList"):
        service = arn.split(":")[2] if arn.count(":") >= 5 else ""
        needed = ELSEWHERE.get(service) or TAGGING.get(service) or f"{service}:TagResource"
        action, tags = reference.action(needed), existing.tags_of(arn)
        if action is None:
            yield Question(needed, arn)
        else:
            touched_one = Touched(arn, kind_of(action, arn))
            yield Question(action.name, arn, context(action, touched_one, parameters, tags, SECURE))


def _deletions(parameters: Parameters) -> Iterator[Question]:
    """Each object of several by itself: with a version, or without."""
    for one in parameters.get("Delete", {}).get("Objects", ()):
        action = "s3:DeleteObjectVersion" if one.get("VersionId") else "s3:DeleteObject"
        yield Question(action, f"arn:aws:s3:::{parameters.get('Bucket')}/{one.get('Key')}", SECURE)
