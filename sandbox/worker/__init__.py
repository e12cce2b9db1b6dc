"""A confined process that holds one anonymised sample in memory and answers SELECTs on it."""

from sandbox.worker.failure import QueryFailed
from sandbox.worker.limits import WorkerLimits

__all__ = ["QueryFailed", "WorkerLimits"]
