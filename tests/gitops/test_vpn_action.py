"""How a job reaches an MLflow server that only its VPN reaches; what needs root is noted by a stand-in for sudo."""

import os
import re
import shutil
from pathlib import Path

import pytest

from support.checkout import REPOSITORY
from support.workflows.github import GitHub
from support.workflows.repository import Protected
from support.workflows.results import Run

pytestmark = pytest.mark.servers

NAME = "acme/models"
PROFILE = "client\nremote vpn.invalid 443\n<key>\nMIIEvQIBADANBgkqhkiG9w0BAQ\n</key>"
SUDO = """#!/bin/sh
echo "$@" >> "$CALLS/said"
[ "$1" = openvpn ] && cp -p "$3" "$CALLS/profile" && stat -c %a "$(dirname "$3")" > "$CALLS/folder"
[ "$1" = grep ] && exit $(cat "$CALLS/status" 2>/dev/null || echo 0)
exit 0
"""
WORKFLOW = """
on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    environment: prod
    permissions: {contents: read}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
      - uses: ./.github/actions/vpn
        with: {profile: "${{ secrets.VPN_PROFILE }}"}
"""


@pytest.fixture
def calls(tmp_path):
    """Where the stand-in notes what it was asked."""
    folder, programs = tmp_path / "calls", tmp_path / "programs"
    folder.mkdir()
    programs.mkdir()
    (programs / "sudo").write_text(SUDO)
    (programs / "sudo").chmod(0o755)
    return folder


def play(github: GitHub, calls, secrets: dict[str, str]) -> Run:
    github.given = {"PATH": f"{calls.parent / 'programs'}:{os.environ['PATH']}", "CALLS": str(calls)}
    repository = github.create(NAME)
    repository.environments["prod"] = Protected(secrets)
    alice = github.person("alice", NAME)
    alice.git("checkout", "--quiet", "-B", "main")
    alice.write(".github/workflows/main.yml", WORKFLOW)
    shutil.copytree(REPOSITORY / ".github" / "actions", alice.folder / ".github" / "actions")
    shutil.copy(REPOSITORY / "Makefile", alice.folder / "Makefile")
    alice.commit("first")
    [run] = github._pushed(repository, "", repository.tip(), "alice")
    return run


def test_a_job_joins_with_its_environments_profile_which_only_it_can_read_and_nobody_sees(github, calls):
    run = play(github, calls, {"VPN_PROFILE": PROFILE})
    assert run.conclusion == "success", run.job("one").output
    install, join, look = (calls / "said").read_text().splitlines()
    assert install.startswith("apt-get install --yes")
    assert join.startswith("openvpn --config ")
    assert look.startswith("grep -q Initialization Sequence Completed")
    assert (calls / "folder").read_text() == "700\n"
    profile, log = (Path(found[1]) for found in re.finditer(r"--(?:config|log) (\S+)", join))
    assert (profile.parent.parent.name, profile.parent, str(log)) == ("_temp", log.parent, look.split()[-1])
    assert (calls / "profile").read_text() == f"{PROFILE}\n"
    assert (calls / "profile").stat().st_mode & 0o777 == 0o600
    assert "MIIEvQIBADANBgkqhkiG9w0BAQ" not in github.log.text


def test_without_a_profile_nothing_is_done(github, calls):
    run = play(github, calls, {})
    assert run.conclusion == "success"
    assert not (calls / "said").exists()
