"""The words for actions, changes and sums, shared by every format."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reconciler.apply import ProjectReport
from reconciler.core.actions import (
    Action,
    Bootstrap,
    BuildModelImage,
    BuildServerImage,
    BuildTrainingImage,
    Cause,
    Change,
    Deploy,
    PlatformAction,
    ProvisionDeployment,
    ProvisionPlatform,
    ProvisionServer,
    ProvisionTraining,
    RegisterModel,
    Repair,
    RestoreGuardrails,
    RetireBootstrap,
    RetireDeployment,
    RetirePlatform,
    RetireServer,
    RetireTraining,
    Train,
    Update,
    cause,
)
from reconciler.core.verdict import Pending, Plan, Problem, ProjectPlan
from reconciler.render.values import detail

LEFT = "left as it is: the drift policy is warn"
"""Said of what is not brought back."""


@dataclass(frozen=True, slots=True)
class Line:
    """One action in words."""

    symbol: str
    """`+` makes, `~` changes, `<` goes back, `>` runs, `-` removes, `.` waits."""
    what: str
    why: str
    details: tuple[str, ...] = ()
    cause: Cause | None = None
    """None for what is only waited for."""

    @property
    def reason(self) -> str:
        """Cause and reason in one."""
        return ": ".join(part for part in (self.cause, self.why) if part)


def line(step: Action | Pending) -> Line:
    """Put one action into words."""
    return _line(step) if isinstance(step, Pending) else replace(_line(step), cause=cause(step))


def _line(step: Action | Pending) -> Line:  # noqa: C901, PLR0911, PLR0912 - one case for each action
    match step:
        case ProvisionTraining(_, reason, _, changes):
            return Line("~" if changes else "+", "provision training", reason, _details(changes))
        case BuildTrainingImage(_, reason, source, _):
            return Line("+", f"build the training image of {source.digest[:12]}", reason)
        case Train(reason=reason, digest=digest, revision=revision):
            return Line(">", f"train {digest[:12]}" + (f", revision {revision}" if revision else ""), reason)
        case RegisterModel(_, reason, model, run_id, _):
            return Line("+", f"register the model of run {run_id[:8]} as {model}", reason)
        case ProvisionDeployment(_, reason, spec):
            what = "take the endpoint down" if spec["releases"] else "provision the model repository"
            return Line("-" if spec["releases"] else "+", what, reason)
        case BuildModelImage(reason=reason, version=version):
            return Line("+", f"build the image of version {version.number}", reason)
        case Deploy(_, reason, _, after):
            return Line("+", f"deploy version {after.version}", reason)
        case Update():
            return _update(step)
        case Repair(_, reason, _, after):
            return Line("~", f"repair the endpoint: version {after.version}", reason)
        case RestoreGuardrails(_, reason, _, _):
            return Line("~", "restore the endpoint's guardrails", reason)
        case RetireDeployment(_, reason):
            return Line("-", "retire the deployment", reason)
        case RetireTraining(_, reason, _):
            return Line("-", "retire training", reason)
        case Pending(what):
            return Line(".", f"wait: {what}", "")
        case _:
            return _environment(step)


def _environment(step: PlatformAction) -> Line:  # noqa: PLR0911 - one case for each action
    match step:
        case Bootstrap(reason, _, _, changes):
            return Line("~" if changes else "+", "provision the state bucket and roles", reason, _details(changes))
        case ProvisionServer(reason, _, changes):
            return Line("~" if changes else "+", "provision the MLflow server", reason, _details(changes))
        case BuildServerImage(reason, _):
            return Line("+", "build the MLflow server's image", reason)
        case RetireServer(reason, _):
            return Line("-", "retire the MLflow server", reason)
        case RetirePlatform(reason):
            return Line("-", "retire the platform", reason)
        case RetireBootstrap(reason, _):
            return Line("-", "retire the state bucket and roles", reason)
        case ProvisionPlatform(reason, _, changes):
            return Line("~" if changes else "+", "provision the platform", reason, _details(changes))


def _update(update: Update) -> Line:
    before, after = update.before, update.after
    if before is None or before.version == after.version:
        return Line("~", f"update version {after.version}", update.reason, _details(update.changes))
    moved = f"version {before.version} -> {after.version}"
    if update.rollback:
        return Line("<", f"rollback {moved}", update.reason)
    details = tuple(change for change in update.changes if change.field != "version")
    return Line("~", f"update {moved}", update.reason, _details(details))


def _details(changes: tuple[Change, ...]) -> tuple[str, ...]:
    return tuple(detail(change) for change in changes)


def counts(plan: Plan) -> dict[str, int]:
    """How many of each kind there are to do; `retire` counts projects, and `rollback` is part of `update`."""
    kinds = Counter(type(action) for action in plan.actions)
    retiring = {a.project for a in plan.actions if isinstance(a, RetireDeployment | RetireTraining)}
    return {
        "train": kinds[Train],
        "deploy": kinds[Deploy],
        "update": kinds[Update],
        "rollback": sum(isinstance(action, Update) and action.rollback for action in plan.actions),
        "repair": kinds[Repair] + kinds[RestoreGuardrails],
        "retire": len(retiring),
        "provision": kinds[ProvisionPlatform] + kinds[ProvisionTraining] + kinds[ProvisionDeployment],
    }


def summary(plan: Plan) -> str:
    """The last line of a plan."""
    n = counts(plan)
    if not plan.actions:
        return _nothing(plan)
    rollbacks = f" ({n['rollback']} rollback{'s' if n['rollback'] > 1 else ''})" if n["rollback"] else ""
    extra = "".join(f", {n[kind]} to {kind}" for kind in ("repair", "provision") if n[kind])
    main = (
        f"{n['train']} to train, {n['deploy']} to deploy, {n['update']} to update{rollbacks}, {n['retire']} to retire"
    )
    return f"Plan: {main}{extra}."


def withheld(project: ProjectPlan) -> str:
    """Why actions of a project are held back, in one word."""
    return "paused" if project.paused else refused(project.refusals)


def refused(refusals: Sequence[Problem]) -> str:
    """`refused`; `frozen` where a freeze alone holds something back, which git asks for."""
    return "frozen" if refusals and all(one.expected for one in refusals) else "refused"


def _nothing(plan: Plan) -> str:
    words = [refused(project.refusals) for project in plan.projects if project.refusals]
    paused = sum(bool(project.paused) for project in plan.projects)
    waiting = sum(bool(project.pending or project.waits) for project in plan.projects)
    troubled = sum(bool(project.problems) for project in plan.projects)
    drifted = sum(bool(project.tolerated) for project in plan.projects)
    parts = (
        (words.count("refused"), "refused"),
        (words.count("frozen"), "frozen"),
        (paused, "paused"),
        (waiting, "under way"),
        (troubled, "in need of attention"),
        (drifted, "drifted and left so"),
    )
    said = ", ".join(f"{number} {what}" for number, what in parts if number)
    if said or plan.problems or plan.refusals:
        otherwise = (
            f"the platform is {refused(plan.refusals)}" if plan.refusals else "the environment could not be read"
        )
        return f"Nothing to do now: {said or otherwise}."
    return f"No changes: {len(plan.projects)} {'project is' if len(plan.projects) == 1 else 'projects are'} in sync."


def applied(runs: Sequence[ProjectReport]) -> str:
    """What became of the steps of a run, in numbers."""
    failed = sum(run.failure is not None and not run.failure.busy for run in runs)
    busy = sum(run.failure is not None and run.failure.busy for run in runs)
    left = f", {busy} left to the next run" if busy else ""
    done, skipped = sum(len(run.done) for run in runs), sum(len(run.skipped) for run in runs)
    begun = sum(len(run.submitted) for run in runs)
    submitted = f", {begun} submitted" if begun else ""
    return f"{done} done{submitted}, {failed} failed{left}, {skipped} not begun"


def duration(seconds: float) -> str:
    """`8.2 s`, `12 min 5 s` or `3 h 1 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
