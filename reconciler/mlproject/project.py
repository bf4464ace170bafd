"""MLproject: the commands of a project, and the environment that they run in.

https://mlflow.org/docs/latest/ml/projects/
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from string import Formatter

from yaml import Node, ScalarNode

from reconciler.mlproject.conda import read_conda
from reconciler.mlproject.findings import Findings, line_of
from reconciler.mlproject.python_env import read_python_env, read_requirements
from reconciler.mlproject.values import (
    CondaEnvironment,
    EntryPoint,
    Environment,
    Files,
    MLProject,
    Parameter,
    PythonEnvironment,
    holds,
    leads_out,
)
from reconciler.mlproject.yaml_file import MAX_PARTS, Entries, entries, is_empty, is_small, mapping_of, plain, text

MAIN = "main"
NOTHING_BELOW = "has nothing below it, which MLflow does not take; take the line out"
PYTHON_ENV, CONDA_ENV, REQUIREMENTS = "python_env", "conda_env", "requirements.txt"
FILES = {PYTHON_ENV: "python_env.yaml", CONDA_ENV: "conda.yaml"}
"""Where MLflow looks for an environment that MLproject does not name."""
_UNSUPPORTED = {
    "docker_env": "no container is started in a container",
    "databricks_spark_job": "it runs at Databricks alone",
}
_SCRIPTS = {".py": "python", ".sh": "bash"}
_BROUGHT_BY = {
    **{name: frozenset({name}) for name in ("uv", "poetry", "pipenv", "hatch", "pdm")},
    "Rscript": frozenset({"r-base", "r-essentials"}),
    "conda": frozenset({"conda"}),
}
"""Programs that a command may begin with, and packages that bring them."""
_PROGRAM = re.compile(
    rf"(?:^|[;&|(])[ \t]*(?:[A-Za-z_]\w*=[^ \t\n]*[ \t]+)*({'|'.join(_BROUGHT_BY)})[ \t]", re.MULTILINE
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def read_project(files: Files, entry_point: str = MAIN, given: Collection[str] = ()) -> MLProject:
    """The MLflow project in a folder, of which an entry point is run with the parameters that are `given`.

    Raises ProjectInvalid with everything that keeps it from running.
    """
    findings = Findings()
    project = _read(files, findings)
    if project:
        _check_run(project, files, entry_point, frozenset(given), findings)
    findings.check()
    return project or MLProject("", "", {})


def read_files(files: Files) -> MLProject:
    """The MLflow project in a folder, whatever of it is to be run. Raises ProjectInvalid."""
    findings = Findings()
    project = _read(files, findings)
    findings.check()
    return project or MLProject("", "", {})


def read_model(files: Files) -> Environment:
    """The environment that a logged model asks for, found where MLflow looks for it. Raises ProjectInvalid."""
    findings, names = Findings(), frozenset(files.names)
    found: Environment = PythonEnvironment()
    if FILES[PYTHON_ENV] in names:
        found = read_python_env(FILES[PYTHON_ENV], files, findings)
    elif FILES[CONDA_ENV] in names:
        found = read_conda(FILES[CONDA_ENV], files, findings)
    elif REQUIREMENTS in names:
        found = read_requirements(REQUIREMENTS, files, findings)
    findings.check()
    return found


def read_logged(files: Files) -> tuple[CondaEnvironment | None, PythonEnvironment | None]:
    """Both environments of a logged model, as far as it has them: conda's and pip's. Raises ProjectInvalid."""
    findings, names = Findings(), frozenset(files.names)
    conda = read_conda(FILES[CONDA_ENV], files, findings) if FILES[CONDA_ENV] in names else None
    pip = read_python_env(FILES[PYTHON_ENV], files, findings) if FILES[PYTHON_ENV] in names else None
    findings.check()
    return conda, pip


def names_of(requirements: Iterable[str]) -> frozenset[str]:
    """Names of packages that lines of requirements begin with, in lower case."""
    found = (re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line) for line in requirements)
    return frozenset(one[0].lower().replace("_", "-") for one in found if one)


def project_files(names: Iterable[str]) -> list[str]:
    """What MLflow takes for the project's file: MLproject, in any mixture of capitals."""
    return [name for name in names if name.lower() == "mlproject"]


def _read(files: Files, findings: Findings) -> MLProject | None:
    found = project_files(files.names)
    if len(found) != 1:
        several = f"stands beside {', '.join(found[1:])}; keep one of them" if found else "is not there; add one"
        findings.add(found[0] if found else "MLproject", 1, "", several)
        return None
    name = found[0]
    content = mapping_of(name, files, findings)
    if content is None:
        return None
    environment = _environment(content, name, files, findings)
    return MLProject(
        file=name,
        name=str(content["name"].value) if isinstance(content.get("name"), ScalarNode) else "",
        entry_points=_entry_points(content, name, findings),
        environment=environment,
        notes=tuple(_notes(environment, files)),
    )


def _notes(environment: Environment, files: Files) -> Iterator[str]:
    if isinstance(environment, CondaEnvironment) or environment.file:
        return
    if REQUIREMENTS in files.names:
        remedy = f"write a {FILES[PYTHON_ENV]} with dependencies: [-r {REQUIREMENTS}]"
        yield f"MLflow does not read {REQUIREMENTS} by itself, so what it names is not installed; {remedy}"


def _entry_points(content: Entries, name: str, findings: Findings) -> Mapping[str, EntryPoint]:
    if "entry_points" not in content:
        return {}
    if is_empty(content["entry_points"]):
        findings.add(name, content["entry_points"], "entry_points", NOTHING_BELOW)
    written = entries(content["entry_points"], name, "entry_points", findings)
    found = {key: _entry_point(key, node, name, findings) for key, node in written.items()}
    return {key: one for key, one in found.items() if one}


def _entry_point(key: str, node: Node, name: str, findings: Findings) -> EntryPoint | None:
    where = f"entry_points.{key}"
    written = entries(node, name, where, findings)
    command = text(written["command"]) if "command" in written else None
    if "parameters" in written and is_empty(written["parameters"]):
        findings.add(name, written["parameters"], f"{where}.parameters", NOTHING_BELOW)
    if not command or not command.strip():
        findings.add(
            name, written.get("command", node), f"{where}.command", "is missing; write the command that is run"
        )
        return None
    parameters = (
        entries(written["parameters"], name, f"{where}.parameters", findings) if "parameters" in written else {}
    )
    read = {
        each: _parameter(each, one, f"{where}.parameters.{each}", name, findings) for each, one in parameters.items()
    }
    return EntryPoint(key, command, read, line_of(written["command"]))


def _parameter(key: str, node: Node, where: str, name: str, findings: Findings) -> Parameter:
    line = line_of(node)
    if isinstance(node, ScalarNode):
        if text(node) is None:
            findings.add(name, node, where, "is no type; write string, float, path or uri, or below it default: 0.5")
        return Parameter(key, str(node.value) or "string", None, line)
    written = entries(node, name, where, findings)
    kind, default = written.get("type"), written.get("default")
    if default is not None and not is_small(default):
        findings.add(name, default, f"{where}.default", f"has more than {MAX_PARTS} parts; write one value")
        default = None
    value = plain(default) if default is not None else None
    return Parameter(
        key, str(kind.value) if isinstance(kind, ScalarNode) else "string", None if value is None else str(value), line
    )


def _environment(content: Entries, name: str, files: Files, findings: Findings) -> Environment:
    for key in content.keys() & _UNSUPPORTED.keys():
        findings.add(
            name, content[key], key, f"cannot run on AWS Batch: {_UNSUPPORTED[key]}; use python_env or conda_env"
        )
    named = [key for key in (PYTHON_ENV, CONDA_ENV) if key in content and plain(content[key]) not in (None, "")]
    if len(named) > 1:
        findings.add(name, content[CONDA_ENV], CONDA_ENV, "stands beside python_env; keep one of them")
        return PythonEnvironment()
    known = frozenset(files.names)
    if named and (file := _named(named[0], content[named[0]], files, name, findings)):
        return _read_environment(named[0], file, files, findings)
    if named or content.keys() & _UNSUPPORTED.keys():
        return PythonEnvironment()
    by_default = next((key for key, file in FILES.items() if file in known), None)
    return _read_environment(by_default, FILES[by_default], files, findings) if by_default else PythonEnvironment()


def _read_environment(kind: str, file: str, files: Files, findings: Findings) -> Environment:
    return (read_python_env if kind == PYTHON_ENV else read_conda)(file, files, findings)


def _named(key: str, node: Node, files: Files, name: str, findings: Findings) -> str:
    """The file that an entry of MLproject names; empty after saying what is wrong with it."""
    written = text(node)
    if written is None or not written.isprintable():
        findings.add(name, node, key, "is no name of a file in the project's folder")
        return ""
    file = posixpath.normpath(written)
    if leads_out(file):
        findings.add(name, node, key, f"{written} leads out of the project's folder, of which alone an image is made")
        return ""
    if not holds(files, file):
        findings.add(name, node, key, f"names {written}, which is not in the commit; add the file and commit it")
        return ""
    return file


def _check_run(project: MLProject, files: Files, entry_point: str, given: frozenset[str], findings: Findings) -> None:
    """Whether MLflow could run the entry point."""
    chosen = project.entry_points.get(entry_point)
    if chosen is None:
        misread = any(fault.key.startswith("entry_points") for fault in findings.faults)
        if not misread and not _is_script(entry_point, files):
            findings.add(project.file, 1, "entry_points", _no_such(entry_point, project))
        return
    where = f"entry_points.{chosen.name}"
    for parameter in chosen.parameters.values():
        if parameter.default is None and parameter.name not in given:
            what = (
                "has no default, and nobody gives it; write default: below it, or training.parameters in the manifest"
            )
            findings.add(project.file, parameter.line, f"{where}.parameters.{parameter.name}", what)
    for fault in _placeholders(chosen):
        findings.add(project.file, chosen.line, f"{where}.command", fault)
    command = _QUOTED.sub("''", chosen.command)
    for program in _PROGRAM.findall(command) if "pip install" not in command else ():
        if not _installs_itself(project.environment) and not _BROUGHT_BY[program] & _packages(project.environment):
            what = f"there is no {program} in the image; name it among the requirements, or call python itself"
            findings.add(project.file, chosen.line, f"{where}.command", what)


def _is_script(entry_point: str, files: Files) -> bool:
    """Whether MLflow would run a file of that name, which no entry point has."""
    return posixpath.splitext(entry_point)[1] in _SCRIPTS and entry_point in files.names


def _no_such(entry_point: str, project: MLProject) -> str:
    there = ", ".join(project.entry_points)
    if not there:
        return f"has no {entry_point}; write below it: {entry_point}: {{command: python train.py}}"
    return f"has no {entry_point}; there are {there}: choose one in the manifest (training.entry_point)"


def _placeholders(entry: EntryPoint) -> Iterator[str]:
    """What Python's str.format, which MLflow fills the command in with, would not take."""
    try:
        found = [(name, form or "") for _, name, form, _ in Formatter().parse(entry.command) if name is not None]
    except ValueError as error:
        yield f"cannot be filled in: {error}; a brace that is meant is written twice: {{{{ }}}}"
        return
    for name, form in dict.fromkeys(found):
        if re.search(r"[.\[]", name) or not _is_form_of_text(form):
            asked = f"{name}:{form}" if form else name
            yield f"holds {{{asked}}}, and MLflow fills in text; write the name alone, and let the code do the rest"
        elif not name or name.isdigit():
            yield f"holds {{{name}}}; a brace that is meant is written twice: {{{{{name}}}}}"
        elif name not in entry.parameters:
            known = ", ".join(entry.parameters) or "none"
            yield f"holds {{{name}}}, which is no parameter; there are {known}; a brace that is meant is written twice"


def _is_form_of_text(form: str) -> bool:
    """Whether text takes a format: https://docs.python.org/3/library/string.html#format-specification-mini-language"""
    return re.fullmatch(r"(.?[<>^])?\d{0,3}(\.\d{1,3})?s?", form) is not None and "{" not in form


def _installs_itself(environment: Environment) -> bool:
    """Whether the project is a package of its own, whose requirements nobody reads here."""
    return any(re.match(r"\.|/|[a-z+]+://", line) for line in environment.lines.requirements)


def _packages(environment: Environment) -> frozenset[str]:
    """Names of what is asked for, as far as they are to be seen."""
    if isinstance(environment, PythonEnvironment):
        return names_of(environment.build.requirements + environment.lines.requirements)
    conda = {"r-base" if one.name.startswith("r-") else one.name for one in environment.packages}
    return names_of(environment.lines.requirements) | conda
