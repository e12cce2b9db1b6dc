"""How much one worker process may use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """Limits of a worker; each is enforced by DuckDB, by the kernel or by the parent's clock."""

    memory_mb: int = 256
    """Memory that DuckDB may hold for the sample and its queries."""
    address_space_mb: int = 768
    """Address space that the process may add after the sample is loaded (RLIMIT_AS)."""
    query_seconds: int = 3
    """Running time after which DuckDB gives a query up."""
    kill_after_seconds: float = 5.0
    """Wall-clock time after which the parent kills the process; above `query_seconds`."""
    load_seconds: float = 15.0
    """Wall-clock time for starting the process and loading the sample."""
    rows_max: int = 10_000
    """Rows in one answer."""
    answer_bytes_max: int = 4 * 1024 * 1024
    """Size of the rows in one answer, as JSON."""
