"""What goes into images from elsewhere is what somebody has looked at."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.checkout import REPOSITORY

DOCKERFILE = REPOSITORY / "terraform" / "stacks" / "mlflow-server" / "image" / "Dockerfile"


def instructions() -> Iterator[str]:
    """Those of the server's Dockerfile, each on one line."""
    joined = DOCKERFILE.read_text().replace("\\\n", " ")
    return (line for line in joined.splitlines() if line.strip() and not line.startswith("#"))


def check_of(path: str) -> str:
    """The script by which the file at a path is compared with its digest."""
    [script] = [line.removeprefix("RUN ") for line in instructions() if f'  {path}" | sha256sum --check' in line]
    return script


def test_everything_from_the_network_is_compared_with_a_digest_or_a_hash():
    added = [line.split()[-1] for line in instructions() if re.match(r"(ADD|COPY)\b.*://", line)]
    assert added == ["/app/rds.pem"]
    assert re.search(r"\b[0-9a-f]{64}  /app/rds\.pem", check_of("/app/rds.pem"))
    assert [line for line in instructions() if re.search(r"\b(curl|wget)\b", line)] == []
    assert all("--require-hashes" in line for line in instructions() if "pip install" in line)


@pytest.mark.parametrize(("content", "code"), [("right\n", 0), ("right\n\n", 1), ("", 1)])
def test_another_file_than_the_one_that_was_looked_at_ends_the_build(tmp_path: Path, content: str, code: int):
    file = tmp_path / "rds.pem"
    file.write_text("right\n")
    digest = subprocess.run(("sha256sum", str(file)), capture_output=True, text=True, check=True).stdout.split()[0]
    file.write_text(content)
    script = re.sub(r"\b[0-9a-f]{64}\b", digest, check_of("/app/rds.pem")).replace("/app/rds.pem", str(file))
    ran = subprocess.run(("sh", "-c", script), capture_output=True, text=True, check=False)
    assert (ran.returncode, "AWS changed its bundle" in ran.stdout) == (code, bool(code)), ran
