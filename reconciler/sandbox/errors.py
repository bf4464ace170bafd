"""The error that the sandbox's commands end with."""


class SandboxError(Exception):
    """The sandbox cannot do what was asked.

    `what` says what happened and where; `remedy` says what to do about it.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
