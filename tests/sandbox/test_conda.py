"""Conda's dependencies as pip's requirements."""

import pytest

from reconciler.sandbox.conda import translate


@pytest.mark.parametrize(
    ("dependency", "requirement"),
    [
        ("numpy", "numpy"),
        ("numpy=1.26", "numpy==1.26.*"),
        ("numpy=1.26.*", "numpy==1.26.*"),
        ("numpy==1.26.4", "numpy==1.26.4"),
        ("numpy=1.26.4=py310h_0", "numpy==1.26.4"),
        ("numpy 1.26.4", "numpy==1.26.4"),
        ("numpy 1.26.4 py310h_0", "numpy==1.26.4"),
        ("numpy *", "numpy"),
        ("numpy>=1.20,<2", "numpy>=1.20,<2"),
        ("numpy >=1.20", "numpy>=1.20"),
        ("numpy!=1.25", "numpy!=1.25"),
        ("conda-forge::xgboost=1.7", "xgboost==1.7.*"),
        ("pytorch::pytorch=2.1", "torch==2.1.*"),
        ("ruamel_yaml", "ruamel.yaml"),
        ("python=3.10.4", "python==3.10.4.*"),
    ],
)
def test_a_python_package_is_translated(dependency, requirement):
    assert translate(dependency) == requirement


@pytest.mark.parametrize(
    "dependency",
    ["cudatoolkit=11.3", "_libgcc_mutex", "r-ggplot2", "openjdk>=11", "conda-forge::gcc", "numpy=1|2", "a b c d", ""],
)
def test_what_pip_cannot_install_is_left_out(dependency):
    assert translate(dependency) is None
