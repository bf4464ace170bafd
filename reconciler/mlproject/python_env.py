"""python_env.yaml: a Python, and what pip installs into it.

https://mlflow.org/docs/latest/ml/projects/#environment
"""

import re
from collections.abc import Mapping

from yaml import Node, ScalarNode

from reconciler.mlproject.findings import Findings, line_of
from reconciler.mlproject.requirements import Line, sort_lines
from reconciler.mlproject.values import LONGEST_SHOWN, Files, PipLines, PythonEnvironment, shown
from reconciler.mlproject.yaml_file import is_empty, items, mapping_of, text

DEFAULT_PYTHON = "3.12"
"""When a project does not say: the same on every machine that builds."""
KEYS = ("python", "build_dependencies", "dependencies")
_RELEASE = re.compile(r"3\.\d{1,2}(\.\d{1,2})?")
_RANGE = re.compile(r"^\s*(python)?\s*[<>=!~]|[<>,*]|\.x$|^python", re.IGNORECASE)


def read_python_env(name: str, files: Files, findings: Findings) -> PythonEnvironment:
    """The environment that the file describes; what is wrong with it goes to `findings`."""
    content = mapping_of(name, files, findings)
    if content is None:
        return PythonEnvironment(file=name)
    for key in content.keys() - set(KEYS):
        findings.add(name, content[key], key, f"is not a known key; there are {', '.join(KEYS)}")
    written = {key: _lines(key, content, name, findings) for key in KEYS[1:]}
    # MLflow writes them to a file in the project's folder, whatever folder the environment's file is in.
    sorted_lines: dict[str, PipLines] = {key: sort_lines(lines, "", files, findings) for key, lines in written.items()}
    return PythonEnvironment(
        python=_release(content.get("python"), name, findings),
        build_dependencies=tuple(line.text for line in written["build_dependencies"]),
        dependencies=tuple(line.text for line in written["dependencies"]),
        build=sorted_lines["build_dependencies"],
        lines=sorted_lines["dependencies"],
        file=name,
    )


def read_requirements(name: str, files: Files, findings: Findings) -> PythonEnvironment:
    """The environment of a model that has a requirements file alone."""
    lines = sort_lines([Line(f"-r {name}", name, 1)], "", files, findings)
    return PythonEnvironment(dependencies=(f"-r {name}",), lines=lines, file=name)


def _lines(key: str, content: Mapping[str, Node], name: str, findings: Findings) -> list[Line]:
    lines = []
    for node in items(content.get(key), name, key, findings):
        written = text(node)
        if written is None:
            findings.add(name, node, key, "is no requirement; write a name and a version: - pandas>=2")
        else:
            lines += [Line(one, name, line_of(node), key) for one in written.splitlines()]
    return lines


def _release(node: Node | None, name: str, findings: Findings) -> str:
    """`3.11` or `3.11.9`; empty when it is not said, or wrong."""
    if node is None or is_empty(node):
        return ""
    written = str(node.value) if isinstance(node, ScalarNode) else ""
    release = text(node)
    if release is not None and _RELEASE.fullmatch(release):
        return release
    findings.add(name, node, "python", _why(written, quoted=release is not None))
    return ""


def _why(written: str, *, quoted: bool) -> str:
    """Why something is not a release of Python that an image can be built with."""
    such = 'write one release in quotes: python: "3.12"'
    if not written:
        return f"is empty; {such}"
    if not quoted and len(written) <= LONGEST_SHOWN and re.fullmatch(r"\d+\.\d+", written):
        read = f"{float(written)}"
        loses = f"YAML reads {written} as the number {read}" + ("" if read != written else ", and MLflow takes none")
        return f'{loses}; write it in quotes: python: "{written}"'
    if _RANGE.search(written):
        return f"{shown(written)} is a range, and an image has one Python; {such}"
    return f"{shown(written)} is not a release of Python 3; {such}"
