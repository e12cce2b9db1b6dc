"""All settings of one running exchange: read once in main, frozen, passed down.

Sources, strongest first: environment variables `EXCHANGE_…`, the TOML file named by
`EXCHANGE_SETTINGS_FILE`, the defaults below. Every field has a safe default, except secrets.
"""

import os
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_MIB = 1024 * 1024


class Settings(BaseSettings):
    """Where things are and how much of everything is allowed."""

    model_config = SettingsConfigDict(env_prefix="EXCHANGE_", frozen=True, extra="forbid")

    production: bool = Field(
        default=False, description="Make no key; answer no sandbox query unprotected."
    )
    data_dir: Path = Field(
        default=Path("exchange-data"), description="Folder of everything kept on disk."
    )
    settings_file: Path | None = Field(
        default=None, description="TOML file with any of these settings."
    )

    database_url: str | None = Field(
        default=None, description="postgresql+asyncpg://… ; default: SQLite."
    )
    jobs_database_url: str | None = Field(default=None, description="Database of the job runner.")
    objects_url: str | None = Field(
        default=None, description="s3://bucket/prefix ; default: a local folder."
    )
    s3_endpoint: str | None = Field(default=None, description="Endpoint of an S3-compatible store.")
    s3_region: str = "us-east-1"
    s3_access_key_id: str | None = None
    s3_secret_access_key: SecretStr | None = None
    master_key: SecretStr | None = Field(
        default=None, description="32 bytes, base64url; protects all keys."
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = Field(
        default=None, description="How outsiders reach us; default: host and port."
    )
    font_dir: Path | None = Field(
        default=None, description="Folder with the Chinese font of PDFs; default: the system's."
    )
    operator_name: str = Field(default="Exchange Market", description="Legal name of the operator.")

    upload_bytes_max: int = Field(default=4 * 1024 * _MIB, ge=1)
    ingest_seconds_max: int = Field(default=1_800, ge=1)
    ingest_memory_bytes_max: int = Field(default=2_048 * _MIB, ge=128 * _MIB)
    access_token_seconds: int = Field(default=600, ge=30, le=3_600)
    refresh_token_days: int = Field(default=14, ge=1, le=90)
    sandbox_workers: int = Field(default=2, ge=1, le=64)
    sandbox_seconds_max: float = Field(default=5.0, gt=0, le=60)
    commission_per_mille: int = Field(default=50, ge=0, le=1000)
    valuation_standards_file: Path | None = Field(
        default=None, description="TOML file that corrects coefficients of valuation standards."
    )
    volume_target_bytes: int = Field(
        default=10**15, ge=1, description="Yearly delivered volume aimed at."
    )

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.absolute()}/exchange.db"

    @property
    def jobs_database(self) -> str:
        """The URL of the job runner's own database."""
        return self.jobs_database_url or f"sqlite:///{self.data_dir.absolute()}/jobs.db"

    @property
    def url(self) -> str:
        """The base URL that outsiders use, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def sandbox_socket(self) -> Path:
        """The Unix socket on which the sandbox broker listens."""
        return self.data_dir.absolute() / "run" / "sandbox.sock"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the settings file."""
        sources = [init_settings, env_settings]
        if path := os.environ.get("EXCHANGE_SETTINGS_FILE"):
            # Pydantic passes over a file that is not there, and with it over what it was to set.
            sources.append(TomlConfigSettingsSource(settings_cls, toml_file=_existing(path)))
        return tuple(sources)


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        raise FileNotFoundError(f"EXCHANGE_SETTINGS_FILE names no file: {path}")
    return Path(path)
