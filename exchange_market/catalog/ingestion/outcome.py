"""How an ingestion ended, as a message: finished, refused, or (None) worth another try."""

from collections.abc import Callable

import duckdb
import pyarrow as pa

from exchange_market.catalog.ingestion.messages import Finished, IngestJob, Refused, as_message
from exchange_market.catalog.ingestion.pipeline import ingest
from exchange_market.catalog.ingestion.refusals import MemoryExhausted, ReaderCrashed
from exchange_market.kernel.errors import ExchangeError


def run(
    job: IngestJob, on_progress: Callable[[str, int], None], *, is_offline: bool
) -> Finished | Refused | None:
    """Do the job. A refusal or a lack of memory is the file's doing; a full disk is not."""
    try:
        return ingest(job, on_progress, is_offline=is_offline)
    except ExchangeError as refusal:
        return as_message(refusal)
    except (MemoryError, duckdb.OutOfMemoryException, pa.ArrowMemoryError):
        return as_message(MemoryExhausted())
    except (OSError, duckdb.IOException):
        return None
    except Exception as fault:  # noqa: BLE001 - the edge of the process
        # Its text may hold values of the file, so only the kind of the fault crosses the boundary.
        return as_message(ReaderCrashed(kind=type(fault).__name__))
