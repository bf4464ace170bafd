"""The environment that `make install` would make in a workspace, at once: the tests' libraries, its own code."""

import shutil
import sys
import sysconfig
from pathlib import Path

from support.workflows.repository import git


def prepare(workspace: Path, installed: Path) -> None:
    """Put a `.venv` there that counts as finished.

    What make is asked for still runs: it finds the environment newer than everything that it is made from. The code is
    installed once for each state of it in git, below `installed`, so that Python compiles it once.
    """
    folder = workspace / ".venv"
    if folder.exists() or not (workspace / "pyproject.toml").is_file():
        return
    libraries = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    libraries.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "pyvenv.cfg").write_text((Path(sys.prefix) / "pyvenv.cfg").read_text())
    (libraries / "a_code.pth").write_text(f"{_code(workspace, installed)}\n")
    (libraries / "b_shared.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    for program in Path(sys.executable).parent.iterdir():
        (folder / "bin" / program.name).symlink_to(program.resolve() if "python" in program.name else program)
    _own_door(folder / "bin")
    (folder / ".ready").touch()


def _code(workspace: Path, installed: Path) -> Path:
    """The workspace's code as its commit has it."""
    kept = installed / git(workspace, "rev-parse", "HEAD:reconciler").strip()
    if not kept.is_dir():
        shutil.copytree(workspace / "reconciler", kept / "reconciler")
    return kept


def _own_door(programs: Path) -> None:
    door = programs / "reconcile"
    door.unlink()
    door.write_text(f"#!{programs / 'python'}\nfrom reconciler.__main__ import main\n\nmain()\n")
    door.chmod(0o755)
