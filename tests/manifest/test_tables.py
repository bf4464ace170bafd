"""The tables of AWS's offers are botocore's."""

from reconciler.manifest.aws_tables import INSTANCE_TYPES, REGIONS
from support import aws_tables

REMEDY = "run: .venv/bin/python tests/support/aws_tables.py"


def test_the_instance_types_are_those_of_botocores_sagemaker_model():
    assert aws_tables.instance_types() == INSTANCE_TYPES, REMEDY


def test_the_regions_are_those_of_botocores_endpoints():
    assert aws_tables.regions() == REGIONS, REMEDY


def test_the_module_is_as_its_script_writes_it():
    assert aws_tables.TARGET.read_text(encoding="utf-8") == aws_tables.rendered(), REMEDY
