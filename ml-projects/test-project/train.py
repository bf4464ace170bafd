"""Train a classifier of iris flowers and register it in MLflow."""

import argparse
import os
from importlib.metadata import version

import mlflow
import pandas as pd
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 7
SERVED_WITH = ("numpy", "pandas", "scikit-learn", "skops")


def load() -> tuple[pd.DataFrame, pd.Series]:
    iris = load_iris(as_frame=True)
    species = iris.target.map(dict(enumerate(iris.target_names)))
    return iris.data, species.rename("species")


def fit(features: pd.DataFrame, species: pd.Series, regularisation: float) -> Pipeline:
    classifier = LogisticRegression(C=1 / regularisation, random_state=SEED)
    return make_pipeline(StandardScaler(), classifier).fit(features, species)


def evaluate(model: Pipeline, features: pd.DataFrame, species: pd.Series) -> dict[str, float]:
    return {
        "accuracy": accuracy_score(species, model.predict(features)),
        "log_loss": log_loss(species, model.predict_proba(features), labels=model.classes_),
    }


def register(model: Pipeline, example: pd.DataFrame, name: str) -> None:
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(example, model.predict(example)),
        input_example=example,
        pip_requirements=[f"{package}=={version(package)}" for package in SERVED_WITH],
        registered_model_name=name,
    )


def main(regularisation: float) -> None:
    features, species = load()
    train_x, test_x, train_y, test_y = train_test_split(features, species, random_state=SEED, stratify=species)
    with mlflow.start_run():
        model = fit(train_x, train_y, regularisation)
        mlflow.log_params({"C": 1 / regularisation, "seed": SEED, "training_rows": len(train_x)})
        mlflow.log_metrics(evaluate(model, test_x, test_y))
        register(model, train_x.head(3), os.environ.get("RECONCILER_MODEL", "test-project"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regularisation", type=float, default=1.0, help="greater is smoother")
    main(parser.parse_args().regularisation)
