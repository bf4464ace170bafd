"""The sandbox's AWS: moto with jobs that really run and endpoints that really answer."""

from reconciler.sandbox.aws.cloud import Timing
from reconciler.sandbox.aws.runtime import Command, Runtime
from reconciler.sandbox.aws.server import Access, AwsServer

__all__ = ["Access", "AwsServer", "Command", "Runtime", "Timing"]
