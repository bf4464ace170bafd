"""The past of a project: for a terminal, one block for each version; and as a JSON document."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from reconciler.core.trace import Chain, Registered, Spell, Trail
from reconciler.render.screen import print_pair, print_wrapped

FORMAT = 1
LABEL_WIDTH = 7


def show_trace(trail: Trail, chains: Sequence[Chain], console: Console) -> None:
    """Print the chains; an identifier is broken only where it is wider than the terminal, for it is to be copied."""
    if not chains:
        said = f"{trail.title or trail.project} has no version and no training yet"
        print_wrapped(Text(said), console, indent=0, hang=2)
    for number, chain in enumerate(chains):
        if number:
            console.print()
        console.print(Text(_title(chain), style="bold"))
        for label, value in _lines(chain):
            print_pair(Text(label, style="dim"), Text(value), console, indent=2, column=LABEL_WIDTH + 4)


def _title(chain: Chain) -> str:
    if chain.version is None:
        return f"no version, run {chain.status.value.lower()}" if chain.status else "no version"
    live = ", live" if chain.live else ""
    return f"version {chain.version}{live}{_REGISTERED[chain.registered]}"


_REGISTERED = {
    Registered.HERE: "",
    Registered.MISSING: ", not in MLflow any more",
    Registered.REPLACED: ", another model than the one that has this number in MLflow now",
}


def _lines(chain: Chain) -> list[tuple[str, str]]:
    """Label and value, without those that are not known."""
    made = [
        ("commit", chain.commit),
        ("source", chain.digest),
        ("job", chain.job),
        *(("attempt", f"{one.number}, {one.status.value.lower()}, run {one.run}") for one in chain.attempts),
        ("run", chain.run),
        ("given", chain.asked),
        ("trained", _without_registry(chain.training_image.uri)),
        ("sha256", chain.training_image.digest),
        ("image", _without_registry(chain.model_image.uri)),
        ("sha256", chain.model_image.digest),
    ]
    served = [("served", f"{one.name}{', live' if one.live else ''}") for one in chain.configurations]
    lived = [("was on" if spell.until else "on", _spell(spell)) for spell in chain.spells]
    return [(label, value) for label, value in (*made, *served, *lived) if value]


def _without_registry(uri: str) -> str:
    return uri.partition("/")[2]


def _spell(spell: Spell) -> str:
    until = f" to {spell.until}" if spell.until else ""
    return f"{spell.since}{until} by {spell.actor}, commit {spell.commit[:12]}, run {spell.run}"


def trace_document(trail: Trail, chains: Sequence[Chain], notes: Sequence[str]) -> dict[str, Any]:
    """The chains, ready for JSON."""
    return {
        "format": FORMAT,
        "platform": trail.platform.name,
        "environment": trail.platform.environment,
        "project": trail.title or trail.project,
        "chains": [_chain(chain) for chain in chains],
        "notes": list(notes),
    }


def _chain(chain: Chain) -> dict[str, Any]:
    training, model = chain.training_image, chain.model_image
    return {
        "version": chain.version,
        "live": chain.live,
        "registry": None if chain.version is None else chain.registered.value,
        "commit": chain.commit or None,
        "source_digest": chain.digest or None,
        "job": chain.job or None,
        "run": chain.run or None,
        "run_status": chain.status and chain.status.value,
        "given_by_hand": chain.asked or None,
        "attempts": [{"attempt": one.number, "run": one.run, "run_status": one.status.value} for one in chain.attempts],
        "training_image": {"uri": training.uri, "digest": f"sha256:{training.digest}"} if training.uri else None,
        "model_image": {"uri": model.uri, "digest": f"sha256:{model.digest}"} if model.uri else None,
        "configurations": [{"name": one.name, "live": one.live} for one in chain.configurations],
        "spells": [_spell_document(spell) for spell in chain.spells],
    }


def _spell_document(spell: Spell) -> dict[str, str | None]:
    return {
        "since": spell.since,
        "until": spell.until or None,
        "commit": spell.commit,
        "actor": spell.actor,
        "run": spell.run,
    }
