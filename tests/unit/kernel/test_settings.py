"""Settings: environment before file before default, and nothing misspelt goes unnoticed."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from exchange_market.kernel.settings import Settings


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"EXCHANGE_{name.upper()}", raising=False)


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "exchange.toml"
    monkeypatch.setenv("EXCHANGE_SETTINGS_FILE", str(path))
    return path


def test_every_setting_has_a_default() -> None:
    settings = Settings()

    assert not settings.production
    assert settings.host == "127.0.0.1"
    assert settings.master_key is None


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(
    settings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file.write_text('port = 9000\noperator_name = "省数据交易所"\n', encoding="utf-8")
    monkeypatch.setenv("EXCHANGE_PORT", "9001")

    settings = Settings()

    assert settings.port == 9001
    assert settings.operator_name == "省数据交易所"
    assert settings.sandbox_workers == 2


def test_what_the_caller_decides_goes_before_everything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EXCHANGE_DATA_DIR", "/elsewhere")

    assert Settings(data_dir=tmp_path).data_dir == tmp_path


def test_a_misspelt_setting_in_the_file_is_refused(settings_file: Path) -> None:
    settings_file.write_text("prot = 9000\n", encoding="utf-8")

    with pytest.raises(ValidationError, match="prot"):
        Settings()


def test_a_settings_file_that_is_not_there_is_noticed(settings_file: Path) -> None:
    with pytest.raises(FileNotFoundError, match=settings_file.name):
        Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "http"),
        ("UPLOAD_BYTES_MAX", "0"),
        ("ACCESS_TOKEN_SECONDS", "3601"),
        ("SANDBOX_WORKERS", "65"),
        ("COMMISSION_PER_MILLE", "1001"),
        ("PRODUCTION", "perhaps"),
    ],
)
def test_a_value_out_of_bounds_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"EXCHANGE_{name}", value)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1  # type: ignore[misc]


def test_secrets_in_the_settings_do_not_print(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_MASTER_KEY", "the-master-key")
    monkeypatch.setenv("EXCHANGE_S3_SECRET_ACCESS_KEY", "the-store-key")

    printed = repr(Settings()) + str(Settings()) + Settings().model_dump_json()

    assert "the-master-key" not in printed
    assert "the-store-key" not in printed


def test_addresses_are_derived_from_what_is_set(tmp_path: Path) -> None:
    plain = Settings(data_dir=tmp_path, port=8080)
    public = Settings(public_url="https://exchange.example/")

    assert plain.url == "http://127.0.0.1:8080"
    assert public.url == "https://exchange.example"
    assert plain.database == f"sqlite+aiosqlite:///{tmp_path}/exchange.db"
    assert plain.jobs_database == f"sqlite:///{tmp_path}/jobs.db"
    assert Settings(database_url="postgresql+asyncpg://h/d").database.startswith("postgresql")
