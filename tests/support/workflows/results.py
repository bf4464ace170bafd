"""What became of a workflow, its jobs and their steps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

SUCCESS, FAILURE, SKIPPED, CANCELLED = "success", "failure", "skipped", "cancelled"


@dataclass(frozen=True)
class Role:
    """An AWS role that a job took, and what it was to AWS."""

    arn: str
    subject: str
    region: str


@dataclass(frozen=True)
class StepRun:
    """One step."""

    title: str
    outcome: str
    """Before `continue-on-error`."""
    conclusion: str
    output: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass
class JobRun:
    """One job, of one combination of its matrix."""

    name: str
    permissions: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""
    secrets: tuple[str, ...] = ()
    """Names of those that it could read."""
    concurrency: str = ""
    conclusion: str = SUCCESS
    why: str = ""
    """It was skipped, or failed before its first step."""
    steps: list[StepRun] = field(default_factory=list)
    outputs: Mapping[str, str] = field(default_factory=dict)
    roles: list[Role] = field(default_factory=list)
    summary: str = ""
    requests: list[str] = field(default_factory=list)
    """What it asked of GitHub."""

    @property
    def output(self) -> str:
        """Of all steps."""
        return "".join(step.output for step in self.steps)

    def step(self, words: str) -> StepRun:
        """The one step whose title holds the words."""
        [found] = [step for step in self.steps if words in step.title]
        return found


@dataclass
class Run:
    """One run of a workflow."""

    workflow: str
    event: str
    number: int
    jobs: list[JobRun] = field(default_factory=list)
    concurrency: str = ""
    refused: str = ""
    """GitHub would not begin it."""

    @property
    def conclusion(self) -> str:
        """Failure when a job failed."""
        ends = {job.conclusion for job in self.jobs}
        failed = self.refused or FAILURE in ends or CANCELLED in ends
        return FAILURE if failed else SKIPPED if ends == {SKIPPED} else SUCCESS

    @property
    def ends(self) -> dict[str, str]:
        """How each job ended."""
        return {job.name: job.conclusion for job in self.jobs}

    def job(self, name: str) -> JobRun:
        """The one job of that name, as GitHub shows it, or whose name begins so."""
        exact = [job for job in self.jobs if job.name == name]
        found = exact or [job for job in self.jobs if job.name.startswith(name)]
        assert len(found) == 1, f"{self.workflow} has the jobs {', '.join(self.ends)}: which is {name}?"
        return found[0]

    def __iter__(self) -> Iterator[JobRun]:
        return iter(self.jobs)
