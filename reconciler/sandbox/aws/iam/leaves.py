"""What a request holds: values by the name of their parameter, however deep and however spelled."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Parameters = Mapping[str, Any]
"""Members of a request, by the names that botocore gives them."""


def values(parameters: Parameters, path: str, *, empty: bool = False) -> tuple[str, ...]:
    """Every text at `computeEnvironmentOrder.computeEnvironment`, in any capitals, lists gone through.

    Those without a letter only where `empty` ones are wanted, too.
    """
    found: list[Any] = [parameters]
    for name in path.lower().split("."):
        found = [value for one in found for key, value in _members(one) if key.lower() == name]
    return tuple(text for one in found for text in _texts(one) if text or empty)


def every(parameters: object) -> Iterator[str]:
    """Every text of a request, tags and filters left out."""
    match parameters:
        case str():
            yield parameters
        case Mapping():
            for name, value in parameters.items():
                if name.lower() not in ASIDE:
                    yield from every(value)
        case list() | tuple():
            for value in parameters:
                yield from every(value)


def arns(parameters: object, member: str = "") -> Iterator[str]:
    """Every ARN in a member that names a resource: what lies in a body, an environment or a note names none."""
    match parameters:
        case str() if parameters.startswith("arn:") and (member.endswith(("arn", "arns")) or member in NAMING):
            yield parameters
        case Mapping():
            for name, value in parameters.items():
                yield from arns(value, name.lower())
        case list() | tuple():
            for value in parameters:
                yield from arns(value, member)


NAMING = frozenset(
    {
        *("resource", "resources", "resourceid", "resourceids", "resourcename", "resourcearnlist", "source"),
        *("jobqueue", "jobdefinition", "computeenvironment", "cluster", "clusters", "service", "services", "tasks"),
        *("taskdefinition", "secretid", "secretidlist", "name", "names", "keyid", "loggroupidentifier", "servicerole"),
        *("rolename", "instancerole", "resolvedbythesandbox"),
    }
)
"""Members that take a name or an ARN, beside those that are called so."""

ASIDE = frozenset({"tags", "tagspecifications", "filters", "filter", "description", "policydocument", "input"})
"""What says nothing of the resources that a request touches."""


def _members(value: object) -> Iterator[tuple[str, Any]]:
    match value:
        case Mapping():
            yield from value.items()
        case list() | tuple():
            for one in value:
                yield from _members(one)


def _texts(value: object) -> Iterator[str]:
    match value:
        case str() | int():
            yield str(value)
        case list() | tuple():
            for one in value:
                yield from _texts(one)


def tags(parameters: Parameters, resource_type: str) -> Mapping[str, str]:
    """Tags that a request gives; EC2's are for one type of resource each."""
    named = {name.lower(): value for name, value in parameters.items()}
    specified: Sequence[Mapping[str, Any]] = named.get("tagspecifications", ())
    given = [one.get("Tags", ()) for one in specified if one.get("ResourceType") == resource_type]
    given += [named[name] for name in ("tags", "taglist", "resourcetags", "addtags") if named.get(name)]
    return {key: value for one in given for key, value in _pairs(one)}


def _pairs(written: Any) -> Iterator[tuple[str, str]]:  # a map, or a list of pairs
    if isinstance(written, Mapping):
        yield from ((str(key), str(value)) for key, value in written.items())
        return
    for one in written:
        pair = {name.lower(): value for name, value in one.items()}
        yield str(pair.get("key", pair.get("tagkey"))), str(pair.get("value", pair.get("tagvalue", "")))
