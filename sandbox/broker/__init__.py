"""Sandbox broker: a Unix-socket server that keeps a bounded pool of workers for all samples."""

from sandbox.broker.client import BrokerClient, QueryResult, ResultColumn
from sandbox.broker.server import BrokerAlreadyRunning, serve
from sandbox.broker.settings import BrokerSettings
from sandbox.gate import StatementRefused
from sandbox.worker import QueryFailed, WorkerLimits

__all__ = [
    "BrokerAlreadyRunning",
    "BrokerClient",
    "BrokerSettings",
    "QueryFailed",
    "QueryResult",
    "ResultColumn",
    "StatementRefused",
    "WorkerLimits",
    "serve",
]
