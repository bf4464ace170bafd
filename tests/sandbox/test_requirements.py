"""Requirements files."""

import pytest

from reconciler.sandbox.needs import EnvironmentFailed, name_of, python_release
from reconciler.sandbox.pip_requirements import PipLines, read_file, sort_lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", PipLines()),
        ("numpy", PipLines(("numpy",))),
        ("  numpy >= 1 \n\n# a comment\npandas  # why", PipLines(("numpy >= 1", "pandas"))),
        ("numpy>=1, \\\n  <2", PipLines(("numpy>=1,    <2",))),
        ("\ufeffnumpy", PipLines(("numpy",))),
        ("-e .\n--editable=./lib", PipLines((".", "./lib"))),
        ("--index-url https://x\n-f wheels", PipLines((), (), ("--index-url https://x", "-f wheels"))),
        ("pkg @ https://x/y.whl#sha256=1", PipLines(("pkg @ https://x/y.whl#sha256=1",))),
    ],
)
def test_lines_are_sorted_by_kind(folder, text, expected):
    root = folder({"requirements.txt": text})
    assert read_file(root / "requirements.txt", root) == expected


def test_references_are_followed_relative_to_the_file_that_makes_them(folder):
    root = folder({"a.txt": "-r sub/b.txt\nx", "sub/b.txt": "-r c.txt\ny\n-c pins.txt", "sub/c.txt": "z",
                   "sub/pins.txt": "numpy<2"})  # fmt: skip
    assert read_file(root / "a.txt", root) == PipLines(("z", "y", "x"), ("numpy<2",))


def test_files_that_refer_to_each_other_are_read_once(folder):
    root = folder({"a.txt": "-r b.txt\nx", "b.txt": "-r a.txt\ny"})
    assert read_file(root / "a.txt", root).requirements == ("y", "x")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("-r missing.txt", "requirements file missing.txt cannot be read: No such file or directory"),
        ("-r ../outside.txt", "requirements file outside.txt is outside of the project's folder"),
        ("-r /etc/hostname", "requirements file hostname is outside of the project's folder"),
        ("-r binary.txt", "requirements file binary.txt cannot be read: it is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(folder, line, reason):
    root = folder({})
    (root / "binary.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(EnvironmentFailed) as failure:
        sort_lines([line], root, root)
    assert str(failure.value) == reason


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Scikit_Learn>=1", "scikit-learn"),
        ("numpy==1 --hash=sha256:00", "numpy"),
        ("x[y]; python_version < '3'", "x"),
        (".", None),
        ("./lib", None),
        ("git+https://x/y.git", None),
    ],
)
def test_the_package_of_a_line_is_known_unless_it_is_a_path_or_an_address(line, name):
    assert name_of(line) == name


@pytest.mark.parametrize("version", ["3.10", "3.10.4", " 3.10.99 "])
def test_any_patch_level_of_a_python_will_do(version):
    assert python_release(version).contains("3.10.13")
    assert not python_release(version).contains("3.1.0")
