"""A team on the fake GitHub whose environment is the quick cloud: workflows are played in seconds."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import gitops
from support.access import KEYS
from support.chaos.cloud import QuickCloud, Snapshot
from support.chaos.resources import REGION
from support.chaos.starter import Ran, Starter
from support.gitops import MANIFEST, Team
from support.workflows import identity
from support.workflows.log import Log
from support.workflows.repository import Person

SIZE = {"type": "realtime", "instance_type": "ml.m5.large", "instances": 1}
PROJECT = "churn"
ENDPOINT = f"acme-prod-{PROJECT}"
INTO_THE_CLOUD = ("RECONCILE_SANDBOX_HOME", "PATH", "PYTHONPATH")


@dataclass(frozen=True)
class Point:
    """Repository and cloud at one moment."""

    repositories: Path
    cloud: Snapshot


class Quick:
    """One cloud, and as many teams as there are tests, one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cloud = QuickCloud(folder / "cloud")
        self.door = self.cloud.door("door")
        self.starter = Starter(folder / "said.txt")
        self._given = {name: self.door[name] for name in INTO_THE_CLOUD}
        self._door = identity.sandbox(self.cloud.endpoint("door"), KEYS.secret_access_key)
        self._teams: list[Team] = []
        self._points: dict[str, Point] = {}

    def close(self) -> None:
        """End everything."""
        self.end_team()
        self.starter.close()
        self.cloud.close()

    def end_team(self) -> None:
        """The team of a test is done."""
        for team in self._teams:
            team.github.close()
        self._teams.clear()

    def without_projects(self, log: Log | None = None) -> Team:
        """A repository with an environment that was never applied."""
        if "without" not in self._points:
            self._points["without"] = self._kept(self._founded())
        return self._at(self._points["without"], log)

    def with_a_live_version(self, log: Log | None = None) -> Team:
        """Version 1 of one project serves."""
        if "live" not in self._points:
            team = self.without_projects()
            alice = team.person("alice")
            train(alice, "a")
            alice.write(MANIFEST, team.manifest(churn=lines(1)))
            alice.commit("churn serves version 1")
            ran = self.reconcile(alice, "--wait")
            assert ran.code == 0, ran
            self._points["live"] = self._kept(team)
        return self._at(self._points["live"], log)

    def reconcile(self, person: Person, *words: str, role: str = "") -> Ran:
        """What somebody types in a clone; with a role's rights alone if one is named."""
        self.cloud.gate.arm()
        session = {**self.cloud.control.play(role), "AWS_ENDPOINT_URL": self.cloud.endpoint("door")} if role else {}
        self.cloud.gate.pid = self.starter.begin(("-m", MANIFEST, *words), {**self.door, **session}, person.folder)
        self.starter.go()
        return self.starter.end()

    def used(self, role: str) -> dict[str, int]:
        """How often a role used each action."""
        told = self.cloud.control.roles()
        return next((one["used"] for one in told if one["role"].endswith(f"/{role}")), {})

    def serves(self) -> str:
        """The configuration of the project's endpoint."""
        return str(self.cloud.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"])

    def endpoints(self) -> list[str]:
        """Names of all that there are."""
        return [one["EndpointName"] for one in self.cloud.client("sagemaker").list_endpoints()["Endpoints"]]

    def _founded(self) -> Team:
        """The bucket is there already: making one takes Terraform's provider a minute."""
        place = {"LocationConstraint": REGION}
        self.cloud.client("s3").create_bucket(Bucket="acme-prod-tfstate", CreateBucketConfiguration=place)
        self.cloud.gate.arm()
        return gitops.found(self._fresh(), self._given, self._door)

    def _fresh(self) -> Path:
        return self.folder / "teams" / str(len(list((self.folder / "teams").glob("*"))) + 1)

    def _kept(self, team: Team) -> Point:
        kept = self.folder / f"kept-{len(self._points)}"
        shutil.copytree(team.github.folder / "repositories", kept)
        team.github.close()
        return Point(kept, self.cloud.save())

    def _at(self, point: Point, log: Log | None) -> Team:
        self.end_team()
        folder = self._fresh()
        shutil.copytree(point.repositories, folder / "repositories")
        self.cloud.restore(point.cloud)
        self.cloud.gate.arm()
        team = gitops.connect(folder, self._given, self._door, log, self.folder / "installed")
        self._teams.append(team)
        return team


def lines(version: int, **more: Any) -> dict[str, Any]:
    """A project's lines in the manifest."""
    training = {"resources": {"vcpu": 1, "memory": 2048}, "attempts": 1}
    return {"training": training, "deployment": {"version": version, "endpoint": SIZE}, **more}


def train(person: Person, code: str) -> None:
    """Write code that a training starts from; what it is does not matter."""
    folder = f"ml-projects/{PROJECT}"
    person.write(f"{folder}/MLproject", f"name: {PROJECT}\nentry_points:\n  main:\n    command: python train.py\n")
    person.write(f"{folder}/train.py", f"# {code}\n")
