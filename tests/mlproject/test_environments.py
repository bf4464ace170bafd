"""What a project asks of its environment, and what no Linux has."""

import pytest

from mlproject.conftest import MAIN, GivenFiles
from reconciler.mlproject import CondaEnvironment, CondaPackage, PipLines, ProjectInvalid, read_model, read_project
from reconciler.mlproject.conda import is_python, parse, without_build


def python_env(text, **files):
    return read_project(GivenFiles({"MLproject": MAIN, "python_env.yaml": text, **files})).environment


@pytest.mark.parametrize("release", ["3.8", "3.10", "3.12.4", "3.13"])
def test_a_release_in_quotes_is_a_python(release):
    assert python_env(f'python: "{release}"').python == release


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("3.10", 'YAML reads 3.10 as the number 3.1; write it in quotes: python: "3.10"'),
        ("3.12", 'YAML reads 3.12 as the number 3.12, and MLflow takes none; write it in quotes: python: "3.12"'),
        ("3", "'3' is not a release of Python 3; write one release in quotes"),
        ('"3"', "'3' is not a release of Python 3; write one release in quotes"),
        ('"==3.12.4"', "'==3.12.4' is a range, and an image has one Python; write one release in quotes"),
        ('"~=3.11"', "'~=3.11' is a range"),
        ('">=3.10"', "'>=3.10' is a range"),
        ('">=3.10,<3.13"', "'>=3.10,<3.13' is a range"),
        ('"3.12.x"', "'3.12.x' is a range"),
        ('"3.12.*"', "'3.12.*' is a range"),
        ("python3.12", "'python3.12' is a range"),
        ('"3.1\\nRUN x"', "is not a release of Python 3"),
        ('"2.7"', "'2.7' is not a release of Python 3"),
        ('""', "is empty; write one release in quotes"),
        ("[3]", "is empty; write one release in quotes"),
    ],
)
def test_what_is_no_release_is_refused_with_the_way_to_write_it(faults, written, why):
    [found] = faults({"python_env.yaml": f"dependencies: []\npython: {written}\n"})
    assert found.startswith("python_env.yaml:2: python: ")
    assert why in found


REQUIREMENTS = [
    ("pandas>=2", ""),
    ("git+https://github.com/a/b.git@v1", ""),
    ("https://a.example/x.whl", ""),
    ("x @ https://a.example/x.whl", ""),
    ("pkg==1 --hash=sha256:00", ""),
    ("-e .", ""),
    (".[dev]", ""),
    ("-e git+https://github.com/a/b.git#egg=b", ""),
    ("git+ssh://git@github.com/a/b.git@v1", ""),
    ("b[x,y] @ git+https://github.com/a/b.git ; python_version > '3.6'", ""),
    ("file:./lib", ""),
    ("numpy>=1.20 ; python_version > '3.6'  # why", ""),
    ("numpy (>=1.20)", ""),
    ("numpy==1.*", ""),
    ("torch==2.1.0+cu118", ""),
    ("numpy===1.26.4", ""),
    ("-i https://a.example/simple", ""),
    ("--no-binary=:all:", ""),
    ("pkg==1 --hash=sha256:00 --hash=sha256:11", ""),
    ("https://a.example/x-1.tar.gz#sha256=00", ""),
    ("${HOME}/x.whl", ""),
    ("./lib", ""),
    ("./lib[extra]", ""),
    ("wheels/x-1-py3-none-any.whl", ""),
    ("--index-url https://user:${TOKEN}@a.example", ""),
    ('pywin32==306; sys_platform == "win32"', ""),
    ("appnope", ""),
    ("mkl", ""),
    (
        "pywin32==306",
        'pywin32 is for Windows, and jobs run on Linux; take it out, or write pywin32; sys_platform == "win32"',
    ),
    ("PyWin32", "PyWin32 is for Windows"),
    ("vc==14.3", "vc is for Windows"),
    ("vs2015_runtime", "vs2015_runtime is for Windows"),
    ("tensorflow-macos", "tensorflow-macos is for macOS"),
    ("cudatoolkit==11.8", "cudatoolkit is a package of conda, which pip does not have; name it in a conda_env"),
    ("ld_impl_linux-64", "ld_impl_linux-64 is a package of conda"),
    ("pytorch", "pytorch is conda's name; pip has it as torch"),
    ("matplotlib-base", "matplotlib-base is conda's name; pip has it as matplotlib"),
    ("a b c", "'a b c' is no requirement; write a name and, where it matters, a version: pandas>=2"),
    ("numpy=1.26", "'numpy=1.26' is no requirement"),
    (
        "../shared",
        "../shared leads out of the project's folder, of which alone an image is made; copy it into the folder",
    ),
    ("./absent", "./absent is not in the commit; add the file and commit it, or take the line away"),
    ("-e ../shared", "../shared leads out of the project's folder"),
    ("-r absent.txt", "absent.txt is not in the commit"),
    ("-r ../outside.txt", "../outside.txt leads out of the project's folder"),
    ("-c /etc/pins.txt", "/etc/pins.txt leads out of the project's folder"),
    ("numpy @ file:///home/conda/numpy_1/work", "lies on the machine that wrote it"),
    ("file:///home/me/lib", "lies on the machine that wrote it"),
    ("x @ ./lib", "write ./lib alone"),
    ("-e wheels", "'wheels' is no package"),
    ("y-1.0-py3-none-any.whl", "is not in the commit"),
    ('pywin32; sys_platform ~= "win"', "has a condition that pip cannot decide"),
    ("x" * 10_000 + "(", "…' is no requirement"),
    ('./lib ; python_version > "3"', ""),
    ('./lib[extra]; python_version > "3"', ""),
    ("-e ./lib --config-settings a=b", ""),
    ('-e "./lib"', ""),
    ("numpy==1.0 -C a=b", ""),
    ("numpy==1;", ""),
    ("-r ${D}/r.txt", ""),
    (f"numpy{' ' * 100_000}# why", ""),
]


@pytest.mark.parametrize(("line", "why"), REQUIREMENTS)
def test_a_requirement_is_looked_at_before_anything_is_built(faults, line, why):
    files = {"python_env.yaml": "dependencies: [-r requirements.txt]", "lib/setup.py": "", "pyproject.toml": ""}
    files |= {"requirements.txt": f"# first\n{line}\n", "wheels/x-1-py3-none-any.whl": ""}
    found = faults(files)
    assert len(found) == bool(why)
    if why:
        assert found[0].startswith("requirements.txt:2: ")
        assert why in found[0]


def test_files_of_pip_may_say_their_encoding_and_entries_may_have_several_lines():
    latin = "# -*- coding: latin-1 -*-\nnumpy # ü\n".encode("latin-1")
    lines = {"python_env.yaml": 'dependencies: ["-r a.txt", "-r b.txt", "c\\nd"]', "b.txt": latin}
    files = {"MLproject": MAIN, **lines}
    with pytest.raises(ProjectInvalid, match="1: 'grüße 1' is no requirement"):
        read_project(GivenFiles({**files, "a.txt": "grüße 1\n".encode("utf-16")}))
    found = read_project(GivenFiles({**files, "a.txt": "pandas==1\n".encode("utf-16")}))
    assert found.environment.lines.requirements == ("pandas==1", "numpy", "c", "d")


LINES = [
    ("", PipLines()),
    ("numpy", PipLines(("numpy",))),
    ("  numpy >= 1 \n\n# a comment\npandas  # why", PipLines(("numpy >= 1", "pandas"))),
    ("numpy>=1, \\\n  <2", PipLines(("numpy>=1,    <2",))),
    ("\ufeffnumpy", PipLines(("numpy",))),
    ("-e .\n--editable=./lib", PipLines((".", "./lib"))),
    ("--index-url https://x\n-f wheels", PipLines((), (), ("--index-url https://x", "-f wheels"))),
    ("-r sub/b.txt\nx", PipLines(("z", "y", "x"), ("numpy<2",))),
    ("-r requirements.txt\nx", PipLines(("x",))),
]
FILES = {"sub/b.txt": "-r c.txt\ny\n-c pins.txt", "sub/c.txt": "z", "sub/pins.txt": "numpy<2", "lib/setup.py": ""}
FILES |= {"pyproject.toml": ""}


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_lines_are_sorted_by_kind_and_references_followed_from_the_file_that_makes_them(text, expected):
    found = python_env("dependencies: [-r requirements.txt]", **{"requirements.txt": text, **FILES})
    assert found.lines == expected


def test_lines_of_an_environment_in_a_folder_are_relative_to_the_projects_as_mlflow_has_it():
    files = {"MLproject": f"{MAIN}python_env: envs/p.yaml", "envs/p.yaml": "dependencies: [-r r.txt]", "r.txt": "x"}
    assert read_project(GivenFiles(files)).environment.lines.requirements == ("x",)


def test_the_line_of_a_requirement_that_goes_on_is_that_of_its_beginning(faults):
    files = {"python_env.yaml": "dependencies: [-r r.txt]", "r.txt": "numpy>=1, \\\n  <2\npywin32 \\\n ==306\n"}
    assert faults(files)[0].startswith("r.txt:3: ")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("dependencies: pandas", "python_env.yaml:1: dependencies: is no list; write one entry a line"),
        ("build_dependencies: [1]", "python_env.yaml:1: build_dependencies: is no requirement; write a name"),
        ("dependencies: [{a: b}]", "python_env.yaml:1: dependencies: is no requirement"),
        (
            "pyton: x",
            "python_env.yaml:1: pyton: is not a known key; there are python, build_dependencies, dependencies",
        ),
    ],
)
def test_an_environment_that_is_misshapen_is_refused(faults, text, told):
    assert faults({"python_env.yaml": text})[0].startswith(told)


SPECS = [
    ("numpy", ("numpy", "", "")),
    ("NumPy", ("numpy", "", "")),
    ("numpy=1.26", ("numpy", "1.26.*", "")),
    ("numpy=1.26.*", ("numpy", "1.26.*", "")),
    ("numpy=1.2*", ("numpy", "1.2*", "")),
    ("numpy==1.26.4", ("numpy", "==1.26.4", "")),
    ("numpy=1.26.4=py310h_0", ("numpy", "1.26.4", "py310h_0")),
    ("numpy=1.26.4=*", ("numpy", "1.26.4", "")),
    ("numpy 1.26.4", ("numpy", "1.26.4", "")),
    ("numpy 1.26.4 py310h_0", ("numpy", "1.26.4", "py310h_0")),
    ("numpy *", ("numpy", "", "")),
    ("numpy>=1.20,<2", ("numpy", ">=1.20,<2", "")),
    ("numpy >=1.20, <2", ("numpy", ">=1.20,<2", "")),
    ("numpy!=1.25", ("numpy", "!=1.25", "")),
    ("xgboost=1.7|1.8", ("xgboost", "1.7|1.8", "")),
    ("conda-forge::xgboost=1.7", ("xgboost", "1.7.*", "")),
    ("conda-forge/linux-64::xgboost", ("xgboost", "", "")),
    ("numpy[version='>=1.2,<2', build=py311_0]", ("numpy", ">=1.2,<2", "py311_0")),
    ("pytorch[build=*cuda*]", ("pytorch", "", "*cuda*")),
    ("scikit-learn=1.0.2 # pinned", ("scikit-learn", "1.0.2.*", "")),
    ("_libgcc_mutex=0.1=conda_forge", ("_libgcc_mutex", "0.1", "conda_forge")),
]


@pytest.mark.parametrize(("written", "expected"), SPECS)
def test_conda_s_words_for_a_package_are_understood(written, expected):
    found = parse(written)
    assert found is not None
    assert (found.name, found.version, found.build) == expected


@pytest.mark.parametrize("written", ["scikit-learn[extra]", "", "= 1", "a b c d e", "numpy[colour=red]", "x=1;rm"])
def test_what_conda_would_not_understand_is_refused_with_its_line(faults, written):
    assert parse(written) is None
    [found] = faults({"conda.yaml": f"dependencies:\n  - pip\n  - '{written}'\n"})
    assert found.startswith(f"conda.yaml:3: dependencies: {written!r} is nothing that conda understands")


@pytest.mark.parametrize(
    ("build", "python"),
    [
        ("h4bc722e_7", False),
        ("py311h5f0c1de_0", True),
        ("pyhd8ed1ab_0", True),
        ("py_0", True),
        ("py37_0", True),
        ("nompi_py310h1234_100", True),
        ("cuda120py311h5_0", True),
        ("1_gnu", False),
        ("5_cp311", False),
        ("h2628c8c_0_cpython", False),
        ("", None),
    ],
)
def test_a_build_tells_whether_it_is_a_package_of_pythons(build, python):
    assert is_python(CondaPackage("x", "1", build)) is python


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("numpy=1.26.4=py310h_0", "numpy=1.26.4"),
        ("numpy 1.26.4 py310h_0", "numpy 1.26.4"),
        ("conda-forge::numpy==1.26.4=py310h_0", "conda-forge::numpy==1.26.4"),
        ("numpy=1.26", "numpy=1.26"),
        ("numpy", "numpy"),
    ],
)
def test_a_build_can_be_left_out(written, left):
    assert without_build(written) == left


CONDA = "dependencies:\n  - python=3.11\n  - numpy=1.26\n  - {}\n  - pip:\n      - mlflow\n      - -r r.txt\n"


def test_a_conda_file_is_read_whole():
    files = {"MLproject": MAIN, "conda.yaml": CONDA.format("pip"), "r.txt": "pandas"}
    found = read_project(GivenFiles(files)).environment
    packages = (CondaPackage("python", "3.11.*"), CondaPackage("numpy", "1.26.*"), CondaPackage("pip"))
    assert found == CondaEnvironment("conda.yaml", packages, PipLines(("mlflow", "pandas")))
    assert isinstance(found, CondaEnvironment)
    assert (found.python, found.has_builds) == ("3.11.*", False)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("vc=14.3=h2df5915_10", "conda.yaml:4: dependencies: vc is for Windows, and jobs run on Linux; take it out"),
        ("vs2015_runtime=14.34", "conda.yaml:4: dependencies: vs2015_runtime is for Windows"),
        ("m2w64-gcc-libs=5.3.0", "conda.yaml:4: dependencies: m2w64-gcc-libs is for Windows"),
        ("python.app=1.3", "conda.yaml:4: dependencies: python.app is for macOS"),
        ("pip: mlflow", "conda.yaml:4: dependencies.pip: is no list; write one entry a line"),
        ("pip: [mlflow, pywin32]", "conda.yaml:4: dependencies.pip: pywin32 is for Windows"),
        ("npm: [x]", "conda.yaml:4: dependencies.npm: is not pip"),
        ("3.10", "conda.yaml:4: dependencies: '3.10' is nothing that conda understands"),
    ],
)
def test_what_no_linux_has_is_refused_before_a_solver_says_so_at_length(faults, line, told):
    [found] = faults({"conda.yaml": CONDA.format(line), "r.txt": ""})
    assert found.startswith(told)


def test_a_model_s_environment_is_found_where_mlflow_looks_for_it():
    files = {"MLmodel": "{}", "conda.yaml": "dependencies: [numpy]", "requirements.txt": "a\nb"}
    assert read_model(GivenFiles(files)) == CondaEnvironment("conda.yaml", (CondaPackage("numpy"),))
    del files["conda.yaml"]
    assert read_model(GivenFiles(files)).lines.requirements == ("a", "b")
    with pytest.raises(ProjectInvalid, match="missing"):
        read_model(GivenFiles({"python_env.yaml": "dependencies: [-r missing.txt]"}))
