"""What `reconcile invoke` sends: the kind of a request is told by its file's name, unless somebody says it."""

import pytest

from reconciler.cli import run


@pytest.mark.parametrize(
    ("name", "words", "kind"),
    [
        ("rows.csv", (), "text/csv"),
        ("ROWS.CSV", (), "text/csv"),
        ("rows.json", (), "application/json"),
        ("rows", (), "application/json"),
        ("rows.csv", ("--content-type", "application/json"), "application/json"),
    ],
)
def test_a_request_is_sent_as_what_its_file_is_called(tmp_path, monkeypatch, capsys, name, words, kind):
    sent = []

    def invoke(path, project, body, content_type):
        sent.append((project, body, content_type))
        return "{}"

    monkeypatch.setattr("reconciler.commands.loop.invoke_command", invoke)
    (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    code = run(["-m", "manifests/sandbox.yaml", "invoke", "churn", "--data", str(tmp_path / name), *words])
    assert (code, sent) == (0, [("churn", b"a,b\n1,2\n", kind)]), capsys.readouterr()
