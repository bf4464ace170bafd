"""Writes `reconciler/manifest/aws_tables.py` from the data that botocore ships.

    python tests/support/aws_tables.py

Loading SageMaker's model takes longer than a whole `reconcile validate`, so the two tables are kept as code.
"""

import textwrap
from pathlib import Path

import botocore.session

TARGET = Path(__file__).resolve().parents[2] / "reconciler" / "manifest" / "aws_tables.py"
PARTITIONS = ("aws", "aws-us-gov")
HEAD = '''"""What AWS has to offer, as botocore {version} knows it. Written by tests/support/aws_tables.py: do not edit.

Sources: botocore's `data/endpoints.json`, the regions of the partitions {partitions}, whose addresses end
in amazonaws.com; and `data/sagemaker/2017-07-24/service-2.json`, the shape ProductionVariantInstanceType.
"""

'''


def regions() -> set[str]:
    """Every region of the partitions."""
    session = botocore.session.Session()
    partitions = session.get_data("endpoints")["partitions"]
    return {name for one in partitions if one["partition"] in PARTITIONS for name in one["regions"]}


def instance_types() -> set[str]:
    """Every instance type that a SageMaker endpoint can have."""
    model = botocore.session.Session().get_service_model("sagemaker")
    return set(model.shape_for("ProductionVariantInstanceType").enum)


def rendered() -> str:
    """The module's text."""
    head = HEAD.format(version=botocore.__version__, partitions=" and ".join(PARTITIONS))
    return head + _table("REGIONS", _wrapped(regions())) + "\n" + _table("INSTANCE_TYPES", _families())


def _table(name: str, lines: list[str]) -> str:
    body = "\n".join(f"    {line}" for line in lines)
    return f'_{name} = """\n{body}\n"""\n{name} = frozenset(_{name}.split())\n'


def _wrapped(words: set[str]) -> list[str]:
    return textwrap.wrap(" ".join(sorted(words)), 110, break_on_hyphens=False)


def _families() -> list[str]:
    families: dict[str, set[str]] = {}
    for name in instance_types():
        families.setdefault(name.rpartition(".")[0], set()).add(name)
    return [line for _, members in sorted(families.items()) for line in _wrapped(members)]


if __name__ == "__main__":
    TARGET.write_text(rendered(), encoding="utf-8")
