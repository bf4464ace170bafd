"""`resource-requirements.json`, and the same list among Terraform's variables."""

import pytest

from reconciler.core.desired import Resources
from reconciler.manifest.requirements import RequirementsInvalid, parse_requirements, parse_variables

PAIR = '{"type": "VCPU", "value": "2"}, {"type": "MEMORY", "value": "4096"}'


@pytest.mark.parametrize(
    ("text", "resources"),
    [
        (f"[{PAIR}]", Resources(2, 4096)),
        (f'[{PAIR}, {{"type": "GPU", "value": "1"}}]', Resources(2, 4096, 1)),
        ('[{"value": 0.25, "type": "VCPU"}, {"type": "MEMORY", "value": 512}]', Resources(0.25, 512)),
    ],
)
def test_a_list_of_requirements_gives_resources(text, resources):
    assert parse_requirements(text).resources == resources


def test_each_requirement_remembers_its_line():
    on_lines = PAIR.replace(", {", ",\n{")
    assert parse_requirements(f"[\n{on_lines}\n]").lines == {"vcpu": 2, "memory": 3}


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", [(1, "is not valid JSON")]),
        ('[\n{"type": "VCPU",}]', [(2, "is not valid JSON")]),
        ("[" * 100_000, [(1, "is nested too deeply")]),
        ("{}", [(1, "a mapping is not a list of requirements")]),
        ("[]", [(1, "has no VCPU"), (1, "has no MEMORY")]),
        ('[{"type": "VCPU", "value": "2"}]', [(1, "has no MEMORY")]),
        ("[1,\n2]", [(1, "1 is not a requirement"), (1, "2 is not a requirement")]),
        ('[{"type": "VCPU"},\n{"value": "1"}]', [(1, "a mapping is not a requirement"), (2, "a mapping is not a req")]),
        (f'[{PAIR},\n{{"type": "Memory", "value": "1"}}]', [(2, "'Memory' is not a type of requirement")]),
        (f'[{PAIR},\n{{"type": ["GPU"], "value": "1"}}]', [(2, "a list is not a type of requirement")]),
        (f'[{PAIR},\n{{"type": "VCPU", "value": "4"}}]', [(2, "VCPU is given twice")]),
        (f'[{PAIR},\n{{"type": "GPU", "value": "one"}}]', [(2, "'one' is not a value for GPU, which takes a whole")]),
        (f'[{PAIR},\n{{"type": "GPU", "value": true}}]', [(2, "true is not a value for GPU")]),
        (f'[{PAIR},\n{{"type": "GPU", "value": -1}}]', [(2, "-1 is not a value for GPU")]),
        (
            '[{"type": "VCPU", "value": "0"}]',
            [(1, "'0' is not a value for VCPU, which takes a number of at least 0.25")],
        ),
        (
            '[{"type": "MEMORY", "value": "4 GB"}]',
            [(1, "'4 GB' is not a value for MEMORY, which takes a whole number")],
        ),
        ('[{"type": "MEMORY", "value": NaN}]', [(1, "nan is not a value for MEMORY")]),
    ],
)
def test_every_mistake_is_told_with_its_line(text, faults):
    with pytest.raises(RequirementsInvalid) as caught:
        parse_requirements(text)
    found = [(fault.line, fault.what) for fault in caught.value.faults]
    assert [line for line, _ in found] == [line for line, _ in faults]
    assert all(what.startswith(start) for (_, what), (_, start) in zip(found, faults, strict=True)), found


def test_variables_without_the_key_give_nothing():
    assert parse_variables('{"other": 1}', "wanted") is None


def test_variables_give_resources_and_lines():
    found = parse_variables(f'{{"wanted": [\n{PAIR}]}}', "wanted")
    assert found is not None
    assert found.resources == Resources(2, 4096)
    assert found.lines == {"vcpu": 2, "memory": 2}


def test_variables_that_are_no_mapping_are_a_mistake():
    with pytest.raises(RequirementsInvalid, match="a list is not a mapping of variables"):
        parse_variables("[]", "wanted")
