"""Policy documents of IAM."""

import json
from collections.abc import Mapping
from typing import Any


def policy(*statements: Mapping[str, Any]) -> str:
    """A document of these statements, as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
