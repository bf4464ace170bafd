"""How often an agent tries. No clock and no dice: what chance says is handed in."""

SHORTEST = 10
"""Seconds: more often would only ask AWS for the same answers."""
PATIENCE = 10
"""Intervals that pass at most before the next try, however often it failed."""
SPREAD = 0.1
"""Part of a pause that chance adds or takes, so that many agents do not all ask at once."""


def pause(interval: float, failures: int, chance: float) -> float:
    """Seconds until the next round, after so many failed ones in a row; `chance` is 0 to 1."""
    longer = interval * min(1 << min(failures, PATIENCE), PATIENCE)
    return longer * (1 + SPREAD * (2 * chance - 1))
