"""Settings of the broker."""

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.worker import WorkerLimits


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """How many workers there are, which files they may load, and how long anyone waits."""

    sample_root: Path
    """Folder that holds every sample; a path that resolves outside it is refused."""
    workers_max: int = 4
    queue_max: int = 64
    """Queries waiting or running at once; one more is answered `busy`."""
    queue_seconds: float = 10.0
    """Time that a query may wait for a worker before it is answered `busy`."""
    connections_max: int = 256
    idle_seconds: float = 60.0
    """Time after which a silent connection is closed."""
    recycle_after_queries: int = 1_000
    """Queries after which a worker is replaced, so that nothing accumulates in it."""
    sample_bytes_max: int = 256 * 1024 * 1024
    drain_seconds: float = 6.0
    """Time that running queries get to end when the broker is asked to stop."""
    required_protections: frozenset[str] = field(default_factory=frozenset[str])
    """Protections without which a worker is not used, for example `no_network`, `landlock`."""
    limits: WorkerLimits = field(default_factory=WorkerLimits)
