"""What drifted, as text, JSON and Markdown: addresses and names of attributes, never their values."""

from typing import Any

from rich.console import Console
from rich.text import Text

from reconciler.core.desired import DriftPolicy
from reconciler.core.drift import ResourceDrift, StackDrift
from reconciler.core.strays import survey_note, unsearched_notes
from reconciler.drift import Survey
from reconciler.render.markup import escape, item, shortened
from reconciler.render.screen import column_for, print_pair, print_wrapped
from reconciler.render.text import show_problem

FORMAT = 1
SYMBOLS = {"create": "+", "update": "~", "replace": "-/+", "delete": "-"}
"""Of what would bring a resource back."""
OTHER_CODE = "its Terraform code changed since it was applied: this may be that change"
WIDTH = 24
"""Columns of a stack's name, or of an address, at least."""


def drift_summary(found: Survey) -> str:
    """The last line."""
    resources = sum(len(stack.resources) for stack in found.drifted)
    looked = len(found.stacks) - len(found.unknown)
    unknown = f", {len(found.unknown)} could not be looked at" if found.unknown else ""
    if not found.drifted:
        return f"No drift in {_many(looked, 'stack')}{unknown}."
    return f"Drift: {_many(resources, 'resource')} in {len(found.drifted)} of {_many(looked, 'stack')}{unknown}."


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def stack_name(stack: StackDrift) -> str:
    """`churn/deployment`, or `platform`."""
    return f"{stack.project}/{stack.kind}" if stack.project else stack.kind


def _verdict(stack: StackDrift) -> str:
    if stack.unknown:
        return "unknown"
    if not stack.resources:
        return "no drift"
    ignored = ", ignored by its drift policy" if stack.policy is DriftPolicy.IGNORE else ""
    return f"{_many(len(stack.resources), 'resource')} drifted{ignored}"


def _notes(stack: StackDrift) -> tuple[str, ...]:
    return (OTHER_CODE,) if stack.other_code and stack.resources else ()


def _strays(found: Survey) -> tuple[str, ...]:
    return (*(survey_note(stray) for stray in found.strays), *unsearched_notes(found.unsearched))


def _told(drift: ResourceDrift) -> str:
    return f"{drift.action}: {', '.join(drift.fields)}" if drift.fields else drift.action


def show_drift(found: Survey, console: Console) -> None:
    """Print one row for each stack, and under it what drifted."""
    platform = found.desired.platform
    heading = f"{platform.name}-{platform.environment} in {platform.region}, account {found.account}"
    print_wrapped(Text(heading, style="bold"), console, indent=0, hang=2)
    console.print()
    names = [stack_name(stack) for stack in found.stacks]
    addresses = [drift.address for stack in found.stacks for drift in stack.resources]
    column = column_for(names, console, 0, WIDTH), column_for([f"- {one}" for one in addresses], console, 2, WIDTH)
    for stack in found.stacks:
        _show_stack(stack, console, *column)
    for note in _strays(found):
        print_wrapped(Text(f"note: {note}", style="yellow"), console, indent=0, hang=2)
    console.print()
    print_wrapped(Text(drift_summary(found), style="bold"), console, indent=0, hang=2)


def _show_stack(stack: StackDrift, console: Console, verdicts: int, causes: int) -> None:
    style = "red" if stack.unknown else "yellow" if stack.resources else "green"
    print_pair(Text(stack_name(stack)), Text(_verdict(stack), style=style), console, 0, verdicts)
    for drift in stack.resources:
        what = Text.assemble((SYMBOLS[drift.action], "yellow"), f" {drift.address}")
        print_pair(what, Text(_told(drift), style="dim"), console, 2, causes)
    for note in _notes(stack):
        print_wrapped(Text(f"note: {note}", style="yellow"), console, indent=2, hang=2)
    if stack.unknown:
        show_problem(stack.unknown, console)


def drift_markdown(found: Survey) -> str:
    """Summary first, then one section for each stack that has something to tell."""
    platform = found.desired.platform
    parts = [f"## Drift of `{platform.name}-{platform.environment}`", f"**{escape(drift_summary(found))}**"]
    telling = [stack for stack in found.stacks if stack.resources or stack.unknown]
    parts += [_section(stack) for stack in telling]
    parts += [item(note, "note") for note in _strays(found)]
    quiet = [stack_name(stack) for stack in found.stacks if stack not in telling]
    if quiet:
        parts.append(f"No drift: {', '.join(f'`{name}`' for name in quiet)}")
    return shortened(parts)


def _section(stack: StackDrift) -> str:
    lines = [f"### {escape(stack_name(stack))}: {_verdict(stack)}", ""]
    lines += [item(drift.address, _told(drift)) for drift in stack.resources]
    lines += [item(note, "note") for note in _notes(stack)]
    if stack.unknown:
        lines.append(item(stack.unknown.what, stack.unknown.remedy))
    return "\n".join(lines)


def drift_document(found: Survey) -> dict[str, Any]:
    """Everything, ready for JSON."""
    platform = found.desired.platform
    return {
        "format": FORMAT,
        "platform": platform.name,
        "environment": platform.environment,
        "region": platform.region,
        "account": found.account,
        "status": "Drifted" if found.drifted else "Unknown" if found.unknown else "InSync",
        "summary": drift_summary(found),
        "stacks": [_stack(stack) for stack in found.stacks],
        "strays": [
            {"kind": one.thing.kind.value, "name": one.thing.name, "ours": one.ours, "note": survey_note(one)}
            for one in found.strays
        ],
        "notes": list(unsearched_notes(found.unsearched)),
    }


def _stack(stack: StackDrift) -> dict[str, Any]:
    return {
        "stack": stack.kind,
        "project": stack.project,
        "status": "Unknown" if stack.unknown else "Drifted" if stack.resources else "InSync",
        "drift_policy": stack.policy.value,
        "resources": [
            {"address": drift.address, "action": drift.action, "fields": list(drift.fields)}
            for drift in stack.resources
        ],
        "problem": {"what": stack.unknown.what, "remedy": stack.unknown.remedy} if stack.unknown else None,
        "notes": list(_notes(stack)),
    }
