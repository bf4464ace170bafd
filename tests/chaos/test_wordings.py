"""What no sentence of AWS's may decide: here on the whole program, from a fresh environment on."""

import pytest

from reconciler.sandbox.faults.fault import Fault, Kind
from support.chaos.lab import Lab, things
from support.chaos.lifecycle import STEPS

pytestmark = pytest.mark.servers

WORDINGS = (
    "JobQueue chaos-test-fargate not found.",  # AWS's own, of SubmitJob
    "Job queue chaos-test-fargate does not exist",  # moto's
    "Colourless green ideas sleep furiously.",
)


@pytest.mark.parametrize("message", WORDINGS)
def test_a_fresh_environment_gets_its_platform_whatever_batch_says_of_the_queues_that_it_has_not_yet(
    lab: Lab, message: str
) -> None:
    stage = lab.stage(STEPS[0])
    lab.cloud.restore(stage.before)
    lab.repository.forget_terraform()
    lab.cloud.gate.arm()
    faults = lab.cloud.control
    faults.add(Fault(Kind.ERROR, on="batch:ListJobs", status=400, code="ClientException", message=message))
    try:
        planned = lab.run("--dry-run")
        assert planned.code == 0, planned
        assert "could not be read" not in planned.out, planned
        assert "provision the platform" in planned.out, planned
        assert not _queues()
        lab.run(*STEPS[0].words)
        assert _queues(), "the platform is there; of its queues, which exist now, nothing can be told"
    finally:
        faults.clear()
    healed = lab.run(*STEPS[0].words)
    assert healed.code == 0, healed
    assert not lab.faults(STEPS[0]), lab.faults(STEPS[0])


def _queues() -> list[str]:
    return [name for kind, name in things() if kind == "aws_batch_job_queue"]
