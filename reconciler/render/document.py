"""Plans and reports as JSON documents: the values of `render/format.py`, and nothing else."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

from reconciler.apply import Failure, ProjectReport, Report
from reconciler.core import actions, verdict
from reconciler.core.basis import Basis, Side
from reconciler.core.desired import Platform
from reconciler.core.digest import digest
from reconciler.errors import ReconcilerError
from reconciler.reconcile import Options, Proposal
from reconciler.render import format as form
from reconciler.render.words import counts, line, summary

D = TypeVar("D", form.Plan, form.Run, form.Failure)


def document(proposal: Proposal, report: Report | None = None) -> dict[str, Any]:
    """The plan, and what became of it, ready for JSON."""
    return asdict(_plan(proposal, report))


def run_document(rounds: Sequence[tuple[Proposal, Report]]) -> dict[str, Any]:
    """Everything that a run carried out, ready for JSON."""
    return asdict(_sealed(form.Run(form.FORMAT, [_plan(*one) for one in rounds], "")))


def failure_document(error: ReconcilerError, platform: Platform | None) -> dict[str, Any]:
    """Why there is no plan, and of which environment as far as it is known, ready for JSON."""
    made = form.Failure(
        format=form.FORMAT,
        platform=platform.name if platform else None,
        environment=platform.environment if platform else None,
        region=platform.region if platform else None,
        error=form.Error(error.what, error.remedy, error.exit_code, error.detail),
        digest="",
    )
    return asdict(_sealed(made))


def _sealed(document: D) -> D:
    """With the digest over everything else in it."""
    content = asdict(document)
    del content["digest"]
    return replace(document, digest=digest(content))


def _plan(proposal: Proposal, report: Report | None) -> form.Plan:
    platform, plan = proposal.desired.platform, proposal.plan
    made = form.Plan(
        format=form.FORMAT,
        platform=platform.name,
        environment=platform.environment,
        region=platform.region,
        account=proposal.observed.account,
        options=_chosen(proposal.options),
        basis=_basis(proposal.basis),
        summary=summary(plan),
        pending=bool(plan.actions),
        counts=form.Counts(**counts(plan)),
        platform_actions=[_action(plan.platform)] if plan.platform else [],
        platform_held=[_action(plan.held)] if plan.held else [],
        platform_refusals=_problems(plan.refusals),
        projects=[_project(project) for project in plan.projects],
        problems=_problems(plan.problems),
        notes=list(plan.notes),
        report=_report(report) if report else None,
        digest="",
    )
    return _sealed(made)


def _chosen(options: Options) -> form.Chosen:
    asked = options.demands
    return form.Chosen(
        projects=sorted(options.projects),
        allow_retire=sorted(options.allow_retire),
        train=sorted(asked.train),
        retry=sorted(asked.retry),
        despite_alarm=sorted(asked.despite_alarm),
        parameters=dict(asked.parameters),
    )


def _basis(rests: Basis) -> form.Basis:
    return form.Basis(rests.commit, _side(rests.desired), _side(rests.observed), _side(rests.plan))


def _side(side: Side) -> form.Side:
    return form.Side(dict(side.environment), {name: dict(digests) for name, digests in side.projects.items()})


def _project(project: verdict.ProjectPlan) -> form.Project:
    return form.Project(
        name=project.name,
        was=project.was,
        sync=project.sync.value,
        health=project.health.value,
        paused=project.paused,
        live_version=project.live_version,
        desired_version=project.desired_version,
        actions=[_action(action) for action in project.actions],
        pending=[pending.what for pending in project.pending],
        waits=list(project.waits),
        problems=_problems(project.problems),
        held=[_action(action) for action in project.held],
        refusals=_problems(project.refusals),
        tolerated=[_action(action) for action in project.tolerated],
        notes=list(project.notes),
    )


def _action(step: actions.Action) -> form.Action:
    words = line(step)
    return form.Action(
        action=type(step).__name__,
        what=words.what,
        why=words.why,
        cause=actions.cause(step).value,
        details=list(words.details),
        rollback=words.symbol == "<",
    )


def _problems(problems: Sequence[verdict.Problem]) -> list[form.Problem]:
    return [form.Problem(problem.what, problem.remedy, problem.detail) for problem in problems]


def _report(report: Report) -> dict[str, form.Outcome]:
    return {run.name: _outcome(run) for run in report.runs}


def _outcome(run: ProjectReport) -> form.Outcome:
    return form.Outcome(
        done=[line(step).what for step in run.done],
        skipped=[line(step).what for step in run.skipped],
        failed=_stopped(run.failure) if run.failure and not run.failure.busy else None,
        busy=_stopped(run.failure) if run.failure and run.failure.busy else None,
        submitted=[line(step).what for step in run.submitted],
    )


def _stopped(failure: Failure) -> form.Stopped:
    error = failure.error
    return form.Stopped(line(failure.step).what, error.what, error.remedy, error.detail)
