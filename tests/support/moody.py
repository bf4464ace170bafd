"""A project whose model is as moody as its file `mood` says, and what becomes of it."""

from support.checkout import REPOSITORY, Checkout

MOODY = REPOSITORY / "tests" / "projects" / "moody"
REQUEST = REPOSITORY / "tests" / "projects" / "moody-request.json"


def live(checkout: Checkout, name: str) -> None:
    """A moody project whose version 1 is good and serves."""
    checkout.add_project(name, MOODY)
    checkout.want(name, deployment={"version": 1})
    ran = checkout.run("--wait", "--project", name)
    assert ran.code == 0, ran


def jobs(checkout: Checkout, name: str) -> list[str]:
    found = checkout.aws("batch").list_jobs(
        jobQueue="e2e-test-fargate", filters=[{"name": "JOB_NAME", "values": [f"e2e-test-{name}-*"]}]
    )
    return [job["jobId"] for job in found["jobSummaryList"]]
