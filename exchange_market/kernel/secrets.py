"""One master key, from which every other secret of the exchange is derived, or under which it is
sealed.

Derivation is HKDF-SHA256 (RFC 5869, section 2) with the purpose as `info`, so a leak of one derived
secret tells nothing of another, and only one value has to be kept safe.
"""

import base64
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from exchange_market.kernel.settings import Settings

_KEY_BYTES = 32
_NONCE_BYTES = 12


class MasterKeyMissing(RuntimeError):
    """Production mode was asked for without a master key from the environment or a file."""


class Secrets:
    """Derives one secret per purpose; never prints any."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != _KEY_BYTES:
            raise ValueError(f"the master key must be {_KEY_BYTES} bytes, not {len(master_key)}")
        self._master_key = master_key

    def derive(self, purpose: str) -> bytes:
        """32 secret bytes for `purpose`, the same every time."""
        kdf = HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"exchange-market/{purpose}".encode())
        return kdf.derive(self._master_key)

    def sealer(self, purpose: str) -> "Sealer":
        """Seals other secrets of one purpose, so that they may lie in the database."""
        return Sealer(self.derive(purpose))

    def __repr__(self) -> str:
        return "Secrets(***)"


class Sealer:
    """Encrypts secrets for keeping (AES-256-GCM, NIST SP 800-38D; a random nonce comes first).

    The owner, such as the id of a row, is associated data: a sealed secret that was moved to
    another owner does not open.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, secret: bytes, owner: str) -> bytes:
        """The secret in a form that only this exchange opens."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, owner.encode())

    def unseal(self, sealed: bytes, owner: str) -> bytes:
        """The secret again; raises `cryptography.exceptions.InvalidTag` if it is not of `owner`."""
        nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return self._cipher.decrypt(nonce, text, owner.encode())


def open_secrets(settings: Settings) -> Secrets:
    """The secrets of this exchange.

    The master key is taken from the settings, else from `secrets/master.key` in the data folder;
    when neither exists it is made there (mode 0600), except in production mode: MasterKeyMissing.
    """
    if settings.master_key is not None:
        return Secrets(_decode(settings.master_key.get_secret_value()))
    path = settings.data_dir / "secrets" / "master.key"
    if not path.exists():
        if settings.production:
            raise MasterKeyMissing(
                "set EXCHANGE_MASTER_KEY (32 random bytes, base64url); production mode makes no key"
            )
        _write_new_key(path)
    return Secrets(_decode(path.read_text(encoding="ascii").strip()))


def _write_new_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)))
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link, unlike a rename, fails when another process was first: both then use that key.
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
