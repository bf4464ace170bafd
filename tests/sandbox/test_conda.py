"""Conda's packages as pip's requirements."""

import pytest

from reconciler.mlproject.conda import parse
from reconciler.sandbox.conda import translate


@pytest.mark.parametrize(
    ("dependency", "requirement"),
    [
        ("numpy", "numpy"),
        ("numpy=1.26", "numpy==1.26.*"),
        ("numpy=1.26.*", "numpy==1.26.*"),
        ("numpy=1.2*", "numpy==1.2.*"),
        ("numpy==1.26.4", "numpy==1.26.4"),
        ("numpy=1.26.4=py310h_0", "numpy==1.26.4"),
        ("numpy 1.26.4", "numpy==1.26.4"),
        ("numpy 1.26.4 py310h_0", "numpy==1.26.4"),
        ("numpy *", "numpy"),
        ("numpy>=1.20,<2", "numpy>=1.20,<2"),
        ("numpy >=1.20", "numpy>=1.20"),
        ("numpy!=1.25", "numpy!=1.25"),
        ("numpy[version='>=1.2']", "numpy>=1.2"),
        ("xgboost=1.7|1.8", "xgboost==1.8"),
        ("conda-forge::xgboost=1.7", "xgboost==1.7.*"),
        ("pytorch::pytorch=2.1", "torch==2.1.*"),
        ("ruamel_yaml", "ruamel.yaml"),
    ],
)
def test_a_python_package_is_translated(dependency, requirement):
    assert translate(parse(dependency)) == requirement


@pytest.mark.parametrize(
    "dependency",
    [
        "cudatoolkit=11.3",
        "_libgcc_mutex",
        "r-ggplot2",
        "openjdk>=11",
        "conda-forge::gcc",
        "krb5=1.21.3=h659f571_0",
        "aws-c-cal=0.7.4=hfd43aa1_1",
        "python_abi=3.11=5_cp311",
    ],
)
def test_what_pip_cannot_install_is_left_out(dependency):
    assert translate(parse(dependency)) is None
