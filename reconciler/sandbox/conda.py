"""What conda would install, as far as PyPI has it under the same or a well-known other name."""

import re

from packaging.requirements import InvalidRequirement, Requirement

DEPENDENCY = re.compile(r"^(?:[\w./:-]+::)?(?P<name>[A-Za-z0-9_.-]+?)\s*(?P<version>[=<>!~].*|\s[\d*].*)?$")
OTHER_NAMES = {
    "dask-core": "dask",
    "faiss": "faiss-cpu",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "numpy-base": "numpy",
    "opencv": "opencv-python-headless",
    "py-lightgbm": "lightgbm",
    "py-opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "pytables": "tables",
    "python-graphviz": "graphviz",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "ruamel_yaml": "ruamel.yaml",
    "seaborn-base": "seaborn",
    "tensorflow-base": "tensorflow",
    "tensorflow-gpu": "tensorflow",
}
"""Packages that PyPI holds under another name."""

# fmt: off
NOT_PYTHON = frozenset({
    "blas", "bzip2", "ca-certificates", "clang", "cuda", "cudatoolkit", "cudnn", "curl", "ffmpeg", "gcc",
    "gcc_linux-64", "gfortran", "git", "graphviz", "gxx", "gxx_linux-64", "hdf5", "intel-openmp", "java-jdk",
    "ld_impl_linux-64", "libblas", "libcblas", "libffi", "libgcc", "libgcc-ng", "libgfortran-ng", "libgomp",
    "liblapack", "libopenblas", "libstdcxx-ng", "llvm-openmp", "make", "mkl", "ncurses", "nodejs", "openblas",
    "openjdk", "openmpi", "openssl", "pandoc", "pytorch-cuda", "pytorch-mutex", "r-base", "readline", "sqlite",
    "tk", "unzip", "wget", "xz", "zip", "zlib",
})
# fmt: on
"""Programs and libraries that conda installs and pip does not, though PyPI may hold something of that name."""


def translate(dependency: str) -> str | None:
    """The pip requirement for a conda dependency; None where there is none."""
    found = DEPENDENCY.match(dependency.strip())
    if found is None or found["name"].lower() in NOT_PYTHON or found["name"].startswith(("_", "r-")):
        return None
    version = _version((found["version"] or "").strip())
    requirement = OTHER_NAMES.get(found["name"].lower(), found["name"]) + version
    try:
        Requirement(requirement)
    except InvalidRequirement:
        return None
    return requirement


def _version(text: str) -> str:
    """A pip version specifier for conda's `=1.2`, `=1.2=build`, `1.2.*`, `>=1,<2`."""
    if not text or text == "*":
        return ""
    if text.startswith("=") and not text.startswith("=="):
        version, _, build = text[1:].partition("=")
        return f"=={version}" if build or version.endswith("*") else f"=={version}.*"
    if text[0].isdigit():
        return f"=={text.split(maxsplit=1)[0]}"
    return text
