"""What is noted on MLflow runs beside what was planned. It changes nothing in AWS, and a dry run does not do it."""

from reconciler.core.desired import DesiredState
from reconciler.core.observed import ObservedState
from reconciler.core.trained import EndingNote, Note, VersionNote, notes_of
from reconciler.errors import ReadFailed, RegistryFailed
from reconciler.ports import World


def write_notes(desired: DesiredState, observed: ObservedState, world: World) -> None:
    """Note on the runs of every project what was seen of them. What cannot be noted now is seen by the next run."""
    for project in desired.projects:
        seen = observed.projects.get(project.name)
        if seen is None or seen.unread or observed.unread:
            continue
        for note in notes_of(project, seen):
            if not _write(note, world):
                return


def _write(note: Note, world: World) -> bool:
    """Whether MLflow took it."""
    try:
        match note:
            case VersionNote(run, noted):
                world.registry.note_version(run, noted)
            case EndingNote(run, reason, log):
                world.registry.note_ending(run, world.redact(reason), world.redact(log))
    except (ReadFailed, RegistryFailed):
        return False
    return True
