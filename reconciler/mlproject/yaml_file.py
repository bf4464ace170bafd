"""A project's YAML as nodes, which know their lines and whether a value was written in quotes.

MLflow reads these files with PyYAML's safe loader, and so does this: what is a number to it is a number here.
"""

import re
from collections.abc import Mapping
from typing import Any

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from reconciler.mlproject.findings import Findings, line_of
from reconciler.mlproject.values import Files

MAX_BYTES = 1_000_000
"""A hundred times a long one."""
MAX_PARTS = 1000
"""Of one value that is shown or handed over."""
MAX_DEPTH = 20
"""PyYAML composes by recursion: deep enough, it takes the process with it."""
_BOMS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_MERGE = "tag:yaml.org,2002:merge"
_NO_NAMES = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "float", "null", "timestamp"))
Entries = Mapping[str, Node]


class _TooDeep(yaml.YAMLError):
    def __init__(self, line: int) -> None:
        super().__init__(f"it is nested more than {MAX_DEPTH} levels deep")
        self.line = line


_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def text_of(name: str, files: Files, findings: Findings, *, of_pip: bool = False) -> str | None:
    """A file's text; None after saying why there is none. Files of pip's may say their encoding.

    https://pip.pypa.io/en/stable/reference/requirements-file-format/#encoding
    """
    raw = files.read(name)
    if raw is None:
        findings.add(
            name, 1, "", "cannot be read: it is a link that leads nowhere or out of the folder, or far too large"
        )
        return None
    if len(raw) > MAX_BYTES:
        findings.add(name, 1, "", f"is larger than {MAX_BYTES} bytes")
        return None
    encoding = next((encoding for mark, encoding in _BOMS if raw.startswith(mark)), "")
    try:
        if of_pip:
            return _decoded(raw, encoding)
        return None if encoding else raw.decode("utf-8-sig")
    except LookupError as error:
        findings.add(name, 1, "", f"names an encoding that there is none of: {error}; save it as UTF-8")
        return None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        findings.add(name, line, "", f"is not UTF-8 text: byte {raw[error.start]:#04x}; save it as UTF-8")
        return None
    finally:
        if encoding and not of_pip:
            findings.add(name, 1, "", f"is {encoding}; save it as UTF-8 (PowerShell: Out-File -Encoding utf8)")


def _decoded(raw: bytes, encoding: str) -> str:
    named = next(filter(None, map(_CODING.match, raw.split(b"\n", 2)[:2])), None)
    return raw.decode(encoding or (named[1].decode() if named else "utf-8-sig"))


def mapping_of(name: str, files: Files, findings: Findings) -> Entries | None:
    """The entries of a YAML file that is a mapping; None after saying why it is none."""
    text = text_of(name, files, findings)
    if text is None:
        return None
    try:
        node = _compose(text)
    except yaml.YAMLError as error:
        findings.add(name, _line_of_error(error), "", f"is not valid YAML: {_reason(error)}")
        return None
    if not isinstance(node, MappingNode):
        findings.add(name, line_of(node) if node else 1, "", "holds no keys and values")
        return None
    return entries(node, name, "", findings)


def entries(node: Node, name: str, key: str, findings: Findings) -> Entries:
    """The entries of a mapping, by name; nothing, after saying so, when the node is none."""
    if is_empty(node):
        return {}
    if not isinstance(node, MappingNode):
        findings.add(name, node, key, "is no mapping of keys to values")
        return {}
    found: dict[str, Node] = {}
    for left, right in _flat(node):
        if not isinstance(left, ScalarNode):
            findings.add(name, left, key, "has a key that is no text")
        elif left.tag in _NO_NAMES:
            findings.add(name, left, _join(key, left.value), "is no text to YAML; write it in quotes")
        elif left.value in found:
            findings.add(name, left, _join(key, left.value), "is written twice")
        else:
            found[left.value] = right
    return found


def items(node: Node | None, name: str, key: str, findings: Findings) -> list[Node]:
    """The items of a list; nothing, after saying so, when the node is none."""
    if node is None or is_empty(node):
        return []
    if not isinstance(node, SequenceNode):
        findings.add(name, node, key, "is no list; write one entry a line, each after `- `")
        return []
    return list(node.value)


def plain(node: Node) -> Any:
    """What PyYAML's safe loader makes of a value; what is written, where it makes nothing of it."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError):
        # Wrong text behind `!!int`, `!!bool` or `!!timestamp`, and mappings whose keys are lists.
        return node.value
    finally:
        loader.dispose()


def text(node: Node) -> str | None:
    """The text that a node holds; None for what PyYAML takes for something else, such as a number."""
    return str(node.value) if isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:str" else None


def is_small(node: Node) -> bool:
    """Whether a value has few parts, those that its aliases repeat counted each time."""
    waiting, seen = [node], 0
    while waiting and seen <= MAX_PARTS:
        one = waiting.pop()
        seen += 1
        if isinstance(one, MappingNode):
            waiting += [part for pair in one.value for part in pair]
        elif isinstance(one, SequenceNode):
            waiting += one.value
    return not waiting


def _compose(text: str) -> Node | None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _TooDeep(event.start_mark.line + 1 if event.start_mark else 1)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _flat(node: MappingNode) -> list[tuple[Node, Node]]:
    """Its own entries, and those that it merges in; of one name its own count, then those of what is merged first."""
    found, seen, waiting = _own(node), {id(node)}, _merged(node)
    known = {key.value for key, _ in found if isinstance(key, ScalarNode)}
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        fresh = {key.value: (key, value) for key, value in _own(one) if isinstance(key, ScalarNode)}
        found += [pair for name, pair in fresh.items() if name not in known]
        known |= fresh.keys()
        waiting += _merged(one)
    return found


def _own(node: MappingNode) -> list[tuple[Node, Node]]:
    return [(key, value) for key, value in node.value if key.tag != _MERGE]


def _merged(node: MappingNode) -> list[MappingNode]:
    """What a mapping merges in, the first at the end."""
    named = [value for key, value in node.value if key.tag == _MERGE]
    listed = [one for value in named for one in (value.value if isinstance(value, SequenceNode) else [value])]
    return [one for one in reversed(listed) if isinstance(one, MappingNode)]


def is_empty(node: Node) -> bool:
    """Whether nothing is written."""
    return isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _line_of_error(error: yaml.YAMLError) -> int:
    if isinstance(error, _TooDeep):
        return error.line
    mark = error.problem_mark or error.context_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return mark.line + 1 if mark else 1


def _reason(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        return ", ".join(part for part in (error.context, error.problem) if part)
    return str(error).splitlines()[0]
