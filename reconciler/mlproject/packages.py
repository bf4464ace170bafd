"""Packages that are not to be had where jobs run, which is Linux on x86-64, and names that are conda's alone."""

from collections.abc import Mapping

WINDOWS, MAC = "Windows", "macOS"
# fmt: off
ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys((
        "console-shortcut", "menuinst", "msys2-conda-epoch", "pypiwin32", "pywin32", "pywinpty", "ucrt", "vc",
        "vc14-runtime", "vs2015-runtime", "vs2019-win-64", "vs2022-win-64", "win-inet-pton", "win-unicode-console",
        "wincertstore", "windows-curses", "winpty",
    ), WINDOWS),
    **dict.fromkeys((
        "appnope", "cctools", "ld64", "libcxxabi", "pyobjc-core", "pyobjc-framework-cocoa", "python-app",
        "tensorflow-macos", "tensorflow-metal",
    ), MAC),
}
# fmt: on
"""What an export of somebody's own machine names, and no Linux has or has a use for; in lower case, with hyphens."""
PREFIXES = {"m2w64-": WINDOWS, "m2-": WINDOWS}
HARMLESS = frozenset({"appnope", "menuinst", "python-app", "win-inet-pton", "win-unicode-console", "wincertstore"})
"""Those of them that pip installs on Linux all the same: they do nothing there."""

PYPI_NAMES: Mapping[str, str] = {
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
"""What conda calls otherwise than PyPI."""
NO_SUCH_ON_PYPI = frozenset(
    {"dask-core", "matplotlib-base", "numpy-base", "opencv", "py-lightgbm", "py-opencv", "py-xgboost", "py-xgboost-cpu"}
    | {"pytables", "python-graphviz", "pytorch", "pytorch-cpu", "pytorch-gpu", "tensorflow-base"}
)
"""Those of them that PyPI does not have, or has as a word of warning."""

# fmt: off
NOT_PYTHON = frozenset({
    "blas", "bzip2", "ca-certificates", "clang", "cuda", "cudatoolkit", "cudnn", "curl", "ffmpeg", "gcc",
    "gcc_linux-64", "gfortran", "git", "graphviz", "gxx", "gxx_linux-64", "hdf5", "intel-openmp", "java-jdk",
    "ld_impl_linux-64", "libblas", "libcblas", "libffi", "libgcc", "libgcc-ng", "libgfortran-ng", "libgomp",
    "liblapack", "libopenblas", "libstdcxx-ng", "llvm-openmp", "make", "mkl", "ncurses", "nodejs", "openblas",
    "openjdk", "openmpi", "openssl", "pandoc", "pytorch-cuda", "pytorch-mutex", "r-base", "readline", "sqlite",
    "tk", "unzip", "wget", "xz", "zip", "zlib",
})
CONDAS_ALONE = frozenset({
    "blas", "bzip2", "ca-certificates", "cudatoolkit", "cudnn", "gcc-linux-64", "gxx-linux-64", "hdf5",
    "ld-impl-linux-64", "libblas", "libcblas", "libffi", "libgcc", "libgcc-ng", "libgfortran-ng", "libgomp",
    "liblapack", "libopenblas", "libstdcxx-ng", "llvm-openmp", "ncurses", "openblas", "openjdk", "openssl",
    "pytorch-cuda", "pytorch-mutex", "r-base", "sqlite", "xz", "zlib",
})
# fmt: on
"""NOT_PYTHON: programs and libraries that conda installs and pip does not, though PyPI may hold something of that name.
CONDAS_ALONE: those that PyPI has not even under that name, so that pip fails."""


def elsewhere(name: str) -> str:
    """The system that a package is for, when that is not Linux; empty when it is."""
    known = name.lower().replace("_", "-").replace(".", "-")
    by_prefix = next((system for prefix, system in PREFIXES.items() if known.startswith(prefix)), "")
    return ELSEWHERE.get(known) or by_prefix
