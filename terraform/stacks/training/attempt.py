"""Train in an MLflow run of this attempt's own. Batch runs this with `python -c`, in images that know nothing of it.

A host that is reclaimed leaves parameters, metrics, models and versions in its run. What goes on in the same run may
change no parameter, and has each model twice. So a later attempt gets a fresh run; those before are KILLED, and linked.
"""

import json
import os
import sys

sys.path = [path for path in sys.path if path]  # The project's folder may hold a file that is called like a module.

NO_RUN = "none"  # Of jobs that the clock starts: `mlflow run` opens a run for each attempt by itself.
KEPT = ("asked", "commit", "digest", "environment", "project", "revision", "submitting")


def fresh_run(first, attempt):
    """Id of a new run with the source of the job's first one. For clients of MLflow 1 to 3."""
    from mlflow.tracking import MlflowClient

    client = MlflowClient()
    origin = client.get_run(first)
    experiment, tags = origin.info.experiment_id, origin.data.tags
    later = client.search_runs([experiment], f"tags.`reconciler.first` = '{first}'")
    before = sorted([origin, *later], key=lambda run: int(run.data.tags.get("reconciler.attempt", "1")))
    for run in before:
        if run.info.status != "KILLED":
            client.set_terminated(run.info.run_id, "KILLED")
    last = before[-1].info.run_id
    own = {name: tags[f"reconciler.{name}"] for name in KEPT if f"reconciler.{name}" in tags}
    own.update(attempt=str(attempt), first=first, previous=last, registered="0", job=os.environ["AWS_BATCH_JOB_ID"])
    fresh = {f"reconciler.{name}": value for name, value in own.items()}
    fresh["mlflow.runName"] = f"{tags.get('mlflow.runName', first)}-attempt-{attempt}"
    if "mlflow.source.git.commit" in tags:
        fresh["mlflow.source.git.commit"] = tags["mlflow.source.git.commit"]
    run = client.create_run(experiment, tags=fresh).info.run_id
    client.set_tag(last, "reconciler.next", run)
    return run


def main(run):
    """Become `mlflow run`."""
    attempt = int(os.environ.get("AWS_BATCH_JOB_ATTEMPT", "1"))
    if run != NO_RUN and attempt > 1:
        try:
            run = fresh_run(run, attempt)
        except Exception as error:
            sys.exit(f"attempt {attempt} got no MLflow run of its own: {error}")
        print(f"attempt {attempt} trains in a run of its own: {run}", flush=True)  # noqa: T201
    entry, chosen = (
        os.environ.get("RECONCILER_ENTRY_POINT"),
        json.loads(os.environ.get("RECONCILER_PARAMETERS") or "{}"),
    )
    given = [] if run == NO_RUN else ["--run-id", run]
    given += ["--entry-point", entry] if entry else []
    given += [f"-P{name}={value}" for name, value in chosen.items()]
    os.execvp("mlflow", ["mlflow", "run", ".", "--env-manager", "local", *given])  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1])
