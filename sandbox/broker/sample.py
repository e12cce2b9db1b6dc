"""Which file a request means, decided before any process is started for it."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.broker.settings import BrokerSettings
from sandbox.worker import QueryFailed


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample file; a changed file is another sample, so no worker answers from old rows."""

    sample_id: str
    path: Path
    inode: int
    modified_ns: int
    size_bytes: int


def locate_sample(sample_id: str, sample_path: str, settings: BrokerSettings) -> Sample:
    """Resolve symbolic links and require a regular file below the sample folder.

    Raises `QueryFailed` with sample_not_found, sample_outside_root or sample_unreadable.
    """
    try:
        path = Path(sample_path).resolve(strict=True)
        status = path.stat()
    except (OSError, ValueError, RuntimeError):
        raise QueryFailed("sample_not_found", sample_id=sample_id) from None
    if not path.is_relative_to(settings.sample_root.resolve()):
        raise QueryFailed("sample_outside_root", sample_id=sample_id)
    if not path.is_file() or status.st_size > settings.sample_bytes_max:
        raise QueryFailed("sample_unreadable", sample_id=sample_id)
    return Sample(sample_id, path, status.st_ino, status.st_mtime_ns, status.st_size)
