"""The end of an action that did not go well."""


class Failed(Exception):
    """What it says."""
