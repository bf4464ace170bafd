"""Reading a manifest is quick: it must not cost what a client library costs."""

import resource
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LOAD = "from pathlib import Path; from reconciler.manifest import load; load(Path('manifests/example.yaml'), {})"
HEAVY = {"boto3", "botocore", "deepdiff", "jsonschema", "mlflow", "pydantic", "requests", "rich"}


def python(code: str) -> str:
    return subprocess.run(
        (sys.executable, "-c", code), cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=60
    ).stdout


def processor_seconds(code: str) -> float:
    """The least of five runs in fresh processes; unlike wall time it hardly depends on who else is at work."""
    return min(_one_run(code) for _ in range(5))


def _one_run(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    python(code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_loading_a_manifest_imports_no_heavy_library():
    loaded = python(f"{LOAD}; import sys; print(*sys.modules)").split()
    assert "reconciler.manifest" in loaded
    assert HEAVY.isdisjoint(loaded)


def test_loading_a_manifest_in_a_fresh_process_is_quicker_than_importing_boto3():
    assert processor_seconds(LOAD) < processor_seconds("import boto3")
