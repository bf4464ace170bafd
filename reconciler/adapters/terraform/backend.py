"""Where states are kept: an S3 bucket, one object per stack."""

from dataclasses import dataclass

from reconciler.core import names

ALREADY_TAKEN = "default"
"""Terraform's name for no workspace at all."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One root module applied once: the environment's, or a project's."""

    kind: str
    project: str | None

    def __str__(self) -> str:
        return f"stack {self.kind} of {self.project}" if self.project else f"stack {self.kind}"


@dataclass(frozen=True, slots=True)
class Backend:
    """The state bucket, and the environment whose states it holds."""

    bucket: str
    region: str
    environment: str

    def settings(self, stack: Stack) -> dict[str, str]:
        """Backend configuration; the same for every project, so that one initialised folder serves them all.

        Terraform lists the workspaces of every stack. An environment's own stacks have none; they are looked for, as
        the projects' are, where the roles of the workflows may list: by default it would be the bucket's root.
        """
        common = {"bucket": self.bucket, "region": self.region, "use_lockfile": "true"}
        if stack.project is None:
            return {**common, "workspace_key_prefix": f"{self.environment}/workspaces", "key": self._key(stack)}
        # S3 joins prefix, workspace and key, which gives exactly the project's key.
        return {**common, "workspace_key_prefix": f"{self.environment}/projects", "key": f"{stack.kind}.tfstate"}

    def workspace(self, stack: Stack) -> dict[str, str]:
        """What chooses the project's state, in every command: without, Terraform reads a key at the bucket's root."""
        return {"TF_WORKSPACE": stack.project} if stack.project else {}

    def address(self, stack: Stack) -> str:
        """Of the state object."""
        return f"s3://{self.bucket}/{self._key(stack)}"

    def _key(self, stack: Stack) -> str:
        if stack.project is None:
            return names.stack_key(self.environment, stack.kind)
        return names.project_key(self.environment, stack.project, stack.kind)
