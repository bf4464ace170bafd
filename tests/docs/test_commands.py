"""Commands that the documentation tells people to type are those that there are."""

from pathlib import Path

import pytest

from support.docs.commands import Makefile, fault, misspelt_commands
from support.docs.markdown import Page

MAKEFILE = Makefile(frozenset({"demo", "training-job"}), frozenset({"project", "LONG"}))


@pytest.mark.parametrize(
    "command",
    [
        "reconcile",
        "reconcile -m manifests/prod.yaml --dry-run -o markdown --out plan.json > plan.md",
        "reconcile mlflow-server up --dry-run",
        "reconcile invoke churn --data nowhere.json   # no file is opened",
        ".venv/bin/reconcile deploy churn 4 --wait",
        "RECONCILE_TRIGGER=cron reconcile --wait --lock-timeout 900 || exit 1",
        "cd /srv && reconcile status | less",
        "make training-job project=churn",
        "make LONG=1 demo",
        "git commit --nonsense",
        "",
    ],
)
def test_what_would_be_understood_is_no_fault(command):
    assert fault(command, MAKEFILE) == ""


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("reconcile --dryrun", "No such option '--dryrun'"),
        ("reconcile plan", "No such command 'plan'"),
        ("reconcile mlflow-server sideways", "No such command 'sideways'"),
        ("reconcile train", "Missing argument"),
        ("reconcile status churn", "takes no churn"),
        ("reconcile -o html", "'html' is not one of"),
        ("reconcile deploy churn four", "not a valid integer range"),
        ("git add . && reconcile --wiat", "--wiat"),
        ("make demmo", "the Makefile has no demmo"),
        ("make training-job projekt=churn", "the Makefile has no projekt"),
    ],
)
def test_what_would_not_be_understood_is_named_with_its_reason(command, why):
    assert why in fault(command, MAKEFILE)


def test_commands_are_looked_for_in_blocks_and_in_prose(tmp_path):
    (tmp_path / "Makefile").write_text("demo: setup\n\t@true\n")
    text = """# Page

Type `make demmo`, or `reconcile statsu`, but not `reconcile NAME` or `reconcile watch`.

```sh
make demo \\
  reconcile
reconcile statuss
```

```console
$ reconcile histori
reconcile nothing: what was printed
```

```
reconcile [--dry-run] a synopsis
```
"""
    page = Page(tmp_path / "page.md", text)
    assert [line.partition("page.md:")[2].partition(":")[0] for line in misspelt_commands(tmp_path, [page])] == [
        "6",
        "8",
        "12",
        "3",
        "3",
    ]


def test_the_makefile_of_the_project_is_read_whole():
    found = Makefile.read(Path(__file__).parents[2] / "Makefile")
    assert {"demo", "docs", "mlflow-server", "vpn-client"} <= found.targets
    assert {"project", "model", "name", "manifest", "LONG"} <= found.variables
