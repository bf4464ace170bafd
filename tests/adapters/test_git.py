import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.adapters.git import GitSources
from reconciler.errors import SourceUnusable
from reconciler.ports import Head

Git = Callable[..., str]


@pytest.fixture(autouse=True)
def own_configuration(tmp_path, monkeypatch):
    """No test depends on, or changes, what the person has configured."""
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    (folder / "ml-projects" / "churn").mkdir(parents=True)
    (folder / "ml-projects" / "churn" / "train.py").write_text("print(1)\n")
    (folder / "README.md").write_text("hello\n")
    return folder


@pytest.fixture
def git(root: Path) -> Git:
    """Runs git in the repository, which has one commit."""

    def run(*arguments: str, cwd: Path = root) -> str:
        return subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()

    run("init", "--quiet")
    run("add", "--all")
    run("commit", "--quiet", "--message", "first")
    return run


CHURN = "ml-projects/churn"


def commit_all(git: Git) -> str:
    git("add", "--all")
    git("commit", "--quiet", "--message", "more")
    return git("rev-parse", "HEAD")


def describe_failure(root: Path, path: str = CHURN) -> SourceUnusable:
    with pytest.raises(SourceUnusable) as error:
        GitSources(root).describe(path)
    return error.value


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if not file.is_dir() or file.is_symlink())


def export(root: Path, git: Git, target: Path, path: str = CHURN) -> list[str]:
    target.mkdir()
    GitSources(root).export(git("rev-parse", "HEAD"), path, target)
    return files(target)


# --- describe


def test_a_clean_folder_is_described_by_commit_and_tree(root, git):
    found = GitSources(root).describe(CHURN)
    assert found.commit == git("rev-parse", "HEAD")
    assert found.tree == git("rev-parse", f"HEAD:{CHURN}")
    assert found.uncommitted == ()


def test_the_tree_changes_with_the_folder_and_with_nothing_else(root, git):
    before = GitSources(root).describe(CHURN)
    (root / "README.md").write_text("other\n")
    commit_all(git)
    beside = GitSources(root).describe(CHURN)
    (root / CHURN / "train.py").write_text("print(2)\n")
    commit_all(git)
    inside = GitSources(root).describe(CHURN)
    assert before.tree == beside.tree != inside.tree
    assert len({before.commit, beside.commit, inside.commit}) == 3


def test_every_uncommitted_file_is_named_once_and_sorted_and_ignored_ones_are_not(root, git):
    churn = root / CHURN
    (root / ".gitignore").write_text("*.pyc\n")
    (churn / "old.py").write_text("old\n")
    (churn / "renamed.py").write_text("a file long enough to be found again as a rename\n")
    commit_all(git)
    (churn / "train.py").write_text("changed\n")
    (churn / "old.py").unlink()
    (churn / "staged.py").write_text("new\n")
    git("add", f"{CHURN}/staged.py")
    (churn / "new").mkdir()
    (churn / "new" / "deep.py").write_text("new\n")
    git("mv", f"{CHURN}/renamed.py", f"{CHURN}/after.py")
    (churn / "cache.pyc").write_text("ignored\n")
    (root / "README.md").write_text("elsewhere\n")
    names = ("after.py", "new/deep.py", "old.py", "renamed.py", "staged.py", "train.py")
    assert GitSources(root).describe(CHURN).uncommitted == tuple(f"{CHURN}/{name}" for name in names)


def test_a_lost_executable_bit_is_an_uncommitted_change(root, git):
    script = root / CHURN / "train.py"
    script.chmod(0o755)
    assert GitSources(root).describe(CHURN).uncommitted == (f"{CHURN}/train.py",)


def test_the_root_may_be_below_the_top_level_of_the_repository(root, git):
    (root / CHURN / "new.py").write_text("new\n")
    found = GitSources(root / "ml-projects").describe("churn")
    assert found.tree == git("rev-parse", f"HEAD:{CHURN}")
    assert found.uncommitted == ("churn/new.py",)


@pytest.mark.parametrize("path", [".", "", "./ml-projects/churn/", "ml-projects//churn"])
def test_a_path_may_be_written_in_any_way_that_stays_inside(path, root, git):
    found = GitSources(root).describe(path)
    wanted = "HEAD^{tree}" if path in (".", "") else f"HEAD:{CHURN}"
    assert found.tree == git("rev-parse", wanted)


@pytest.mark.parametrize("name", ["with space", "größe-模型", "a*b", "[x]", ":(top)odd", "-dash", "quo'te"])
def test_names_that_mean_something_to_a_shell_or_to_git_are_just_names(name, root, git, tmp_path):
    folder = root / "ml-projects" / name
    folder.mkdir()
    (folder / f"{name}.py").write_text("x\n")
    commit_all(git)
    (folder / "new file ü.txt").write_text("x\n")
    (root / "ml-projects" / "axb").mkdir()
    (root / "ml-projects" / "axb" / "other.txt").write_text("matches the pattern a*b\n")
    found = GitSources(root).describe(f"ml-projects/{name}")
    assert found.uncommitted == (f"ml-projects/{name}/new file ü.txt",)
    assert export(root, git, tmp_path / "out", f"ml-projects/{name}") == [f"{name}.py"]


def test_looking_does_not_touch_the_index(root, git):
    index = root / ".git" / "index"
    os.utime(root / CHURN / "train.py", (1, 1))
    before = index.read_bytes()
    GitSources(root).describe(CHURN)
    assert index.read_bytes() == before


def test_variables_that_a_hook_sets_do_not_lead_to_another_repository(root, git, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    git("init", "--quiet", cwd=other)
    expected = GitSources(root).describe(CHURN)
    for name, value in {"GIT_DIR": other / ".git", "GIT_WORK_TREE": other, "GIT_INDEX_FILE": other / "index"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("GIT_PREFIX", "sub/")
    assert GitSources(root).describe(CHURN) == expected


def test_a_worktree_is_as_good_as_a_clone(root, git, tmp_path):
    git("worktree", "add", "--quiet", str(tmp_path / "tree"), "-b", "side")
    assert GitSources(tmp_path / "tree").describe(CHURN) == GitSources(root).describe(CHURN)


def test_a_shallow_clone_is_as_good_as_a_whole_one(root, git, tmp_path):
    (root / "README.md").write_text("second\n")
    commit_all(git)
    git("clone", "--quiet", "--depth=1", f"file://{root}", str(tmp_path / "clone"))
    assert GitSources(tmp_path / "clone").describe(CHURN) == GitSources(root).describe(CHURN)


# --- describe: what cannot be used


def test_a_folder_outside_any_repository_is_told(tmp_path):
    outside = tmp_path / "outside"
    (outside / CHURN).mkdir(parents=True)
    error = describe_failure(outside)
    assert error.what == f"{outside} is not inside a git repository"
    assert error.remedy == "git init && git add --all && git commit"


def test_a_repository_without_a_commit_is_told(root):
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    error = describe_failure(root)
    assert error.what == f"the git repository at {root} has no commit yet"
    assert "git commit" in error.remedy


def test_a_folder_that_git_does_not_track_is_told(root, git):
    (root / "ml-projects" / "new").mkdir()
    (root / "ml-projects" / "new" / "train.py").write_text("x\n")
    error = describe_failure(root, "ml-projects/new")
    assert error.what.startswith("ml-projects/new is not in commit ")
    assert error.remedy == "git add 'ml-projects/new' && git commit"


@pytest.mark.parametrize("path", ["ml-projects/gone", "no/where"])
def test_a_folder_that_is_not_there_is_told(path, root, git):
    error = describe_failure(root, path)
    assert error.what == f"there is no folder {path} in {root}"
    assert error.remedy == "create it, or correct `source` in the manifest"


def test_a_file_is_no_folder(root, git):
    assert "no folder README.md" in describe_failure(root, "README.md").what


@pytest.mark.parametrize("path", ["../elsewhere", "/etc", "ml-projects/../../x", "a\0b"])
def test_a_path_that_leads_outside_is_refused(path, root, git):
    assert "leads out of the project root" in describe_failure(root, path).what


def test_a_submodule_in_the_folder_is_refused_by_name(root, git, tmp_path):
    library = tmp_path / "library"
    library.mkdir()
    git("init", "--quiet", cwd=library)
    git("commit", "--quiet", "--allow-empty", "--message", "x", cwd=library)
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), f"{CHURN}/library")
    commit_all(git)
    error = describe_failure(root)
    assert error.what == f"{CHURN} holds git submodules, whose files git does not track here: library"
    assert "not in commit" in describe_failure(root, f"{CHURN}/library").what


def test_a_missing_git_is_told(root, git, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    error = describe_failure(root)
    assert (error.what, error.remedy) == ("git is not installed, or not on PATH", "install git")


def test_a_missing_root_is_not_mistaken_for_a_missing_git(tmp_path):
    assert describe_failure(tmp_path / "gone").what == f"there is no folder {tmp_path / 'gone'}"


def fake_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


def test_a_repository_of_another_owner_is_told_in_git_s_own_words(root, tmp_path, monkeypatch):
    fake_git(
        tmp_path,
        monkeypatch,
        "printf \"fatal: detected dubious ownership in repository at '/r'\\nTo add an exception, call:\\n"
        '\\n\\tgit config --global --add safe.directory /r\\n" >&2; exit 128',
    )
    error = describe_failure(root)
    assert error.what == f"git in {root}: detected dubious ownership in repository at '/r'"
    assert error.remedy == "git config --global --add safe.directory /r"


def test_a_git_that_hangs_is_not_waited_for(root, tmp_path, monkeypatch):
    fake_git(tmp_path, monkeypatch, "exec sleep 60")
    with pytest.raises(SourceUnusable) as error:
        GitSources(root, patience=0.2).describe(CHURN)
    assert error.value.what == f"git did not answer within 0.2 s in {root}"


def test_git_is_never_asked_for_a_password_and_says_nothing_in_another_language(root, tmp_path, monkeypatch):
    fake_git(tmp_path, monkeypatch, 'echo "fatal: $GIT_TERMINAL_PROMPT $LC_ALL [$GIT_DIR]" >&2; exit 1')
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    assert describe_failure(root).what == f"git in {root}: 0 C []"


# --- export


def test_an_export_holds_what_was_committed_and_nothing_else(root, git, tmp_path):
    commit = git("rev-parse", "HEAD")
    (root / CHURN / "train.py").write_text("changed, not committed\n")
    (root / CHURN / "leftover.py").write_text("not tracked\n")
    target = tmp_path / "out"
    target.mkdir()
    GitSources(root).export(commit, CHURN, target)
    assert files(target) == ["train.py"]
    assert (target / "train.py").read_text() == "print(1)\n"


def test_an_older_commit_can_be_exported(root, git, tmp_path):
    first = git("rev-parse", "HEAD")
    (root / CHURN / "train.py").write_text("print(2)\n")
    commit_all(git)
    target = tmp_path / "out"
    target.mkdir()
    GitSources(root).export(first, CHURN, target)
    assert (target / "train.py").read_text() == "print(1)\n"


def test_modes_links_and_deep_names_are_kept(root, git, tmp_path):
    churn = root / CHURN
    (churn / "run.sh").write_text("#!/bin/sh\n")
    (churn / "run.sh").chmod(0o755)
    (churn / "link").symlink_to("train.py")
    deep = churn / "/".join(["a-rather-long-folder-name"] * 6)
    deep.mkdir(parents=True)
    (deep / "größe.txt").write_text("x\n")
    commit_all(git)
    names = export(root, git, tmp_path / "out")
    assert names == sorted(["link", "run.sh", "train.py", str((deep / "größe.txt").relative_to(churn))])
    out = tmp_path / "out"
    assert (out / "link").readlink() == Path("train.py")
    assert (out / "run.sh").stat().st_mode & stat.S_IXUSR
    assert not (out / "train.py").stat().st_mode & stat.S_IXUSR


def test_the_same_commit_gives_the_same_bytes_whatever_git_is_configured_to(root, git, tmp_path):
    (root / ".gitattributes").write_text("*.py text=auto\n")
    (root / CHURN / ".gitattributes").write_text("*.py text=auto\n")
    commit_all(git)
    git("config", "core.autocrlf", "true")
    git("config", "core.eol", "crlf")
    git("config", "tar.umask", "0777")
    export(root, git, tmp_path / "out")
    assert (tmp_path / "out" / "train.py").read_bytes() == b"print(1)\n"
    assert (tmp_path / "out" / "train.py").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("link", ["/etc/passwd", "../../README.md"])
def test_a_link_that_leads_out_of_the_folder_is_refused(link, root, git, tmp_path):
    (root / CHURN / "link").symlink_to(link)
    commit_all(git)
    with pytest.raises(SourceUnusable) as error:
        export(root, git, tmp_path / "out")
    where = f"ml-projects/churn/link:1: is a link to {link}, which is out of the project's folder"
    assert error.value.what == f"{where}; put `source` at the folder that holds both, or copy what it leads to"
    assert not any((tmp_path / "out").iterdir())


def test_a_pointer_of_git_lfs_is_not_taken_for_the_file(root, git, tmp_path):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"
    (root / CHURN / "data.parquet").write_text(pointer)
    commit_all(git)
    with pytest.raises(SourceUnusable, match=r"data\.parquet") as error:
        export(root, git, tmp_path / "out")
    assert error.value.remedy == "git lfs install && git lfs pull"


def test_an_unknown_commit_is_told(root, git, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(SourceUnusable) as error:
        GitSources(root).export("0" * 40, CHURN, tmp_path / "out")
    assert error.value.remedy == "fetch the whole history: git fetch --unshallow"


def test_nothing_is_exported_over_what_is_there(root, git, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "precious").write_text("x")
    with pytest.raises(SourceUnusable, match="is not empty"):
        GitSources(root).export(git("rev-parse", "HEAD"), CHURN, tmp_path / "out")


def test_the_head_is_a_commit_and_its_author(root, git):
    assert GitSources(root).head() == Head(git("rev-parse", "HEAD"), "Ada")


def test_uncommitted_files_of_several_paths_are_named_from_the_root(root, git):
    (root / "README.md").write_text("changed\n")
    (root / CHURN / "new.py").write_text("print(2)\n")
    (root / "elsewhere").write_text("not asked for\n")
    found = GitSources(root).uncommitted(("README.md", CHURN, "no/such/folder"))
    assert found == ("README.md", f"{CHURN}/new.py")


def test_a_path_may_be_absolute_inside_the_repository(root, git):
    (root / "README.md").write_text("changed\n")
    assert GitSources(root).uncommitted((str(root / "README.md"),)) == ("README.md",)


# --- files of the commit


def test_the_files_of_a_folder_are_those_of_the_commit(root, git):
    churn = root / CHURN
    (churn / "MLproject").write_text("name: churn\n")
    (churn / "link").symlink_to("MLproject")
    (churn / "out").symlink_to("../../README.md")
    commit_all(git)
    (churn / "MLproject").write_text("name: changed\n")
    (churn / "new.yaml").write_text("x: 1\n")
    found = GitSources(root).describe(CHURN).files
    assert found.names == ("MLproject", "link", "out", "train.py")
    assert [found.read(name) for name in ("MLproject", "link", "out", "new.yaml")] == [
        b"name: churn\n",
        b"name: churn\n",
        None,
        None,
    ]


def test_folders_that_are_described_together_cost_no_more_questions_than_one(root, git, monkeypatch):
    names = [f"ml-projects/p{number}" for number in range(20)]
    for name in names:
        (root / name).mkdir()
        (root / name / "MLproject").write_text("name: x\n")
    commit_all(git)
    asked = counted(monkeypatch)
    GitSources(root, together=names[:1]).describe(names[0])
    alone = len(asked)
    asked.clear()
    together = GitSources(root, together=names)
    assert {together.describe(name).files.read("MLproject") for name in names} == {b"name: x\n"}
    assert len(asked) == alone == 5


def counted(monkeypatch) -> list[tuple[str, ...]]:
    asked: list[tuple[str, ...]] = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda words, **more: (asked.append(words), run(words, **more))[1])
    return asked


@pytest.mark.parametrize(
    "link", ["/etc/passwd", "../../README.md", "train.py/../../x", "deep/../../up", "..", "inner/../../x"]
)
def test_a_link_that_leads_out_of_the_folder_is_known_before_anything_is_exported(link, root, git):
    (root / CHURN / "real" / "deep").mkdir(parents=True)
    (root / CHURN / "real" / "deep" / "x").write_text("x\n")
    (root / CHURN / "inner").symlink_to("real")
    (root / CHURN / "data.csv").symlink_to(link)
    commit_all(git)
    [fault] = GitSources(root).describe(CHURN).faults
    assert (fault.file, fault.line) == ("data.csv", 1)
    assert fault.what.startswith(f"is a link to {link}, which is out of the project's folder; put `source` at")


def test_links_that_lead_back_to_themselves_are_told_each(root, git, tmp_path):
    for name, target in {"loop": "loop", "a": "b", "b": "./a", "below": "below/x"}.items():
        (root / CHURN / name).symlink_to(target)
    commit_all(git)
    told = {fault.file: fault.what.partition(";")[0] for fault in GitSources(root).describe(CHURN).faults}
    assert told == {
        name: f"is a link to {target}, which leads back to itself"
        for name, target in {"loop": "loop", "a": "b", "b": "./a", "below": "below/x"}.items()
    }
    with pytest.raises(SourceUnusable, match="churn/loop:1: is a link to loop, which leads back to itself"):
        export(root, git, tmp_path / "out")


def test_a_link_may_lead_anywhere_in_the_folder_and_files_are_read_through_it(root, git, tmp_path):
    churn = root / CHURN
    (churn / "..data" / "deep").mkdir(parents=True)
    (churn / "..data" / "deep" / "env.yaml").write_text("python: '3.11'\n")
    (churn / "..data" / "top.yaml").write_text("top\n")
    links = {
        "dots": "..data",
        "file": "..data/deep/env.yaml",
        "conf": "dots/deep",
        "up": "conf/../top.yaml",
        "there-and-back": "..data/../train.py",
        "nowhere": "absent",
    }
    for name, target in links.items():
        (churn / name).symlink_to(target)
    commit_all(git)
    found = GitSources(root).describe(CHURN)
    assert found.faults == ()
    assert {name: found.files.read(name) for name in ("file", "conf/env.yaml", "up", "there-and-back", "nowhere")} == {
        "file": b"python: '3.11'\n",
        "conf/env.yaml": b"python: '3.11'\n",
        "up": b"top\n",
        "there-and-back": b"print(1)\n",
        "nowhere": None,
    }
    export(root, git, tmp_path / "out")
    assert (tmp_path / "out" / "up").read_text() == "top\n", "git's tree and the file system agree"


def test_files_that_git_ignores_are_named_without_what_everybody_ignores(root, git):
    (root / ".gitignore").write_text("data/\n*.pkl\n__pycache__/\n.venv/\nmlruns\nother/\n")
    commit_all(git)
    for name in ("data/a.csv", "data/b.csv", "model.pkl", "__pycache__/x.pyc", ".venv/bin/python", "mlruns/0/meta"):
        path = root / CHURN / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    (root / "other").mkdir()
    (root / "other" / "x").write_text("x")
    assert GitSources(root).describe(CHURN).ignored == (f"{CHURN}/data/", f"{CHURN}/model.pkl")
    assert GitSources(root / "ml-projects").describe("churn").ignored == ("churn/data/", "churn/model.pkl")


# --- attributes

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 12345\n"
PLAIN_TREE = {"train.py": b"print(1)\n"}


def with_attributes(root: Path, git: Git, *lines: str, **files: str) -> None:
    for name, content in files.items():
        (root / CHURN / name.replace("__", ".")).write_text(content, newline="")
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", "files")
    (root / ".gitattributes").write_text("".join(f"{line}\n" for line in lines))
    git("add", ".gitattributes")
    git("commit", "--quiet", "--message", "attributes")


def exported(root: Path, git: Git, target: Path) -> dict[str, bytes]:
    export(root, git, target)
    return {name: (target / name).read_bytes() for name in files(target)}


def test_attributes_at_the_root_of_the_repository_apply_to_a_folder(root, git, tmp_path):
    with_attributes(root, git, "*.env export-ignore", "*.csv text eol=crlf", a__csv="x,y\n1,2\n", s__env="KEY=1\n")
    assert exported(root, git, tmp_path / "out") == {**PLAIN_TREE, "a.csv": b"x,y\r\n1,2\r\n"}


def test_a_filter_at_the_root_turns_pointers_into_files(root, git, tmp_path):
    with_attributes(root, git, "*.bin filter=lfs diff=lfs merge=lfs -text", model__bin=POINTER)
    git("config", "filter.lfs.smudge", "sed s/^version.*/weights/")
    git("config", "filter.lfs.clean", "cat")
    assert GitSources(root).describe(CHURN).faults == ()
    assert exported(root, git, tmp_path / "out")["model.bin"].startswith(b"weights\n")


def test_a_pointer_is_told_before_anything_is_done_where_no_filter_turns_it_into_a_file(root, git):
    with_attributes(root, git, "*.bin filter=lfs -text", model__bin=POINTER, data__csv=POINTER)
    told = [(fault.file, fault.what) for fault in GitSources(root).describe(CHURN).faults]
    assert told == [
        (
            "data.csv",
            (
                "is a pointer of Git LFS that no .gitattributes of the commit tells to be one; "
                "git lfs track 'data.csv', git add .gitattributes, and commit; or commit the file itself"
            ),
        ),
        ("model.bin", "is a pointer of Git LFS, which this machine has no filter for; git lfs install"),
    ]


def test_a_file_is_read_whatever_it_is_called_as_long_as_something_names_it(root, git):
    (root / CHURN / "reqs.pip").write_text("numpy==1\n" * 1000)
    commit_all(git)
    assert GitSources(root).describe(CHURN).files.read("reqs.pip") == b"numpy==1\n" * 1000


def test_a_filter_that_skips_is_none(root, git):
    with_attributes(root, git, "*.bin filter=lfs -text", model__bin=POINTER)
    git("config", "filter.lfs.smudge", "git-lfs smudge --skip -- %f")
    [fault] = GitSources(root).describe(CHURN).faults
    assert fault.what == "is a pointer of Git LFS, which this machine's filter skips (--skip); git lfs install --force"


def test_a_filter_whose_program_is_not_there_is_told(root, git, tmp_path):
    with_attributes(root, git, "*.bin filter=lfs -text", model__bin=POINTER)
    git("config", "filter.lfs.smudge", "git-lfs-that-nobody-has smudge")
    git("config", "filter.lfs.required", "true")
    with pytest.raises(SourceUnusable, match="not found") as error:
        export(root, git, tmp_path / "out")
    assert error.value.remedy == "install git-lfs, which git is configured to use"


def test_a_checkout_that_was_spared_the_large_files_is_exported_with_them(root, git, tmp_path, monkeypatch):
    with_attributes(root, git, "*.bin filter=lfs", model__bin=POINTER)
    git("config", "filter.lfs.smudge", 'sed "s/^version.*/${GIT_LFS_SKIP_SMUDGE-weights}/"')
    git("config", "filter.lfs.clean", "cat")
    monkeypatch.setenv("GIT_LFS_SKIP_SMUDGE", "1")
    assert exported(root, git, tmp_path / "out")["model.bin"].startswith(b"weights\n")


def test_attributes_of_this_machine_change_nothing(root, git, tmp_path, monkeypatch):
    (root / CHURN / "MLproject").write_text("name: churn\n")
    commit_all(git)
    plain = exported(root, git, tmp_path / "plain")
    attributes = tmp_path / "attributes"
    attributes.write_text("MLproject export-ignore\n*.py text eol=crlf\n")
    git("config", "core.attributesFile", str(attributes))
    assert exported(root, git, tmp_path / "out") == plain
    assert GitSources(root).describe(CHURN).attributes == ""


def test_attributes_that_stand_in_git_s_own_folder_change_nothing(root, git, tmp_path, monkeypatch):
    with_attributes(root, git, "*.bin filter=lfs", a__csv="x\n", model__bin=POINTER)
    git("config", "filter.lfs.smudge", "sed s/^version.*/weights/")
    git("config", "filter.lfs.clean", "cat")
    plain, before = exported(root, git, tmp_path / "plain"), GitSources(root).describe(CHURN)
    assert plain["model.bin"].startswith(b"weights\n")
    info = root / ".git" / "info"
    info.mkdir(exist_ok=True)
    (info / "attributes").write_text(f"{CHURN}/*.csv text eol=crlf\ntrain.py export-ignore\n*.bin -filter\n")
    git("worktree", "add", "--quiet", str(tmp_path / "tree"))
    for number, place in enumerate((root, root / "ml-projects", tmp_path / "tree")):
        path = "churn" if place.name == "ml-projects" else CHURN
        (tmp_path / str(number)).mkdir()
        GitSources(place).export("HEAD", path, tmp_path / str(number))
        assert {name: (tmp_path / str(number) / name).read_bytes() for name in files(tmp_path / str(number))} == plain
        after = GitSources(place).describe(path)
        assert (after.attributes, after.left_out, after.faults) == (before.attributes, (), ())


def test_what_attributes_do_has_the_same_digest_for_ever(root, git):
    with_attributes(root, git, "*.py text eol=crlf", "*.csv export-ignore", a__csv="x\n")
    assert GitSources(root).describe(CHURN).attributes == (
        "ebc8c78c50c5078958049e35d84fe5838ddf3b45bd98590f262428632f09eaee"
    )
    (root / CHURN / ".gitattributes").write_text("*.csv -export-ignore\n*.py ident\n")
    commit_all(git)
    assert GitSources(root).describe(CHURN).attributes == (
        "29e9723f700a14f737f013557f57b08b4fa4d2839127613bd5cbeecc9e024f66"
    )


@pytest.mark.parametrize(
    ("where", "line", "left_out"),
    [
        (".gitattributes", "ml-projects export-ignore", ["MLproject", "deep/x", "train.py"]),
        (".gitattributes", "ml-projects/churn/ export-ignore", ["MLproject", "deep/x", "train.py"]),
        (".gitattributes", "deep export-ignore", ["deep/x"]),
        ("ml-projects/.gitattributes", "MLproject export-ignore", ["MLproject"]),
        (f"{CHURN}/.gitattributes", "x export-ignore", ["deep/x"]),
        (f"{CHURN}/deep/.gitattributes", "* export-ignore\n.gitattributes -export-ignore", ["deep/x"]),
        (f"{CHURN}/.gitattributes", "x -export-ignore", []),
    ],
)
def test_files_that_no_export_has_are_known_beforehand(where, line, left_out, root, git, tmp_path):
    (root / CHURN / "deep").mkdir()
    (root / CHURN / "deep" / "x").write_text("x\n")
    (root / CHURN / "MLproject").write_text("name: x\n")
    (root / where).write_text(f"{line}\n")
    commit_all(git)
    found = GitSources(root).describe(CHURN)
    assert list(found.left_out) == left_out
    assert [name for name in found.files.names if name not in left_out] == export(root, git, tmp_path / "out")


def test_links_and_pointers_that_no_export_has_are_no_faults(root, git, tmp_path):
    (root / CHURN / "out").symlink_to("../../README.md")
    with_attributes(root, git, "out export-ignore", "*.bin export-ignore", model__bin=POINTER)
    assert GitSources(root).describe(CHURN).faults == ()
    assert exported(root, git, tmp_path / "out") == PLAIN_TREE


@pytest.mark.parametrize(
    ("line", "says_something"),
    [
        ("* text=auto", False),
        ("*.py text", False),
        ("*.md export-ignore", False),
        ("*.py diff=python", False),
        ("*.py text eol=lf", False),
        ("*.py text eol=crlf", True),
        ("*.py -text eol=crlf", False),
        ("*.py export-subst", True),
        ("*.py ident", True),
        ("*.py filter=indent", True),
        ("*.py working-tree-encoding=ISO-8859-1", True),
        ("train.py export-ignore", True),
        ("ml-projects/churn/deep export-ignore", True),
    ],
)
def test_attributes_above_a_folder_count_where_they_change_what_is_exported_of_it(line, says_something, root, git):
    (root / CHURN / "deep").mkdir()
    with_attributes(root, git, line)
    (root / CHURN / "deep" / "x").write_text("x")
    commit_all(git)
    assert bool(GitSources(root).describe(CHURN).attributes) is says_something
    (root / CHURN / ".gitattributes").write_text("*.py text eol=crlf export-subst ident filter=indent\n")
    git("rm", "-q", ".gitattributes")
    commit_all(git)
    assert GitSources(root).describe(CHURN).attributes == "", "what stands in the folder is in its tree"


def test_an_export_holds_no_id_of_the_commit(root, git, tmp_path):
    with_attributes(root, git, "*.py export-subst", train__py="# $Format:%H$\n")
    first = exported(root, git, tmp_path / "one")
    (root / "README.md").write_text("other\n")
    commit_all(git)
    assert exported(root, git, tmp_path / "two") == first


def test_attributes_above_the_root_that_is_below_the_top_level_apply_too(root, git, tmp_path):
    with_attributes(root, git, "*.env export-ignore", s__env="KEY=1\n")
    (tmp_path / "out").mkdir()
    GitSources(root / "ml-projects").export(git("rev-parse", "HEAD"), "churn", tmp_path / "out")
    assert files(tmp_path / "out") == ["train.py"]
    assert GitSources(root / "ml-projects").describe("churn").attributes == GitSources(root).describe(CHURN).attributes
