"""The master key and what is derived from it."""

import base64
import multiprocessing
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from exchange_market.kernel.secrets import MasterKeyMissing, Secrets, open_secrets
from exchange_market.kernel.settings import Settings

KEY = bytes(range(32))
MAKERS = 4


def settings(folder: Path, **members: object) -> Settings:
    return Settings.model_validate({"data_dir": folder, **members})


def test_a_derived_secret_is_that_of_rfc_5869() -> None:
    """Extract and expand written out (RFC 5869, sections 2.2 and 2.3; no salt is 32 zeros)."""
    import hmac  # noqa: PLC0415 - an oracle of this test alone

    extracted = hmac.digest(bytes(32), KEY, "sha256")
    expected = hmac.digest(extracted, b"exchange-market/cursors\x01", "sha256")

    assert Secrets(KEY).derive("cursors") == expected


@given(st.text(max_size=20), st.text(max_size=20))
def test_different_purposes_have_different_secrets(one: str, other: str) -> None:
    secrets = Secrets(KEY)

    assert (secrets.derive(one) == secrets.derive(other)) == (one == other)
    assert len(secrets.derive(one)) == 32
    assert KEY not in secrets.derive(one)


def test_different_master_keys_have_different_secrets() -> None:
    assert Secrets(KEY).derive("cursors") != Secrets(KEY[::-1]).derive("cursors")


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_master_key_of_another_length_is_refused_and_not_shown(length: int) -> None:
    with pytest.raises(ValueError, match=f"not {length}") as caught:
        Secrets(b"k" * length)

    assert "kkk" not in str(caught.value)


def test_secrets_never_print() -> None:
    secrets = Secrets(b"never-print-this-key-to-anybody!")

    assert repr(secrets) == str(secrets) == f"{secrets}" == "Secrets(***)"


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = open_secrets(settings(tmp_path))
    second = open_secrets(settings(tmp_path))

    path = tmp_path / "secrets" / "master.key"
    assert first.derive("x") == second.derive("x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["master.key"]


def test_the_settings_go_before_the_file(tmp_path: Path) -> None:
    given_key = base64.urlsafe_b64encode(KEY).decode().rstrip("=")

    opened = open_secrets(settings(tmp_path, master_key=given_key))

    assert opened.derive("x") == Secrets(KEY).derive("x")
    assert not (tmp_path / "secrets").exists()


def test_production_makes_no_key_but_reads_one(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyMissing, match="EXCHANGE_MASTER_KEY"):
        open_secrets(settings(tmp_path, production=True))
    assert not (tmp_path / "secrets").exists()

    made = open_secrets(settings(tmp_path))

    assert open_secrets(settings(tmp_path, production=True)).derive("x") == made.derive("x")


def test_makers_at_the_same_moment_agree_on_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(MAKERS)
    answers = context.Queue()
    makers = [
        context.Process(target=_derive_together, args=(tmp_path, barrier, answers))
        for _ in range(MAKERS)
    ]
    for maker in makers:
        maker.start()
    derived = {answers.get(timeout=60) for _ in makers}
    for maker in makers:
        maker.join(timeout=60)

    assert len(derived) == 1
    assert derived == {open_secrets(settings(tmp_path)).derive("x")}
    assert [each.name for each in (tmp_path / "secrets").iterdir()] == ["master.key"]


def _derive_together(folder: Path, barrier, answers) -> None:  # type: ignore[no-untyped-def]
    barrier.wait(timeout=60)
    answers.put(open_secrets(settings(folder)).derive("x"))


def test_a_sealed_secret_opens_for_its_owner_and_purpose_alone() -> None:
    sealer = Secrets(KEY).sealer("commitments")
    sealed = sealer.seal(b"told to nobody", "rev_1")

    assert sealer.unseal(sealed, "rev_1") == b"told to nobody"
    assert sealer.seal(b"told to nobody", "rev_1") != sealed
    wrong = [
        (sealer, sealed, "rev_2"),
        (sealer, sealed[:-1] + bytes([sealed[-1] ^ 1]), "rev_1"),
        (Secrets(KEY).sealer("totp"), sealed, "rev_1"),
        (Secrets(KEY[::-1]).sealer("commitments"), sealed, "rev_1"),
    ]
    for other, text, owner in wrong:
        with pytest.raises(InvalidTag):
            other.unseal(text, owner)
