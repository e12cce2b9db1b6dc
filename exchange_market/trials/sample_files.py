"""Where sample files lie: as objects, and on the local disk for the sandbox."""

from pathlib import Path

from exchange_market.kernel.settings import Settings

_FOLDER = "samples"


def sample_key(revision_id: str, basis: str) -> str:
    """The key of the object that holds the sample of a revision made on a basis.

    Objects never change and caches rely on it: a sample built on another basis is another object.
    """
    return f"{_FOLDER}/{revision_id}/{basis}.parquet"


def samples_root(settings: Settings) -> Path:
    """The local folder below which every sample is when the object store gives it as a file.

    The sandbox broker opens nothing outside it.
    """
    stored = "objects" if settings.objects_url is None else "object-cache"
    return settings.data_dir.absolute() / stored / _FOLDER
