"""Signatures of commits, made and checked by git and ssh-keygen as they really are."""

import shutil
import subprocess

import pytest

from reconciler.adapters.git import GitSources
from reconciler.adapters.signature import fault

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="there is no ssh-keygen on this machine")
EMAIL = "ada@example.org"


class Signer:
    """A repository whose commits are signed with a key that an allowed signers file may name."""

    def __init__(self, root, monkeypatch):
        self.root, self.allowed, self.key = root, root / "allowed", root / "key"
        config = root / "gitconfig"
        lines = ("[user]", "name = Ada", f"email = {EMAIL}", f"signingkey = {self.key}", "[gpg]", "format = ssh")
        config.write_text("\n".join((*lines, '[gpg "ssh"]', f"allowedSignersFile = {self.allowed}", "")))
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
        monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        self.make_key(self.key)
        self.run("git", "init", "--quiet")

    def run(self, *words):
        ended = subprocess.run(words, cwd=self.root, check=True, capture_output=True, text=True, timeout=60)
        return ended.stdout.strip()

    def make_key(self, path):
        self.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path))

    def commit(self, *options):
        self.run("git", "commit", "--quiet", "--allow-empty", "--message", "one", *options)

    def allow(self, key, options=""):
        self.allowed.write_text(f"{EMAIL} {options} {key.with_suffix('.pub').read_text()}")

    @property
    def fault(self):
        return GitSources(self.root).signature_fault()


@pytest.fixture
def signer(tmp_path, monkeypatch):
    return Signer(tmp_path, monkeypatch)


def test_a_commit_signed_with_an_allowed_key_is_trusted(signer):
    signer.commit("--gpg-sign")
    signer.allow(signer.key)
    assert signer.fault == ""


def test_a_commit_without_a_signature_is_not(signer):
    signer.commit("--no-gpg-sign")
    signer.allow(signer.key)
    assert signer.fault == "it is not signed"


def test_a_signature_by_somebody_else_is_not_trusted(signer):
    signer.commit("--gpg-sign")
    signer.make_key(signer.root / "other")
    signer.allow(signer.root / "other")
    assert signer.fault == "nobody who is trusted here signed it (No principal matched.)"


def test_a_key_that_has_expired_is_not_trusted(signer):
    signer.commit("--gpg-sign")
    signer.allow(signer.key, 'valid-before="20200101"')
    assert signer.fault.startswith("nobody who is trusted here signed it (")
    assert "key has expired" in signer.fault


def test_a_commit_that_was_changed_after_it_was_signed_is_not_trusted(signer):
    signer.commit("--gpg-sign")
    signer.allow(signer.key)
    signed = signer.run("git", "cat-file", "commit", "HEAD")
    (signer.root / "forged").write_text(signed.replace("\none", "\ntwo") + "\n")
    signer.run("git", "update-ref", "HEAD", signer.run("git", "hash-object", "-t", "commit", "-w", "forged"))
    assert signer.fault.startswith("its signature is bad (")


def test_a_machine_that_knows_nobody_to_trust_says_so(signer, monkeypatch):
    signer.commit("--gpg-sign")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    assert signer.fault.startswith("its signature cannot be checked here (")
    assert "gpg.ssh.allowedSignersFile needs to be configured" in signer.fault


FAULTS = [
    ("G", True, "", ""),
    ("G", False, "gpg: minimum trust not met\n", "its signature cannot be checked here (gpg: minimum trust not met)"),
    ("E", False, "gpg: Can't check signature: No public key\n",
     "its signature cannot be checked here (gpg: Can't check signature: No public key)"),
    ("X", True, "", "its signature has expired"),
    ("U", True, 'Good "git" signature with ED25519 key\n', "nobody who is trusted here signed it"),
    ("N", False, "", "it is not signed"),
    ("R", False, "x" * 400, f"the key of its signature is revoked ({'x' * 300})"),
]  # fmt: skip


@pytest.mark.parametrize(("letter", "verified", "output", "words"), FAULTS)
def test_gits_letter_becomes_words(letter, verified, output, words):
    assert fault(letter, verified, output) == words
