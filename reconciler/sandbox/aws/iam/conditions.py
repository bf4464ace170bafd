"""Condition operators of policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from reconciler.sandbox.aws.iam.patterns import Context, arn_matches, text_of, value_matches

Test = Callable[[str, str, Context], bool]
"""Whether a value of the request satisfies one written in the policy."""

Block = Mapping[str, Mapping[str, Sequence[str]]]
"""Of a statement: operator, key, values."""

ALL, ANY, IF_EXISTS = "forallvalues:", "foranyvalue:", "ifexists"


class UnknownOperator(ValueError):
    """IAM has no such condition operator."""


def hold(block: Block, context: Context) -> bool:
    """Whether every condition of a statement holds. Raises UnknownOperator."""
    return all(
        _holds(operator.lower(), tuple(values), context.get(key.lower()), context)
        for operator, keys in block.items()
        for key, values in keys.items()
    )


def _holds(operator: str, wanted: Sequence[str], found: tuple[str, ...] | None, context: Context) -> bool:
    quantifier = next((one for one in (ALL, ANY) if operator.startswith(one)), "")
    name = operator.removeprefix(quantifier)
    if name == "null":
        return (found is None) == (wanted[0].lower() == "true")
    lenient, name = name.endswith(IF_EXISTS), name.removesuffix(IF_EXISTS)
    test, negated = _test(name)
    if not found:  # ForAllValues is satisfied by nothing, and so are IfExists and every negation
        return lenient or quantifier == ALL or (negated and quantifier != ANY)
    answers = [_any(test, wanted, value, context) != negated for value in found]
    return all(answers) if quantifier == ALL or negated else any(answers)


def _any(test: Test, wanted: Sequence[str], value: str, context: Context) -> bool:
    return any(test(value, one, context) for one in wanted)


def _test(name: str) -> tuple[Test, bool]:
    """The test of an operator, and whether it is negated."""
    if name in TESTS:
        return TESTS[name], False
    if name in NEGATED:
        return TESTS[NEGATED[name]], True
    raise UnknownOperator(f"IAM has no condition operator {name}")


def _equal(value: str, wanted: str, context: Context) -> bool:
    return value == text_of(wanted, context)


def _equal_in_any_case(value: str, wanted: str, context: Context) -> bool:
    text = text_of(wanted, context)
    return text is not None and value.lower() == text.lower()


def _like(value: str, wanted: str, context: Context) -> bool:
    return value_matches(wanted, value, context)


def _arn(value: str, wanted: str, context: Context) -> bool:
    return arn_matches(wanted, value, context)


def _truth(value: str, wanted: str, _context: Context) -> bool:
    return value.lower() == wanted.lower()


def _address(value: str, wanted: str, _context: Context) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(value) in ipaddress.ip_network(wanted, strict=False)
    return False


def _numbers(compare: Callable[[float, float], bool]) -> Test:
    def test(value: str, wanted: str, _context: Context) -> bool:
        with suppress(ValueError):
            return compare(float(value), float(wanted))
        return False

    return test


def _moments(compare: Callable[[datetime, datetime], bool]) -> Test:
    def test(value: str, wanted: str, _context: Context) -> bool:
        with suppress(ValueError):
            return compare(_moment(value), _moment(wanted))
        return False

    return test


def _moment(text: str) -> datetime:
    """ISO 8601, or seconds since 1970."""
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


TESTS: Mapping[str, Test] = {
    "stringequals": _equal,
    "stringequalsignorecase": _equal_in_any_case,
    "stringlike": _like,
    "bool": _truth,
    "arnequals": _arn,
    "arnlike": _arn,
    "ipaddress": _address,
    "numericequals": _numbers(float.__eq__),
    "numericlessthan": _numbers(float.__lt__),
    "numericlessthanequals": _numbers(float.__le__),
    "numericgreaterthan": _numbers(float.__gt__),
    "numericgreaterthanequals": _numbers(float.__ge__),
    "dateequals": _moments(datetime.__eq__),
    "datelessthan": _moments(datetime.__lt__),
    "datelessthanequals": _moments(datetime.__le__),
    "dategreaterthan": _moments(datetime.__gt__),
    "dategreaterthanequals": _moments(datetime.__ge__),
}
NEGATED: Mapping[str, str] = {
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
}
