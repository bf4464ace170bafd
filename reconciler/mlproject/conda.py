"""Conda environment files, as far as they say what is installed.

https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html
"""

import re

from yaml import MappingNode, Node

from reconciler.mlproject.findings import Findings, line_of
from reconciler.mlproject.packages import elsewhere
from reconciler.mlproject.requirements import Line, sort_lines
from reconciler.mlproject.values import CondaEnvironment, CondaPackage, Files, PipLines, shown
from reconciler.mlproject.yaml_file import entries, items, mapping_of, text

_SPEC = re.compile(r"^(?:[^\s\[\]=<>!~|,]+::)?(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)\s*(?P<rest>.*)$")
_BRACKETS = re.compile(r"^(?P<before>[^\[]*)\[(?P<within>[^\[\]]*)\]$")
_PAIR = re.compile(
    r"\s*(?P<key>[a-z_0-9]+)\s*=\s*(?:'(?P<one>[^']*)'|\"(?P<two>[^\"]*)\"|(?P<bare>[^,'\"\s]+))\s*(?:,|$)"
)
_KEYS = frozenset(
    {"version", "build", "build_number", "channel", "subdir", "fn", "url", "md5", "sha256", "license"}
    | {"license_family", "features", "track_features"}
)
_VERSION = re.compile(r"^[A-Za-z0-9.*+!_<>=~,|()-]+$")
_BUILD = re.compile(r"^[A-Za-z0-9._*+^$-]+$")
_OF_PYTHON = re.compile(r"py(_|h|\d)")


def read_conda(name: str, files: Files, findings: Findings) -> CondaEnvironment:
    """The environment that a file of conda's describes; what is wrong with it goes to `findings`."""
    content = mapping_of(name, files, findings)
    if content is None:
        return CondaEnvironment(name)
    packages: list[CondaPackage] = []
    pip = PipLines()
    for node in items(content.get("dependencies"), name, "dependencies", findings):
        if isinstance(node, MappingNode):
            pip += _pip(node, name, files, findings)
        elif package := _package(node, name, findings):
            packages.append(package)
    return CondaEnvironment(name, tuple(packages), pip)


def is_python(package: CondaPackage) -> bool | None:
    """Whether a package is one of Python's, by its build, such as `py311h5f0c1de_0` or `pyhd8ed1ab_0`.

    None: nobody wrote a build.
    """
    return bool(_OF_PYTHON.search(package.build)) if package.build else None


def _pip(node: Node, name: str, files: Files, findings: Findings) -> PipLines:
    section = entries(node, name, "dependencies", findings)
    for other in section.keys() - {"pip"}:
        findings.add(name, node, f"dependencies.{other}", "is not pip, which alone may have a list of its own here")
    lines = []
    for line in items(section.get("pip"), name, "dependencies.pip", findings):
        written = text(line)
        if written is None:
            findings.add(name, line, "dependencies.pip", "is no requirement; write a name and a version: pandas>=2")
        else:
            lines += [Line(one, name, line_of(line), "dependencies.pip") for one in written.splitlines()]
    base = name.rpartition("/")[0]
    return sort_lines(lines, base, files, findings)


def _package(node: Node, name: str, findings: Findings) -> CondaPackage | None:
    written = text(node)
    package = parse(written) if written is not None else None
    if package is None:
        said = written if written is not None else getattr(node, "value", "")
        told = shown(said) if isinstance(said, str) else "this"
        what = f"{told} is nothing that conda understands; write name, name=1.2, name>=1.2,<2 or channel::name=1.2"
        findings.add(name, node, "dependencies", what + _extras(written or ""))
        return None
    if system := elsewhere(package.name):
        what = f"{package.name} is for {system}, and jobs run on Linux; take it out"
        findings.add(name, node, "dependencies", f"{what} (conda env export --from-history names what you asked for)")
        return None
    return package


def parse(written: str) -> CondaPackage | None:
    """One of conda's package specifications; None for what is none."""
    spec, given = _within(written.partition("#")[0].strip())
    found = _SPEC.match(spec) if given is not None else None
    if found is None or given is None:
        return None
    version, build = _parts(found["rest"].strip())
    version, build = given.get("version", version), given.get("build", build)
    version = re.sub(r"\s+", "", version)
    if (version and not _VERSION.match(version)) or (build and not _BUILD.match(build)):
        return None
    return CondaPackage(found["name"].lower(), "" if version == "*" else version, build, written)


def without_build(written: str) -> str:
    """A package specification that names a version, and no build of it any more."""
    package = parse(written)
    if package is None or not package.build or "*" in package.build or "[" in written:
        return written
    head = written.partition("#")[0].strip()
    return head.removesuffix(package.build).rstrip("= ")


def _within(spec: str) -> tuple[str, dict[str, str] | None]:
    """A specification without its brackets, and what they hold; None for what conda does not know."""
    if "[" not in spec:
        return spec, {}
    found = _BRACKETS.match(spec)
    pairs = list(_PAIR.finditer(found["within"])) if found else []
    whole = found is not None and "".join(pair[0] for pair in pairs) == found["within"]
    given = {pair["key"]: pair["one"] or pair["two"] or pair["bare"] or "" for pair in pairs}
    known = whole and found is not None and given.keys() <= _KEYS
    return (found["before"].strip() if found else spec), (given if known else None)


def _parts(rest: str) -> tuple[str, str]:
    """Version and build of what stands behind the name.

    `=1.2` is a prefix to conda, so it is told as `1.2.*`; `=1.2=build` and `==1.2` are exact.
    """
    if rest.startswith("=="):
        version, _, build = rest[2:].strip().partition("=")
        return f"=={version}", build
    if rest.startswith("="):
        version, _, build = rest[1:].strip().partition("=")
        exact = build or "*" in version or "|" in version or not version
        return (version if exact else f"{version}.*"), ("" if build == "*" else build)
    joined = re.sub(r"\s*([,|])\s*", r"\1", re.sub(r"([<>=!~])\s+", r"\1", rest))
    version, _, build = joined.partition(" ")
    return version, build.strip()


def _extras(written: str) -> str:
    return "; conda knows no extras: name it in the pip section" if "[" in written and "=" not in written else ""
