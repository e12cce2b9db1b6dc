"""What lets somebody check a bundle with openssl and sha256sum alone: small files and a guide.

For each signature of the contract the bundle holds the public key as PEM, the exact bytes that were
signed, and the signature as openssl reads it, all three derived from the JWS and the key set.
"""

from collections.abc import Iterable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from contracts.canonical import JsonValue
from contracts.container import SUMS
from contracts.document import Contract
from contracts.errors import InvalidSignature
from contracts.keys import PublicKey, find_key
from contracts.signing import compact, decode_signature, signature_entries, unverified_header
from contracts.terms import Party, Role

_SCALAR_BYTES = 32


def signature_files(
    general: Mapping[str, JsonValue], jwks: Mapping[str, JsonValue]
) -> dict[str, bytes]:
    """Files ``openssl/<role>.pem``, ``.input`` and ``.signature`` of every signature, by name."""
    files: dict[str, bytes] = {}
    for entry in signature_entries(general):
        signed, _, signature = compact(str(general.get("payload")), entry).rpartition(".")
        header = unverified_header(entry)
        key = find_key(jwks, str(header.get("kid")))
        stem = f"openssl/{_role(header)}"
        files[f"{stem}.pem"] = key.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        files[f"{stem}.input"] = signed.encode()
        files[f"{stem}.signature"] = _openssl_signature(key, signature)
    return files


def guide(contract: Contract, jwks: Mapping[str, JsonValue]) -> str:
    """The bilingual VERIFY.md with the commands for this bundle."""
    commands = "\n".join(_commands(contract.parties, jwks))
    return _GUIDE.format(
        contract_id=contract.contract_id,
        version=contract.version,
        sums=SUMS,
        commands=commands,
    )


def _role(header: Mapping[str, JsonValue]) -> Role:
    role = header.get("role")
    if not isinstance(role, str) or role not in set(Role):
        raise InvalidSignature("a signature names no role of the contract")
    return Role(role)


def _openssl_signature(key: PublicKey, signature: str) -> bytes:
    # JWS writes ES256 as r || s (RFC 7518, section 3.4); openssl reads the DER form.
    raw = decode_signature(signature)
    if isinstance(key.key, Ed25519PublicKey):
        return raw
    r, s = (int.from_bytes(half) for half in (raw[:_SCALAR_BYTES], raw[_SCALAR_BYTES:]))
    return encode_dss_signature(r, s)


def _commands(parties: Iterable[Party], jwks: Mapping[str, JsonValue]) -> Iterable[str]:
    for party in parties:
        stem = f"openssl/{party.role}"
        yield f"# {party.role}: {party.organisation_id}, key {party.kid}, held by: {party.custody}"
        if isinstance(find_key(jwks, party.kid).key, Ed25519PublicKey):
            yield (
                f"openssl pkeyutl -verify -pubin -inkey {stem}.pem -rawin "
                f"-in {stem}.input -sigfile {stem}.signature"
            )
        else:
            yield (
                f"openssl dgst -sha256 -verify {stem}.pem -signature {stem}.signature {stem}.input"
            )
        yield (
            f'test "$(base64 -w0 contract.json | tr "+/" "-_" | tr -d "=")" = '
            f'"$(cut -d. -f2 {stem}.input)" && echo "{party.role} signed contract.json"'
        )


_GUIDE = """\
# 验证说明 / How to verify

合同 / Contract: {contract_id}, 版本 / version {version}

## 1. 完整性 / Integrity

以下命令确认各文件未被改动。
This shows that no file was changed since the bundle was made.

```sh
sha256sum -c {sums}
```

## 2. 签名 / Signatures

每个签名应输出 "Signature Verified Successfully" 或 "Verified OK"，并确认签署的正是 contract.json。
Each must print "Signature Verified Successfully" or "Verified OK", and be over contract.json.

```sh
{commands}
```

## 3. 文本 / Texts

下列两个摘要应与 contract.json 中 texts.zh 和 texts.en 相同。
These two digests must equal texts.zh and texts.en in contract.json.

```sh
sha256sum contract.zh.txt contract.en.txt
```

## 4. 全部检查 / Everything at once

回执、回执顺序、审计摘录和印记由下列命令检查；只需 Python 及 cryptography、PyJWT、rfc8785。
Receipts, their order, the audit extract and the seal; needs only Python and these three libraries.

```sh
python -m contracts verify BUNDLE.zip --keys KEYS.json
```

## 5. 这些签名证明什么 / What these signatures prove

密钥由交易所保管的签名，只证明交易所的记录，不能独立证明该方本人签署。
A signature by a key that the exchange held proves what the exchange recorded; it is no independent
proof that the party itself signed.

本包内的密钥来自本包。请从其他渠道取得交易所公布的密钥文件，用 --keys 核对。
The keys in this bundle come from the bundle. Get the exchange's published key file another way and
compare with --keys.
"""
