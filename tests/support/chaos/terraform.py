"""Terraform's stand-in: state, lock, events and endings as the real one's, in milliseconds.

It survives the reconciler, as the real one does: it works here, on behalf of the program `terraform` that the
reconciler started.
"""

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from typing import Any

from botocore.exceptions import ClientError

from support.chaos import resources, stacks
from support.chaos.gate import Dropped, Gate
from support.chaos.resources import Resource

Say = Callable[[str], None]
Json = dict[str, Any]
LOOK = 0.05
"""Seconds between two tries for a lock."""
PATIENCE = 30


def done() -> threading.Event:
    """Something that needs no waiting for."""
    event = threading.Event()
    event.set()
    return event


class Failed(Exception):
    """An error that Terraform tells."""

    def __init__(self, summary: str, detail: str = "", address: str = "") -> None:
        super().__init__(summary)
        self.event = {"severity": "error", "summary": summary, "detail": detail, "address": address}


@dataclass(frozen=True)
class Run:
    """One start of the program."""

    argv: list[str]
    cwd: Path
    env: Mapping[str, str]

    def option(self, name: str, otherwise: str = "") -> str:
        found = [word.partition("=")[2] for word in self.argv if word.startswith(f"{name}=")]
        return found[-1] if found else otherwise

    @property
    def data(self) -> Path:
        return Path(self.env["TF_DATA_DIR"])

    @property
    def settings(self) -> Json:
        return dict(json.loads((self.data / "backend.json").read_text()))

    @property
    def kind(self) -> str:
        return str(self.settings["kind"])

    @property
    def variables(self) -> Json:
        return dict(json.loads(Path(self.option("-var-file")).read_text()))

    @property
    def key(self) -> str:
        workspace = self.env.get("TF_WORKSPACE")
        prefix = f"{self.settings['workspace_key_prefix']}/{workspace}/" if workspace else ""
        return f"{prefix}{self.settings['key']}"


@dataclass
class Terraform:
    """Serves every start of the program, each in the thread of its request."""

    gate: Gate
    client: Callable[[str], Any]
    waits_for: threading.Event = field(default_factory=done)
    """No change ends before."""
    running: set[str] = field(default_factory=set)

    def run(self, request: bytes, say: Say) -> None:
        """Do what the program was asked, and say what it prints."""
        sent = json.loads(request)
        run = Run(sent["argv"], Path(sent["cwd"]), sent["env"])
        left = self.gate.terraform(f"terraform {run.argv[0]} {run.env.get('TF_WORKSPACE', '')}".strip())
        me = uuid.uuid4().hex
        self.running.add(me)
        try:
            say(f"exit {_Work(self, run, _quietly(say), left).do()}")
        except OSError:
            return  # nobody listens any more
        finally:
            self.running.discard(me)


def _quietly(say: Say) -> Say:
    """Terraform writes into files: it goes on when nobody reads them."""

    def said(line: str) -> None:
        try:
            say(line)
        except OSError:
            return

    return said


@dataclass
class _Work:
    """One run."""

    owner: Terraform
    run: Run
    say: Say
    left: int | None
    """Changes until it dies; None: it does not."""

    def do(self) -> int:
        try:
            match self.run.argv[0]:
                case "init":
                    self._init()
                case "apply":
                    self._change(stacks.resources(self.run.kind, self.run.variables))
                case "destroy":
                    self._change(())
                case other:
                    raise Failed(f"the stand-in knows no {other}")
        except Failed as failed:
            self._event("diagnostic", diagnostic=failed.event)
            return 1
        return 0

    def client(self, service: str) -> Any:
        self.owner.gate.work()
        return self.owner.client(service)

    def _init(self) -> None:
        settings = dict(
            word.removeprefix("-backend-config=").split("=", 1) for word in self.run.argv if "backend-config" in word
        )
        self.run.data.mkdir(parents=True, exist_ok=True)
        kind = next(kind for kind in ("platform", "training", "deployment") if kind in str(self.run.cwd).split("/"))
        (self.run.data / "backend.json").write_text(json.dumps({**settings, "kind": kind}))

    def _change(self, wanted: tuple[Resource, ...]) -> None:
        with self._locked():
            state = self._read()
            known = self._refreshed(state)
            failed: Failed | None = None
            self._event("change_summary", changes={"operation": "plan", "add": len(wanted), "change": 0, "remove": 0})
            try:
                self._bring(wanted, known)
            except Failed as error:
                failed = error
            self._write(state, known, wanted)
            if failed:
                raise failed

    def _bring(self, wanted: tuple[Resource, ...], known: dict[str, Json]) -> None:
        tags = stacks.tags(self.run.variables)
        adopted = self.run.variables.get("adopt", ())
        for one in wanted:
            have = known.get(one.address)
            if have is None and one.address in adopted:
                have = known[one.address] = self._adopted(one)
            if have is None:
                known[one.address] = self._do(one, "create", lambda one=one: resources.create(self.client, one, tags))
            elif have["want"] != one.want:
                known[one.address] = self._do(
                    one, "update", lambda one=one, have=have: resources.update(self.client, one, have["id"], tags)
                )
        addresses = {one.address for one in wanted}
        for address in [each for each in reversed(known) if each not in addresses]:
            gone = Resource(known[address]["kind"], address, known[address]["id"])
            self._do(gone, "delete", lambda gone=gone: resources.delete(self.client, gone.kind, gone.name) or "")
            del known[address]

    def _adopted(self, one: Resource) -> Json:
        if not resources.exists(self.client, one.kind, one.name):
            raise Failed("Cannot import non-existent remote object", one.name, one.address)
        identity = resources.identity(self.client, one)
        return {"id": identity, "want": resources.actual(self.client, one), "kind": one.kind}

    def _do(self, one: Resource, action: str, change: Callable[[], str]) -> Json:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Dropped
        hook = {"resource": {"addr": one.address}, "action": action}
        self._event("apply_start", hook=hook)
        try:
            identity = change()
        except (ClientError, RuntimeError) as fault:
            self._event("apply_errored", hook=hook)
            raise Failed(f"{action} {one.address}: {fault}", address=one.address) from fault
        self.owner.waits_for.wait(PATIENCE)
        self._event("apply_complete", hook={**hook, "elapsed_seconds": 0})
        return {"id": identity, "want": one.want, "kind": one.kind}

    def _refreshed(self, state: Json) -> dict[str, Json]:
        """What the state knows and AWS still has, by address."""
        known: dict[str, Json] = {}
        for one in state["resources"]:
            for instance in one["instances"]:
                index = "" if instance.get("index_key") is None else f"[{json.dumps(instance['index_key'])}]"
                has = instance["attributes"]
                if resources.exists(self.client, one["type"], has["id"]):
                    address = f"{one['type']}.{one['name']}{index}"
                    was = Resource(one["type"], address, has["id"], has["want"])
                    want = resources.actual(self.client, was)
                    known[address] = {"id": has["id"], "want": want, "kind": one["type"]}
        return known

    def _read(self) -> Json:
        try:
            answer = self.client("s3").get_object(Bucket=self.run.settings["bucket"], Key=self.run.key)
        except ClientError:
            return {"version": 4, "serial": 0, "lineage": str(uuid.uuid4()), "outputs": {}, "resources": []}
        return dict(json.loads(answer["Body"].read()))

    def _write(self, state: Json, known: Mapping[str, Json], wanted: tuple[Resource, ...]) -> None:
        entries: dict[tuple[str, str], Json] = {}
        for address, has in known.items():
            kind, name, index = resources.split(address)
            entry = {"mode": "managed", "type": kind, "name": name, "provider": "stand-in", "instances": []}
            instance = {"attributes": {"id": has["id"], "want": has["want"]}}
            if index is not None:
                instance["index_key"] = index
            entries.setdefault((kind, name), entry)["instances"].append(instance)
        applied = known.get("terraform_data.applied")
        values = stacks.outputs(self.run.kind, self.run.variables) if wanted else {}
        if applied:
            values["spec"] = applied["want"]
        outputs = {name: {"value": value, "type": "dynamic"} for name, value in values.items()}
        body = {**state, "serial": state["serial"] + 1, "outputs": outputs, "resources": list(entries.values())}
        self.client("s3").put_object(
            Bucket=self.run.settings["bucket"], Key=self.run.key, Body=json.dumps(body).encode()
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the state's lock; it stays when Terraform dies."""
        bucket, key = self.run.settings["bucket"], f"{self.run.key}.tflock"
        operation = f"OperationType{self.run.argv[0].capitalize()}"
        mine = {
            "ID": str(uuid.uuid4()),
            "Operation": operation,
            "Who": f"chaos@{gethostname()}",
            "Path": f"{bucket}/{self.run.key}",
            "Created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z"),
            "Version": "1.11.4",
            "Info": "",
        }
        deadline = time.monotonic() + float(self.run.option("-lock-timeout", "0s").removesuffix("s"))
        while (held := self._take(bucket, key, mine)) is not None:
            if time.monotonic() > deadline:
                raise Failed("Error acquiring the state lock", _told(held))
            time.sleep(LOOK)
        try:
            yield
        except Dropped:
            raise
        except BaseException:
            self.owner.client("s3").delete_object(Bucket=bucket, Key=key)
            raise
        self.client("s3").delete_object(Bucket=bucket, Key=key)

    def _take(self, bucket: str, key: str, mine: Json) -> Json | None:
        """None: it is ours; else who holds it."""
        s3 = self.client("s3")
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(mine).encode(), IfNoneMatch="*")
        except ClientError:
            try:
                return dict(json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
            except ClientError:
                return {}
        return None

    def _event(self, kind: str, **content: Any) -> None:
        self.say(json.dumps({"@level": "info", "type": kind, **content}))


def _told(held: Json) -> str:
    lines = [
        f"  {name}:  {held.get(name, '')}" for name in ("ID", "Path", "Operation", "Who", "Version", "Created", "Info")
    ]
    return "\n".join(["operation error S3: PutObject, https response error StatusCode: 412", "Lock Info:", *lines])
