"""What is said of a training whose job failed: why, what to do, and the end of its log."""

from reconciler.core.desired import Platform, Project
from reconciler.core.endings import Ending, Fault, Judgement, Key, judge
from reconciler.core.verdict import Problem


def mend(title: str) -> str:
    """What helps when the code is at fault, or nobody knows."""
    return f"mend it and commit, or try the same source again: reconcile train {title}"


def explained(ending: Ending, project: Project, platform: Platform) -> Problem:
    """Why its job failed, and what to do: in words of ours where those of AWS, or of the job's log, are known."""
    judgement = judge(ending)
    bare = ending.reason or "the job failed"
    what = f"{judgement.said}: {bare}" if judgement.said else bare
    unread = f"(its log could not be read: {ending.unread})" if ending.unread else ""
    return Problem(what, _remedy(judgement, project, platform), ending.log or unread)


def _remedy(judgement: Judgement, project: Project, platform: Platform) -> str:
    if judgement.key:
        change = _change(judgement.key, project, platform)
        return f"{change}, commit, and then: reconcile train {project.title}"
    if judgement.fault is Fault.WORLD:
        return "; ".join(part for part in ("a later run tries again", judgement.remedy) if part)
    if judgement.again:
        return f"{judgement.remedy}, and then: reconcile train {project.title}"
    return f"{judgement.remedy}; and commit" if judgement.remedy else mend(project.title)


def _change(key: Key, project: Project, platform: Platform) -> str:
    """Which key of the manifest to change, with its present value."""
    asked, resources = project.training, project.training.resources
    match key:
        case Key.MEMORY:
            return f"raise {key.value} (it is {resources.memory} MiB)"
        case Key.TIMEOUT:
            return f"raise {key.value} (it is {_span(asked.timeout)})"
        case Key.RESOURCES:
            gpu = f", gpu {resources.gpu}" if resources.gpu else ""
            return f"ask for less in {key.value} (vcpu {resources.vcpu:g}, memory {resources.memory} MiB{gpu})"
        case Key.MAX_VCPUS:
            less = f"ask for less in training.resources.vcpu (it is {resources.vcpu:g})"
            return f"raise {key.value} (it is {platform.max_vcpus}), or {less}"


def _span(seconds: int) -> str:
    """A time as the manifest writes it."""
    for unit, letter in ((3600, "h"), (60, "m")):
        if seconds % unit == 0:
            return f"{seconds // unit}{letter}"
    return f"{seconds}s"
