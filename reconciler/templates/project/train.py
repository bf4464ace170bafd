"""Train a classifier of wines and register it in MLflow. Put your own data in `load`, and your own model in `fit`."""

import argparse
import os
from importlib.metadata import version

import mlflow
import pandas as pd
from mlflow.models import infer_signature
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split

SEED = 7
SERVED_WITH = ("numpy", "pandas", "scikit-learn", "skops")
TRUSTED = ("sklearn.tree._tree.Tree",)
"""Types that skops, which saves models, loads only when it is told to; MLflow says which ones a model needs."""


def load() -> tuple[pd.DataFrame, pd.Series]:
    """What is known of each wine, and which of three growers it is from: data that scikit-learn brings along."""
    wine = load_wine(as_frame=True)
    growers = wine.target.map({0: "first", 1: "second", 2: "third"})
    return wine.data, growers.rename("grower")


def fit(features: pd.DataFrame, growers: pd.Series, trees: int) -> RandomForestClassifier:
    return RandomForestClassifier(n_estimators=trees, random_state=SEED).fit(features, growers)


def evaluate(model: RandomForestClassifier, features: pd.DataFrame, growers: pd.Series) -> dict[str, float]:
    return {
        "accuracy": accuracy_score(growers, model.predict(features)),
        "log_loss": log_loss(growers, model.predict_proba(features), labels=model.classes_),
    }


def register(model: RandomForestClassifier, example: pd.DataFrame, name: str) -> None:
    """Log the model, with what it is asked and what it needs to answer, as the next version of `name`."""
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(example, model.predict(example)),
        input_example=example,
        pip_requirements=[f"{package}=={version(package)}" for package in SERVED_WITH],
        registered_model_name=name,
        skops_trusted_types=list(TRUSTED),
    )


def main(trees: int) -> None:
    features, growers = load()
    train_x, test_x, train_y, test_y = train_test_split(features, growers, random_state=SEED, stratify=growers)
    with mlflow.start_run():
        model = fit(train_x, train_y, trees)
        mlflow.log_params({"trees": trees, "seed": SEED, "training_rows": len(train_x)})
        mlflow.log_metrics(evaluate(model, test_x, test_y))
        register(model, train_x.head(3), os.environ.get("RECONCILER_MODEL", "{{ project }}"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trees", type=int, default=100, help="more are steadier, and slower")
    main(parser.parse_args().trees)
