"""Of MLflow's answers its error codes decide, which are MLflow's own, and no sentence."""

import pytest
from mlflow.protos.databricks_pb2 import ErrorCode
from mlflow.protos.model_registry_pb2 import ModelVersionStatus

from reconciler.adapters.mlflow_http import EXISTS, MISSING, MlflowHttp
from reconciler.errors import ReadFailed, RegistryFailed

NONSENSE = "Colourless green ideas sleep furiously: it does not exist, and already exists."


def refusal(code):
    return (404, {"error_code": code, "message": NONSENSE})


@pytest.mark.parametrize("code", [MISSING, EXISTS])
def test_the_codes_are_mlflows_own(code):
    assert code in ErrorCode.keys()  # noqa: SIM118 - no mapping


@pytest.mark.parametrize("status", ["READY", "PENDING_REGISTRATION"])
def test_the_statuses_of_a_version_are_mlflows_own(status):
    assert status in ModelVersionStatus.keys()  # noqa: SIM118 - no mapping


def test_the_codes_decide_whatever_is_said_beside_them(misbehaving):
    assert MlflowHttp(misbehaving(refusal(MISSING)).address).find("runs/get") is None
    assert MlflowHttp(misbehaving(refusal(EXISTS)).address).create("registered-models/create") is False


@pytest.mark.parametrize("answer", [refusal("WHATEVER"), (404, {"message": NONSENSE}), (404, b"<html>404</html>")])
def test_an_answer_that_nobody_knows_is_no_missing_thing(misbehaving, answer):
    with pytest.raises(ReadFailed):
        MlflowHttp(misbehaving(answer).address).find("runs/get")
    with pytest.raises(RegistryFailed):
        MlflowHttp(misbehaving(answer).address).create("registered-models/create")
