"""How long a person waits for the command line, beside what `import boto3` alone costs.

    make bench

Whole processes, in turn (A B C, A B C, ...), so that a machine whose speed drifts treats all alike. Ratios are taken
round by round.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 15
RECONCILE = str(Path(sys.executable).with_name("reconcile"))
COMMANDS = {
    "python -c 'import boto3'": [sys.executable, "-c", "import boto3"],
    "reconcile --help": [RECONCILE, "--help"],
    "reconcile validate": [RECONCILE, "validate", "-m", "manifests/sandbox.yaml"],
}


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    rounds = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(ROUNDS + 1)][1:]
    base = next(iter(COMMANDS))
    print(f"{'':28} median s   of boto3 (median of {ROUNDS} rounds)")
    for name in COMMANDS:
        ratio = statistics.median(one[name] / one[base] for one in rounds)
        print(f"{name:28} {statistics.median(one[name] for one in rounds):8.3f}   {ratio:.2f}")


if __name__ == "__main__":
    main()
