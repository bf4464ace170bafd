"""The environment that `make install` would make in a workspace, at once: the tools of this checkout, its own code."""

import sys
import sysconfig
from pathlib import Path

_HERE = Path(__file__).resolve().parents[3]


def prepare(workspace: Path) -> None:
    """Put a `.venv` there that counts as finished: libraries of the one that runs the tests, code of the workspace.

    What make is asked for still runs: it finds the environment newer than everything that it is made from.
    """
    folder = workspace / ".venv"
    if folder.exists() or not (workspace / "pyproject.toml").is_file():
        return
    libraries = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    libraries.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "pyvenv.cfg").write_text((Path(sys.prefix) / "pyvenv.cfg").read_text())
    (libraries / "a_workspace.pth").write_text(f"{workspace}\n")
    (libraries / "b_shared.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    for program in Path(sys.executable).parent.iterdir():
        (folder / "bin" / program.name).symlink_to(program.resolve() if "python" in program.name else program)
    _own_door(folder / "bin")
    for marker in (".ready", ".installed"):
        (folder / marker).touch()


def _own_door(programs: Path) -> None:
    door = programs / "reconcile"
    door.unlink()
    door.write_text(f"#!{programs / 'python'}\nfrom reconciler.__main__ import main\n\nmain()\n")
    door.chmod(0o755)
