"""Trains a model that does as the file `mood` says: good, unloadable, or failing before there is a model."""

import os
import sys
from importlib.metadata import version
from pathlib import Path

import mlflow
from mlflow.models import infer_signature

MOOD = Path("mood").read_text().strip()


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
