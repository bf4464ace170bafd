"""Reading a manifest is quick: it imports nothing that costs what a client library costs. `make bench` measures it."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LOAD = "from pathlib import Path; from reconciler.manifest import load; load(Path('manifests/example.yaml'), {})"
HEAVY = {"boto3", "botocore", "deepdiff", "jsonschema", "mlflow", "pydantic", "requests", "rich"}


def test_loading_a_manifest_imports_no_heavy_library():
    code = f"{LOAD}; import sys; print(*sys.modules)"
    command = (sys.executable, "-c", code)
    loaded = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True, timeout=60).stdout
    assert "reconciler.manifest" in loaded.split()
    assert HEAVY.isdisjoint(loaded.split())
