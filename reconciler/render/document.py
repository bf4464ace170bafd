"""Plans and reports as JSON documents. An allow-list: a specification, and so a secret in one, is never in it."""

from typing import Any

from reconciler.apply import Failure, Report
from reconciler.core.actions import Action
from reconciler.core.verdict import Pending, Problem, ProjectPlan
from reconciler.reconcile import Proposal
from reconciler.render.words import counts, line, summary

FORMAT = 1


def document(proposal: Proposal, report: Report | None = None) -> dict[str, Any]:
    """The plan, and what became of it, ready for JSON."""
    platform, plan = proposal.desired.platform, proposal.plan
    content: dict[str, Any] = {
        "format": FORMAT,
        "platform": platform.name,
        "environment": platform.environment,
        "region": platform.region,
        "account": proposal.observed.account,
        "summary": summary(plan),
        "counts": counts(plan),
        "platform_actions": [_action(plan.platform)] if plan.platform else [],
        "projects": [_project(project) for project in plan.projects],
        "problems": [_problem(problem) for problem in plan.problems],
        "notes": list(plan.notes),
    }
    if report:
        content["report"] = _report(report)
    return content


def _project(project: ProjectPlan) -> dict[str, Any]:
    return {
        "name": project.name,
        "sync": project.sync,
        "health": project.health,
        "paused": project.paused,
        "live_version": project.live_version,
        "desired_version": project.desired_version,
        "actions": [_action(action) for action in project.actions],
        "pending": [pending.what for pending in project.pending],
        "waits": list(project.waits),
        "problems": [_problem(problem) for problem in project.problems],
        "held": [_action(action) for action in project.held],
        "refusals": [_problem(refusal) for refusal in project.refusals],
        "notes": list(project.notes),
    }


def _action(step: Action | Pending) -> dict[str, Any]:
    words = line(step)
    return {
        "action": type(step).__name__,
        "what": words.what,
        "why": words.why,
        "details": list(words.details),
        "rollback": words.symbol == "<",
    }


def _problem(problem: Problem) -> dict[str, str]:
    return {"what": problem.what, "remedy": problem.remedy}


def _report(report: Report) -> dict[str, Any]:
    runs = ((report.platform,) if report.platform else ()) + report.projects
    return {
        run.name: {
            "done": [line(step).what for step in run.done],
            "skipped": [line(step).what for step in run.skipped],
            "failed": _stop(run.failure) if run.failure and not run.failure.busy else None,
            "busy": _stop(run.failure) if run.failure and run.failure.busy else None,
        }
        for run in runs
    }


def _stop(failure: Failure) -> dict[str, str]:
    return {"step": line(failure.step).what, "what": failure.error.what, "remedy": failure.error.remedy}
