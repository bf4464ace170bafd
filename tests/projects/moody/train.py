"""Trains a model that does as the file `mood` says: good, unloadable, failing before there is a model, or patient.

A patient one logs when it began, and waits in its first two attempts until its host is taken away.
"""

import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

import mlflow
from mlflow.models import infer_signature

MOOD = Path("mood").read_text().strip()
PATIENT = "waiting for its host to go"


class Moody(mlflow.pyfunc.PythonModel):
    def __init__(self, mood: str) -> None:
        self.mood = mood

    def load_context(self, context):
        if self.mood == "unloadable":
            raise RuntimeError("this model cannot be loaded")

    def predict(self, context, model_input, params=None):
        return [self.mood] * len(model_input)


def main() -> None:
    if MOOD == "failing":
        sys.exit("the training data is missing")
    with mlflow.start_run():
        mlflow.log_metric("mood", len(MOOD))
        if MOOD == "patient":
            mlflow.log_param("began", time.time())
            sys.stderr.write(f"{PATIENT}\n")
            time.sleep(300 if int(os.environ["AWS_BATCH_JOB_ATTEMPT"]) < 3 else 0)
        mlflow.pyfunc.log_model(
            name="model",
            python_model=Moody(MOOD),
            signature=infer_signature([{"x": 1.0}], ["good"]),
            # Left out, they are found by loading the model in a process of its own, which takes as long as the rest.
            pip_requirements=[f"{name}=={version(name)}" for name in ("mlflow", "cloudpickle")],
            registered_model_name=None if MOOD == "shy" else os.environ["RECONCILER_MODEL"],
        )


if __name__ == "__main__":
    main()
