"""A small MLflow server: exactly what the reconciler and a job ask of one."""

import copy
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]


class Refused(Exception):
    """An answer with an error code."""


@dataclass
class Registry:
    """Experiments, runs and versions, and the requests that they answer."""

    experiments: dict[str, str] = field(default_factory=dict)
    """Ids by name."""
    runs: dict[str, Json] = field(default_factory=dict)
    models: dict[str, list[Json]] = field(default_factory=dict)
    """Versions of each registered model, ascending."""

    def answer(self, path: str, sent: Json) -> Json:
        """Raises Refused."""
        return getattr(self, re.sub(r"\W", "_", path))(**sent)

    def experiments_get_by_name(self, experiment_name: str) -> Json:
        if experiment_name not in self.experiments:
            raise Refused("RESOURCE_DOES_NOT_EXIST")
        return {
            "experiment": {"experiment_id": self.experiments[experiment_name], "lifecycle_stage": "active"},
        }

    def experiments_create(self, name: str) -> Json:
        if name in self.experiments:
            raise Refused("RESOURCE_ALREADY_EXISTS")
        self.experiments[name] = str(len(self.experiments) + 1)
        return {"experiment_id": self.experiments[name]}

    def runs_create(self, experiment_id: str, start_time: int, tags: list[Json], run_name: str) -> Json:
        number = f"{len(self.runs) + 1:032x}"
        info = {"run_id": number, "experiment_id": experiment_id, "status": "RUNNING", "start_time": start_time}
        self.runs[number] = {"info": info, "data": {"tags": list(tags), "metrics": []}, "outputs": {}}
        return {"run": self.runs[number]}

    def runs_search(self, experiment_ids: list[str], filter: str, **_: Any) -> Json:  # noqa: A002
        wanted = re.findall(r"tags\.`([^`]+)` = '([^']*)'", filter)
        found = [run for run in self.runs.values() if run["info"]["experiment_id"] in experiment_ids]
        found = [run for run in found if all(_tags(run).get(key) == value for key, value in wanted)]
        return {"runs": sorted(found, key=lambda run: (-run["info"]["start_time"], run["info"]["run_id"]))}

    def runs_get(self, run_id: str) -> Json:
        if run_id not in self.runs:
            raise Refused("RESOURCE_DOES_NOT_EXIST")
        return {"run": self.runs[run_id]}

    def runs_set_tag(self, run_id: str, key: str, value: str) -> Json:
        tags = self.runs[run_id]["data"]["tags"]
        tags[:] = [tag for tag in tags if tag["key"] != key] + [{"key": key, "value": value}]
        return {}

    def runs_delete_tag(self, run_id: str, key: str) -> Json:
        tags = self.runs[run_id]["data"]["tags"]
        tags[:] = [tag for tag in tags if tag["key"] != key]
        return {}

    def runs_update(self, run_id: str, status: str, end_time: int = 0) -> Json:
        self.runs[run_id]["info"] |= {"status": status, "end_time": end_time}
        return {"run_info": self.runs[run_id]["info"]}

    def registered_models_create(self, name: str) -> Json:
        if name in self.models:
            raise Refused("RESOURCE_ALREADY_EXISTS")
        self.models[name] = []
        return {}

    def model_versions_search(self, filter: str, **_: Any) -> Json:  # noqa: A002
        name = filter.removeprefix("name='").removesuffix("'")
        return {"model_versions": self.models.get(name, [])}

    def model_versions_get(self, name: str, version: str) -> Json:
        found = [one for one in self.models.get(name, []) if one["version"] == version]
        if not found:
            raise Refused("RESOURCE_DOES_NOT_EXIST")
        return {"model_version": found[0]}

    def model_versions_create(self, name: str, run_id: str, source: str, **_: Any) -> Json:
        version = {"name": name, "version": str(len(self.models[name]) + 1), "run_id": run_id, "status": "READY"}
        version |= {"source": source, "creation_timestamp": int(time.time() * 1000)}
        self.models[name].append(version)
        return {"model_version": version}

    def train(self, run_id: str, model: str, registers: bool) -> Json:
        """What a job does: it logs a model, registers it if it is one of those that do, and ends its run."""
        run = self.runs_get(run_id)["run"]
        if run["info"]["status"] == "FINISHED":  # a second attempt
            return {}
        logged = f"m-{run_id[-4:]}"
        run["outputs"] = {"model_outputs": [{"model_id": logged}]}
        if registers:
            self.models.setdefault(model, [])
            self.model_versions_create(model, run_id, f"models:/{logged}")
        run["info"] |= {"status": "FINISHED"}
        return {}


def _tags(run: Json) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in run["data"]["tags"]}


class MlflowServer:
    """Serves a registry on loopback."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.lock = threading.Lock()

        class Handler(_Handler):
            owner = self

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.port = int(server.server_address[1])
        threading.Thread(target=server.serve_forever, args=(0.5,), daemon=True).start()

    def save(self) -> Registry:
        """All that it holds now."""
        with self.lock:
            return copy.deepcopy(self.registry)

    def restore(self, saved: Registry) -> None:
        """Hold that again."""
        with self.lock:
            self.registry = copy.deepcopy(saved)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    owner: MlflowServer

    def log_message(self, *details: object) -> None:
        pass

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlsplit(self.path)
        sent = json.loads(body) if body else dict(parse_qsl(address.query))
        try:
            with self.owner.lock:
                content = self.owner.registry.answer(address.path.removeprefix("/api/2.0/mlflow/").lstrip("/"), sent)
                answer = json.dumps(content).encode()
            self.send_response(200)
        except Refused as refused:
            answer = json.dumps({"error_code": str(refused), "message": f"{address.path}: {sent}"}).encode()
            self.send_response(404 if "NOT_EXIST" in str(refused) else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815
