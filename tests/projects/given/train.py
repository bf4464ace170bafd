"""Trains a model that answers with a variable of its containers, and tells what the training was given."""

import os
import sys
from hashlib import sha256
from importlib.metadata import version

import mlflow
from mlflow.models import infer_signature


class Greeter(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [os.environ.get("GREETING", "none")] * len(model_input)


def main() -> None:
    with mlflow.start_run():
        mlflow.set_tags(
            {
                "got.alpha": sys.argv[1],
                "got.text": sys.argv[2],
                "got.mode": os.environ["MODE"],
                "got.parameter": sha256(os.environ["FROM_PARAMETER"].encode()).hexdigest(),
                "got.secret": sha256(os.environ["FROM_SECRET"].encode()).hexdigest(),
            }
        )
        mlflow.pyfunc.log_model(
            name="model",
            python_model=Greeter(),
            signature=infer_signature([{"x": 1.0}], ["good"]),
            pip_requirements=[f"{name}=={version(name)}" for name in ("mlflow", "cloudpickle")],
            registered_model_name=os.environ["RECONCILER_MODEL"],
        )


if __name__ == "__main__":
    main()
