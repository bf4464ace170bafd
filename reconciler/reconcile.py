"""The loop: observe, plan, guard — and, when asked, carry out."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from reconciler.apply import Listener, Report, apply
from reconciler.core.actions import RegisterModel, Train, Update
from reconciler.core.basis import Basis, basis, moved
from reconciler.core.desired import Demands, DesiredState, Platform
from reconciler.core.guards import Circumstances, guard, objections
from reconciler.core.near import no_project
from reconciler.core.observed import ObservedState
from reconciler.core.plan import plan
from reconciler.core.rollout import UNGUARDED
from reconciler.core.verdict import Pending, Plan, Problem
from reconciler.errors import Interrupted, ReconcilerError, Refused, StateLocked
from reconciler.observe import observe
from reconciler.perform import Executor
from reconciler.perform.notes import write_notes
from reconciler.ports import World

CHANGES_PENDING = 2


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who starts a reconcile chooses."""

    projects: frozenset[str] = frozenset()
    """Only these; empty: all."""
    allow_retire: frozenset[str] = frozenset()
    demands: Demands = field(default_factory=Demands)
    wait: bool = False
    """Stay until trainings have ended, and deploy what they made."""
    parallelism: int = 2
    planned: Basis | None = None
    """What a plan file rests on: that very plan is carried out, once, or none."""
    following: bool = False
    """Whether `projects` are those that this run itself has moved on."""

    @property
    def asked(self) -> frozenset[str]:
        """Projects that somebody named."""
        return (self.projects if not self.following else frozenset()) | self.demands.train | self.demands.retry


@dataclass(frozen=True, slots=True)
class Proposal:
    """A guarded plan together with what it was made from: two states, and what somebody chose."""

    desired: DesiredState
    observed: ObservedState
    plan: Plan
    options: Options = Options()

    @property
    def basis(self) -> Basis:
        """What it rests on."""
        return basis(self.desired, self.observed, self.plan, self.options.projects)


def propose(desired: DesiredState, world: World, options: Options) -> Proposal:
    """Find out what there is to do. Changes nothing; this alone is a dry run.

    Raises Refused in a wrong account, and when it is not what a plan file says.
    """
    observed = observe(desired, world)
    check_account(desired.platform, observed.account)
    circumstances = find_circumstances(desired, world, options)
    guarded = guard(plan(desired, observed, options.demands), desired, observed, circumstances)
    guarded = replace(guarded, notes=(*guarded.notes, *_unheard(options, guarded)))
    proposal = Proposal(desired, observed, _only(guarded, options.projects), options)
    if options.planned is None:
        _check_known(options.projects, guarded)
    else:
        check_plan(options.planned, proposal.basis)
    return proposal


def find_circumstances(desired: DesiredState, world: World, options: Options) -> Circumstances:
    """When, where and on whose word. Git is asked for no more than the environment asks. Raises SourceUnusable."""
    requires, sources = desired.requires, world.sources
    return Circumstances(
        now=world.clock.now(),
        allow_retire=options.allow_retire,
        demands=options.demands,
        asked=options.asked,
        uncommitted=sources.uncommitted(requires.clean) if requires.clean else (),
        signature_fault=sources.signature_fault() if requires.signed else "",
    )


def find_objections(desired: DesiredState, world: World) -> tuple[Problem, ...]:
    """What stands against every change of the environment, here and now. Raises SourceUnusable."""
    return objections(desired, find_circumstances(desired, world, Options()))


def check_objections(desired: DesiredState, world: World) -> None:
    """Raises Refused when nothing of the environment may be changed, here and now."""
    if found := find_objections(desired, world):
        raise Refused("\n".join(one.what for one in found), "\n  ".join(one.remedy for one in found))


def check_plan(planned: Basis, found: Basis) -> None:
    """Raises Refused with everything that moved since a plan was made."""
    if sentences := moved(planned, found):
        what = "\n  ".join(("the plan is not applied, because since it was made", *sentences))
        raise Refused(what, "nothing was changed; make a new plan")


def check_account(platform: Platform, account: str) -> None:
    """Raises Refused when the manifest names another account."""
    if platform.account and platform.account != account:
        what = f"these credentials are for account {account}, the manifest is for {platform.account}"
        raise Refused(what, "nothing was changed; use the other account's credentials")


def carry_out(proposal: Proposal, world: World, options: Options, listener: Listener) -> Report:
    """Do what was proposed, and note what was seen."""
    write_notes(proposal.desired, proposal.observed, world)
    executor = Executor(proposal.desired, world, options.wait)
    return apply(proposal.plan, executor, listener, options.parallelism)


def follow_up(report: Report) -> frozenset[str]:
    """Projects whose training just made a new version, or whose endpoint came to rest: there may be more to do."""
    return frozenset(
        project.name
        for project in report.projects
        if project.failure is None and any(isinstance(step, Train | RegisterModel | Pending) for step in project.done)
    )


def housed(proposal: Proposal, report: Report) -> frozenset[str]:
    """Projects that waited for a network, which this run has made."""
    if report.platform is None or report.platform.failure:
        return frozenset()
    waiting = {project.name for project in proposal.plan.projects if project.waits}
    failed = {project.name for project in report.projects if project.failure}
    housing = {one.title for one in proposal.desired.projects if one.deployment and one.deployment.vpc}
    return frozenset((waiting & housing) - failed)


def taken_over(report: Report) -> frozenset[str]:
    """Projects whose adopted endpoint has moved to a release of ours: now it gets its guardrails."""
    return frozenset(
        project.name
        for project in report.projects
        if project.failure is None and any(isinstance(step, Update) and UNGUARDED in step.spec for step in project.done)
    )


def reconcile(
    desired: DesiredState, world: World, options: Options, listener: Listener, show: Callable[[Proposal], None]
) -> tuple[tuple[Proposal, Report], ...]:
    """Propose and carry out; with `wait`, again for the projects that a finished training has moved on.

    A plan file is carried out alone: what follows from it is for another plan.
    `show` is called with each proposal before anything of it is done.
    """
    rounds: list[tuple[Proposal, Report]] = []
    while True:
        proposal = propose(desired, world, options)
        show(proposal)
        report = carry_out(proposal, world, options, listener)
        rounds.append((proposal, report))
        moving = housed(proposal, report) | taken_over(report) | (follow_up(report) if options.wait else frozenset())
        if not moving or options.planned or world.cancel.is_set():
            return tuple(rounds)
        options = replace(options, projects=moving, following=True, demands=options.demands.heard)


def _only(whole: Plan, chosen: Collection[str]) -> Plan:
    """The plan of the chosen projects. The platform stays: they may need it."""
    if not chosen:
        return whole
    return replace(whole, projects=tuple(project for project in whole.projects if project.name in chosen))


def _check_known(chosen: Collection[str], whole: Plan) -> None:
    """Raises ReconcilerError for a project that nobody knows."""
    known = {project.name for project in whole.projects}
    if unknown := sorted(set(chosen) - known):
        called = [f"{project.was} is called {project.name} now" for project in whole.projects if project.was in unknown]
        what, there = no_project(unknown, known)
        raise ReconcilerError(what, "; ".join((*called, there)))


def _unheard(options: Options, whole: Plan) -> tuple[str, ...]:
    """Names that somebody allowed something for and nobody has: of another environment, or mistyped."""
    known = {project.name for project in whole.projects}
    asked = {"--allow-retire": options.allow_retire, "--despite-alarm": options.demands.despite_alarm}
    return tuple(
        f"{option} {name}: {no_project([name], known)[0]}"
        for option, names in asked.items()
        for name in sorted(names - known)
    )


def exit_code(rounds: tuple[tuple[Proposal, Report | None], ...], *, detailed: bool) -> int:
    """0 in sync or done, 1 something failed or needs a person, 4 a guard refused, 5 nothing failed but that
    somebody's Terraform holds the lock of a state, 2 (`detailed`) changes are pending.

    A report of None is a dry run.
    """
    failures = [failure.error for _, report in rounds if report for failure in report.failures]
    if any(isinstance(error, Interrupted) for error in failures):
        return Interrupted.exit_code
    if failures and all(isinstance(error, StateLocked) for error in failures):
        return StateLocked.exit_code
    if failures or any(proposal.plan.troubled for proposal, _ in rounds):
        return ReconcilerError.exit_code
    if any(proposal.plan.refused for proposal, _ in rounds):
        return Refused.exit_code
    pending = any(report is None and proposal.plan.pending for proposal, report in rounds)
    return CHANGES_PENDING if detailed and pending else 0
