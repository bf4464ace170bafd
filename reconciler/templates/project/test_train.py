"""Quick tests of the code that trains: python -m pytest ml-projects/{{ project }}"""

import json
from pathlib import Path

import pandas as pd
import pytest
from train import evaluate, fit, load

TREES = 10
REQUEST = json.loads(Path(__file__).with_name("request.json").read_text())["dataframe_split"]


@pytest.fixture(scope="module")
def model():
    return fit(*load(), TREES)


def test_the_model_is_better_than_guessing_the_most_frequent_answer():
    features, answers = load()
    learnt, unseen = features.index % 2 == 0, features.index % 2 == 1
    found = evaluate(fit(features[learnt], answers[learnt], TREES), features[unseen], answers[unseen])
    assert found["accuracy"] > answers.value_counts(normalize=True).max() + 0.2


def test_two_trainings_give_the_same_model(model):
    features, answers = load()
    assert evaluate(fit(features, answers, TREES), features, answers) == evaluate(model, features, answers)


def test_the_request_names_the_columns_that_the_model_was_trained_with(model):
    request = pd.DataFrame(**REQUEST)
    assert list(request.columns) == list(load()[0].columns)
    assert list(model.predict(request)) == ["first", "second"]
