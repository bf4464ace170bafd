"""Versions whose files cannot be fetched: whose fault that is."""

import threading

import pytest

from reconciler.adapters.images import mlflow_cli
from reconciler.adapters.images.mlflow_cli import MlflowCli
from reconciler.adapters.process import Finished
from reconciler.core.observed import ModelVersion
from reconciler.errors import BuildFailed

NO_CREDENTIALS = "botocore.exceptions.NoCredentialsError: Unable to locate credentials"


@pytest.mark.parametrize(
    ("source", "what", "remedy"),
    [
        (
            "s3://models/hand",
            "version 5 of hand lies at s3://models/hand, which could not be read: botocore",
            "let whoever",
        ),
        (
            "mlflow-artifacts:/1/0a/artifacts/model",
            "mlflow artifacts download models:/hand/5 failed: botocore",
            "answer?",
        ),
        ("models:/m-0a1b", "mlflow artifacts download models:/hand/5 failed: botocore", "answer?"),
        ("", "mlflow artifacts download models:/hand/5 failed: botocore", "answer?"),
    ],
)
def test_files_that_lie_past_mlflow_are_told_by_their_place(tmp_path, monkeypatch, source, what, remedy):
    monkeypatch.setattr(mlflow_cli, "persist", lambda *_, **__: Finished(1, (NO_CREDENTIALS,)))
    version = ModelVersion(5, "", source=source)
    with pytest.raises(BuildFailed) as error:
        MlflowCli("http://mlflow.test", threading.Event()).download("hand", version, tmp_path, print)
    assert error.value.what.startswith(what)
    assert remedy in error.value.remedy
