"""`reconcile init`: a folder and lines in the manifest, both or neither."""

from pathlib import Path

import pytest

from support.command_line import CommandLine

FOLDER = Path("ml-projects/spam")
FILES = {
    ".gitignore",
    "MLproject",
    "README.md",
    "pytest.ini",
    "python_env.yaml",
    "request.json",
    "resource-requirements.json",
    "test_train.py",
    "train.py",
}
SANDBOX = "version: 1\nplatform: demo\nenvironment: sandbox\nsandbox: true  # here alone\nprojects: {}  # none yet\n"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A repository with an environment on AWS, which has one project, and one on the sandbox, which has none."""
    line = CommandLine(tmp_path / "repo", monkeypatch)
    Path("manifests/sandbox.yaml").write_text(SANDBOX)
    line.want("churn")
    return line


def state(line: CommandLine) -> dict[str, bytes]:
    """Every file beside git's own."""
    files = (path for path in line.root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(line.root)): path.read_bytes() for path in files}


def test_on_the_sandbox_what_is_trained_first_goes_live(line):
    ran = line.run("-m", "manifests/sandbox.yaml", "init", "spam")
    assert ran.code == 0, ran
    added = "projects:  # none yet\n  spam:\n    deployment:\n      version: 1\n"
    assert Path("manifests/sandbox.yaml").read_text() == SANDBOX.replace("projects: {}  # none yet\n", added)


def test_on_aws_nothing_goes_live_before_somebody_pins_it(line):
    before = Path("manifests/prod.yaml").read_text()
    ran = line.run("init", "spam")
    assert ran.code == 0, ran
    assert Path("manifests/prod.yaml").read_text() == before + "\n  spam: {}\n"
    assert "reconcile -m manifests/prod.yaml deploy spam 1" in ran.out


def test_every_file_of_the_folder_speaks_of_the_project(line):
    line.run("init", "spam")
    texts = {path.name: path.read_text() for path in FOLDER.iterdir()}
    assert set(texts) == FILES
    assert not [name for name, text in texts.items() if "{{" in text or "test-project" in text]
    assert texts["MLproject"].startswith("name: spam\n")
    assert '"RECONCILER_MODEL", "spam"' in texts["train.py"]


def test_what_it_says_to_type_makes_the_manifest_valid(line):
    ran = line.run("init", "spam")
    assert '  git add ml-projects/spam manifests/prod.yaml\n  git commit -m "Add spam"\n' in ran.out
    assert "git does not track it" in line.run("validate").out
    line.commit()
    assert line.run("validate").out == "manifests/prod.yaml is valid: 2 projects\n"
    assert line.run("--dry-run").code == 0


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("churn", 3, "manifests/prod.yaml:9: projects.churn: is there already"),
        ("Spam", 3, "'Spam' is not a name of at most 24 lowercase letters"),
        ("../spam", 3, "'../spam' is not a name of at most 24 lowercase letters"),
        ("mlflow", 3, "'mlflow' is taken"),
        ("taken", 1, "ml-projects/taken is there already, and nothing is overwritten"),
        ("linked", 1, "ml-projects/linked is there already, and nothing is overwritten"),
        ("elder", 3, "projects.heir.renamed_from: elder is still a project of its own"),
    ],
)
def test_what_cannot_be_begun_leaves_everything_as_it_was(line, name, code, told):
    line.want("heir", renamed_from="elder")
    Path("ml-projects/taken").mkdir()
    Path("ml-projects/taken/notes.txt").write_text("mine")
    Path("ml-projects/linked").symlink_to("nowhere")
    before = state(line)
    ran = line.run("init", name)
    assert (ran.code, told in ran.out) == (code, True), ran
    assert state(line) == before
    assert not list(Path("ml-projects").glob(".*"))


def test_a_folder_that_cannot_be_written_leaves_the_manifest_as_it_was(line):
    line.header["platform"] = "acme"
    before = Path("manifests/sandbox.yaml").read_bytes()
    Path("ml-projects/churn/MLproject").unlink()
    Path("ml-projects/churn").rmdir()
    Path("ml-projects").rmdir()
    Path("ml-projects").write_text("a file")
    ran = line.run("-m", "manifests/sandbox.yaml", "init", "spam")
    assert (ran.code, "ml-projects/spam cannot be written" in ran.out) == (1, True), ran
    assert Path("manifests/sandbox.yaml").read_bytes() == before


def test_a_manifest_that_is_not_there_is_told_with_those_that_are(line):
    ran = line.run("-m", "manifests/staging.yaml", "init", "spam")
    assert ran.code == 3
    assert "name a manifest with -m, such as manifests/prod.yaml or manifests/sandbox.yaml" in ran.out
