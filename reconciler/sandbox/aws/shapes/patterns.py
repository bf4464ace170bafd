"""The regular expressions of AWS's models, which are Java's.

They hold the whole value, anchored or not: SageMaker refuses `ssd-…-'17-202308` as a model's name by
`^[a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?` (https://github.com/aws/amazon-sagemaker-feedback/issues/85), ECR refuses
capitals by a pattern without anchors (https://github.com/jenkins-x/jx/issues/1344).
"""

import re
from functools import cache
from typing import Any

import regex

PAIRS = (r"\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF", r"\uE000-\uFFFD\U00010000-\U0010FFFF")
"""How Java writes all that lies above U+FFFF, and how Python does."""
PROPERTY = r"\p{"


def matches(pattern: str, value: str) -> bool:
    """Whether a value is as a pattern asks."""
    return bool(compiled(pattern).fullmatch(value))


@cache
def compiled(pattern: str) -> Any:
    """In Python's own dialect where that can: it is the quicker one. `\\w` and `\\d` are ASCII's, as in Java."""
    written = pattern.replace(*PAIRS)
    try:
        return re.compile(written, re.ASCII)
    except re.error:
        return regex.compile(written, regex.UNICODE if PROPERTY in written else regex.ASCII)
