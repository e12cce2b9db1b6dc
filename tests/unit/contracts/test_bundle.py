"""The evidence bundle: what it proves, and that every change of it is found."""

import io
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import KeySet

from contracts import container, document, evidence
from contracts import terms as contract_terms
from contracts.bundle import sealed_by, verify_bundle, write_bundle
from contracts.canonical import JsonObject, canonical_bytes, parse_object
from contracts.container import read_zip, sums, write_zip
from contracts.errors import UnreadableBundle
from contracts.evidence import SEAL_TYP, Report, SignatureFinding
from contracts.keys import Custody, generate_private_key, public_jwk
from contracts.receipts import sign_batch, write_signed
from contracts.signing import sign_compact
from contracts.terms import Role
from tests.support.trade_evidence import (
    EXCHANGE_KEY,
    SIGNED_AT,
    Trade,
    audit_leaves,
    jwk,
    key_set,
    party,
    receipts,
    trade,
)

SEAL = sealed_by(EXCHANGE_KEY, signed_at=SIGNED_AT)
TRADE: Trade = trade()
RAW = write_bundle(TRADE.evidence, SEAL)
MEMBERS: Mapping[str, bytes] = read_zip(RAW).contents


def failures(report: Report) -> dict[str, str]:
    return {check.name: check.detail for check in report.checks if not check.ok}


def rebuilt(changes: Mapping[str, bytes]) -> bytes:
    """A bundle with other members, sums and seal made anew: what a forger with a key could do."""
    members = {**MEMBERS, **changes}
    members[container.SUMS] = sums(members)
    members[container.SEAL] = SEAL(members[container.SUMS]).encode()
    return write_zip(members)


def test_an_untouched_bundle_holds_and_says_who_held_each_key() -> None:
    report = verify_bundle(RAW, key_set())

    assert failures(report) == {}
    assert report.ok
    assert [(each.signed, each.signer, each.custody) for each in report.signatures] == [
        ("contract.json", "provider", Custody.EXCHANGE),
        ("contract.json", "buyer", Custody.PARTY),
        ("contract.json", "exchange", Custody.EXCHANGE),
        ("receipts.jsonl", "exchange", Custody.EXCHANGE),
        ("seal.jws", "exchange", Custody.EXCHANGE),
    ]
    assert all(each.pinned for each in report.signatures)


def test_independence_is_claimed_only_for_a_key_the_party_held() -> None:
    (note,) = verify_bundle(RAW, key_set()).notes

    assert note.startswith("The provider's key was held by the exchange")
    assert "no independent act of the provider" in note


def test_a_report_says_that_keys_from_the_bundle_alone_prove_little() -> None:
    report = verify_bundle(RAW)

    assert report.ok
    assert report.notes[0].startswith("The keys come only from the bundle itself")
    assert not any(each.pinned for each in report.signatures)


def test_the_same_evidence_gives_the_same_bytes() -> None:
    assert write_bundle(TRADE.evidence, SEAL) == RAW
    assert sorted(MEMBERS) == [
        "SHA256SUMS",
        "VERIFY.md",
        "audit.jsonl",
        "contract.en.txt",
        "contract.json",
        "contract.jws.json",
        "contract.zh.txt",
        "keys.json",
        "openssl/buyer.input",
        "openssl/buyer.pem",
        "openssl/buyer.signature",
        "openssl/exchange.input",
        "openssl/exchange.pem",
        "openssl/exchange.signature",
        "openssl/provider.input",
        "openssl/provider.pem",
        "openssl/provider.signature",
        "receipts.jsonl",
        "seal.jws",
    ]


def test_a_contract_without_deliveries_or_audit_extract_can_be_bundled() -> None:
    raw = write_bundle(replace(TRADE.evidence, receipts=(), audit=()), SEAL)

    report = verify_bundle(raw, key_set())

    assert report.ok
    assert container.AUDIT not in read_zip(raw).contents
    assert "no extract" in [check.detail for check in report.checks]


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_one_flipped_byte_in_any_member_is_found(name: str) -> None:
    content = MEMBERS[name]
    step = max(1, len(content) // 5)
    for position in {*range(0, len(content), step), len(content) - 1}:
        flipped = bytearray(content)
        flipped[position] ^= 0x01
        report = verify_bundle(write_zip({**MEMBERS, name: bytes(flipped)}))
        assert not report.ok, f"{name} at {position}"


@pytest.mark.parametrize("name", sorted(set(MEMBERS) - {container.SUMS, container.SEAL}))
def test_a_changed_member_is_named(name: str) -> None:
    report = verify_bundle(write_zip({**MEMBERS, name: MEMBERS[name] + b"\n"}))

    assert failures(report)["SHA256SUMS"] == f"other content than listed: {name}"


@pytest.mark.parametrize("name", sorted(container.REQUIRED))
def test_a_missing_member_is_named(name: str) -> None:
    members = {each: content for each, content in MEMBERS.items() if each != name}

    assert failures(verify_bundle(write_zip(members)))["members"] == f"missing: {name}"


def test_a_byte_damaged_inside_the_zip_is_named() -> None:
    with zipfile.ZipFile(io.BytesIO(RAW)) as archive:
        entry = archive.getinfo(container.CONTRACT)
    start = entry.header_offset + 30 + len(entry.filename)
    damaged = bytearray(RAW)
    damaged[start + entry.compress_size // 2] ^= 0xFF

    report = verify_bundle(bytes(damaged))

    assert failures(report)["members"] == "damaged: contract.json"


def lines(name: str) -> list[bytes]:
    return MEMBERS[name].splitlines(keepends=True)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda rows: rows[:2] + rows[3:], "receipt 3: missing"),
        (lambda rows: rows[:1] + rows[4:], "receipts 2 to 4: missing"),
        (lambda rows: [rows[0], rows[2], rows[1], *rows[3:]], "receipt 2: out_of_order"),
        (lambda rows: [*rows, rows[-1]], "receipt 6: repeated"),
        (lambda rows: [rows[0].replace(b'"rows":1000', b'"rows":1001'), *rows[1:]], "receipt 1: "),
        (lambda rows: [b"".join(rows).rstrip(b"\n")], "lines, each with its end"),
        (lambda rows: [b"{}\n", *rows], "missing"),
    ],
)
def test_receipts_dropped_swapped_or_edited_are_located_behind_a_fresh_seal(
    change: Callable[[list[bytes]], list[bytes]], finding: str
) -> None:
    report = verify_bundle(rebuilt({"receipts.jsonl": b"".join(change(lines("receipts.jsonl")))}))

    assert finding in failures(report)["receipts.jsonl"]


def test_a_receipt_replayed_under_another_contract_is_found() -> None:
    chain = receipts(2, b"another contract")
    kid = party(Role.EXCHANGE).kid
    signed = sign_batch(chain, EXCHANGE_KEY, kid=kid, signed_at=SIGNED_AT)
    content = b"".join(write_signed(entry) + b"\n" for entry in signed)

    report = verify_bundle(rebuilt({"receipts.jsonl": content}))

    assert failures(report) == {"receipts.jsonl": "receipt 1 is of another contract"}


def test_receipts_signed_by_a_party_are_not_the_exchanges() -> None:
    other = generate_private_key()
    signed = sign_batch(
        receipts(2, TRADE.contract),
        other,
        kid=str(public_jwk(other)["kid"]),
        signed_at=SIGNED_AT,
    )
    keys: JsonObject = {"keys": [*(jwk(role) for role in Role), public_jwk(other)]}
    content = b"".join(write_signed(entry) + b"\n" for entry in signed)

    report = verify_bundle(rebuilt({"receipts.jsonl": content, "keys.json": canonical_bytes(keys)}))

    assert "not the exchange's" in failures(report)["receipts.jsonl"]


def test_receipts_signed_by_a_later_key_of_the_exchange_hold() -> None:
    rotated = generate_private_key()
    published = public_jwk(rotated) | {"holder": "org_exchange", "custody": "exchange"}
    signed = sign_batch(
        receipts(2, TRADE.contract), rotated, kid=str(published["kid"]), signed_at=SIGNED_AT
    )
    keys: JsonObject = {"keys": [*(jwk(role) for role in Role), published]}
    raw = write_bundle(replace(TRADE.evidence, receipts=signed, keys=keys), SEAL)

    assert verify_bundle(raw, keys).ok
    assert failures(verify_bundle(raw, key_set())) == {
        "trusted keys": "receipts.jsonl: the exchange's key is not trusted"
    }


def test_an_edited_audit_leaf_is_named() -> None:
    content = MEMBERS["audit.jsonl"].replace(b'"object":3', b'"object":4')

    report = verify_bundle(rebuilt({"audit.jsonl": content}))

    assert failures(report) == {"audit.jsonl": "audit leaf 3: the leaf does not have its hash"}


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b'{"sequence":1}\n', "previous: missing"),
        (b"x\n", "not JSON"),
        (b'{"a":1,"a":2}\n', "repeated"),
        (b'{"hash":"0","leaf":{},"previous":"0","sequence":1}\n', "hexadecimal"),
        (b'{"hash":"0","leaf":{},"previous":"0","sequence":1e400}\n', "not an integer"),
        (b'{"hash":"0","leaf":{},"previous":"0","sequence":-0}\n', "not a safe integer"),
    ],
)
def test_audit_lines_that_cannot_be_read_are_refused(content: bytes, finding: str) -> None:
    assert finding in failures(verify_bundle(rebuilt({"audit.jsonl": content})))["audit.jsonl"]


def test_a_forger_who_seals_with_his_own_key_is_found_with_trusted_keys() -> None:
    forger = generate_private_key()
    published = public_jwk(forger) | {"holder": "org_exchange", "custody": "exchange"}
    keys: JsonObject = {"keys": [*(jwk(role) for role in Role), published]}
    members = {**MEMBERS, "keys.json": canonical_bytes(keys), "VERIFY.md": b"Trust me.\n"}
    members[container.SUMS] = sums(members)
    members[container.SEAL] = sealed_by(forger, signed_at=SIGNED_AT)(
        members[container.SUMS]
    ).encode()
    raw = write_zip(members)

    assert failures(verify_bundle(raw, key_set())) == {
        # The trusted key set replaces the bundle's only where both know a key.
        "trusted keys": "seal.jws: the exchange's key is not trusted"
    }
    assert "only from the bundle itself" in verify_bundle(raw).notes[0]


def test_a_seal_over_other_sums_or_of_another_kind_is_refused() -> None:
    kid = party(Role.EXCHANGE).kid
    listed = MEMBERS[container.SUMS]
    instant: JsonObject = {"signed_at": "2026-12-01T08:30:00.000000Z"}
    cases = [
        (SEAL(b"other").encode(), "over other sums"),
        (sign_compact(listed, EXCHANGE_KEY, kid=kid, typ="JWT").encode(), "typ is not"),
        (sign_compact(listed, EXCHANGE_KEY, kid=kid, typ=SEAL_TYP).encode(), "signed_at"),
        (MEMBERS[container.SEAL] + b"=", "canonical base64url"),
        (b"\xff", "not a compact JWS"),
    ]
    for token, reason in cases:
        report = verify_bundle(write_zip({**MEMBERS, container.SEAL: token}))
        assert reason in failures(report)[container.SEAL], reason
    old = instant | {"signed_at": "2025-01-01T00:00:00.000000Z"}
    token = sign_compact(listed, EXCHANGE_KEY, kid=kid, typ=SEAL_TYP, extra_header=old)
    report = verify_bundle(write_zip({**MEMBERS, container.SEAL: token.encode()}))
    assert "not valid when it sealed" in failures(report)[container.SEAL]


def test_sums_in_another_order_are_refused() -> None:
    reordered = b"".join(reversed(MEMBERS[container.SUMS].splitlines(keepends=True)))
    members = {**MEMBERS, container.SUMS: reordered, container.SEAL: SEAL(reordered).encode()}

    assert failures(verify_bundle(write_zip(members))) == {
        "SHA256SUMS": "the list is not in the order of a bundle"
    }


def key_member(change: Callable[[Any], None]) -> bytes:
    keys = parse_object(MEMBERS["keys.json"])
    change(keys["keys"])
    return canonical_bytes(keys)


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda keys: keys[0].update(kid="k1"), "not named by its thumbprint"),
        (lambda keys: keys.append(keys[0]), "two keys have one name"),
        (lambda keys: keys[0].update(d="secret"), "private members"),
        (lambda keys: keys[0].update(x="AAAA"), "32 bytes"),
    ],
)
def test_keys_of_a_bundle_are_public_and_named_by_their_thumbprint(
    change: Callable[[Any], None], finding: str
) -> None:
    report = verify_bundle(rebuilt({"keys.json": key_member(change)}))

    assert finding in failures(report)["keys.json"]


def test_a_key_that_claims_the_party_held_it_is_refused_by_the_signature() -> None:
    """Custody is in the signed document, so editing the key set cannot upgrade it."""

    def claim(keys: Any) -> None:
        keys[0]["custody"] = "party"

    report = verify_bundle(rebuilt({"keys.json": key_member(claim)}))

    assert "disagree on who held" in failures(report)["contract.jws.json"]


def test_a_revocation_among_the_trusted_keys_wins_over_the_bundle() -> None:
    trusted: JsonObject = {
        "keys": [
            jwk(Role.PROVIDER),
            jwk(Role.BUYER),
            jwk(Role.EXCHANGE) | {"revoked_at": "2026-06-01T00:00:00.000000Z"},
        ]
    }

    assert set(failures(verify_bundle(RAW, trusted))) == {
        "contract.jws.json",
        "receipts.jsonl",
        "seal.jws",
    }


def test_a_partys_own_key_need_not_be_published_by_the_exchange() -> None:
    trusted: JsonObject = {"keys": [jwk(Role.PROVIDER), jwk(Role.EXCHANGE)]}

    report = verify_bundle(RAW, trusted)

    assert report.ok
    assert (
        SignatureFinding(
            "contract.json", "buyer", party(Role.BUYER).kid, Custody.PARTY, pinned=False
        )
        in report.signatures
    )


def test_openssl_files_that_differ_from_the_signatures_are_refused() -> None:
    report = verify_bundle(rebuilt({"openssl/buyer.input": MEMBERS["openssl/provider.input"]}))

    assert failures(report) == {
        "openssl files": "openssl/buyer.input is not what the signatures and keys give"
    }


def test_signatures_of_unknown_roles_are_refused_by_name() -> None:
    general: Any = parse_object(MEMBERS["contract.jws.json"])
    kid = party(Role.EXCHANGE).kid
    odd = sign_compact(TRADE.contract, EXCHANGE_KEY, kid=kid, typ="dx-contract+jws").split(".")
    general["signatures"][0] = {"protected": odd[0], "signature": odd[2]}

    report = verify_bundle(rebuilt({"contract.jws.json": canonical_bytes(general)}))

    assert "no role" in failures(report)["contract.jws.json"]
    assert "no role" in failures(report)["openssl files"]


def test_missing_time_zone_data_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_data(name: str) -> None:
        raise contract_terms.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(contract_terms, "ZoneInfo", no_data)

    report = verify_bundle(RAW, key_set())

    assert report.ok
    assert any("Asia/Shanghai is not installed" in note for note in report.notes)


def zipped(names: list[str], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore", UserWarning)
        for name in names:
            archive.writestr(name, b"x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not a zip",
        RAW[: len(RAW) // 2],
        zipped(["../contract.json"]),
        zipped(["/contract.json"]),
        zipped(["contract.json", "contract.json"]),
        zipped(["readme.txt"]),
        zipped(["contract.json"], zipfile.ZIP_BZIP2),
    ],
    ids=range(8),
)
def test_what_is_no_bundle_is_unreadable(raw: bytes) -> None:
    with pytest.raises(UnreadableBundle):
        verify_bundle(raw)


def test_an_encrypted_member_is_unreadable() -> None:
    raw = bytearray(zipped(["contract.json"]))
    central = raw.rindex(b"PK\x01\x02")
    raw[central + 8] |= 0x01

    with pytest.raises(UnreadableBundle, match="encrypted"):
        verify_bundle(bytes(raw))


def test_a_bundle_is_limited_before_and_after_decompression(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(container, "MAX_CONTENT_BYTES", 100_000)
    with pytest.raises(UnreadableBundle, match="100000 bytes of content"):
        verify_bundle(write_zip({**MEMBERS, "VERIFY.md": bytes(200_000)}))

    monkeypatch.setattr(container, "MAX_BUNDLE_BYTES", 1000)
    with pytest.raises(UnreadableBundle, match="at most 1000"):
        verify_bundle(RAW)


def test_lines_of_a_member_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_LINES", 5)

    assert "at most 5 lines" in failures(verify_bundle(RAW))["receipts.jsonl"]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_another_jose_library_verifies_the_signatures_of_the_contract() -> None:
    general: Any = parse_object(MEMBERS["contract.jws.json"])
    keys: Any = {"keys": [public_jwk_of(role) for role in Role]}

    verified = jws.deserialize_json(
        general,
        KeySet.import_key_set(keys),
        registry=jws.JWSRegistry(algorithms=["EdDSA", "ES256"], strict_check_header=False),
    )

    assert verified.payload == MEMBERS["contract.json"]


def public_jwk_of(role: Role) -> JsonObject:
    return {name: value for name, value in jwk(role).items() if name not in {"custody", "holder"}}


def test_audit_leaves_of_the_sample_form_one_chain() -> None:
    assert [leaf.sequence for leaf in audit_leaves(3)] == [1, 2, 3]
    assert document.FORMAT == "dx-contract/1"


@pytest.mark.skipif(
    shutil.which("openssl") is None or shutil.which("sha256sum") is None,
    reason="openssl and sha256sum are not installed",
)
def test_the_commands_of_the_guide_verify_the_bundle(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(RAW)) as archive:
        archive.extractall(tmp_path)
    blocks = (tmp_path / "VERIFY.md").read_text("utf-8").split("```")
    commands = "".join(block.removeprefix("sh") for block in blocks[1::2])
    script = "set -e\n" + commands.split("python -m contracts")[0]

    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 2
    assert done.stdout.count("Verified OK") == 1
    for role in Role:
        assert f"{role} signed contract.json" in done.stdout
    texts: Any = parse_object(MEMBERS["contract.json"])["texts"]
    assert texts["zh"].removeprefix("sha256:") in done.stdout
    assert texts["en"].removeprefix("sha256:") in done.stdout


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_refuses_the_signature_of_one_party_as_that_of_another(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(RAW)) as archive:
        archive.extractall(tmp_path)

    done = subprocess.run(
        "openssl pkeyutl -verify -pubin -inkey openssl/exchange.pem -rawin "
        "-in openssl/exchange.input -sigfile openssl/provider.signature".split(),
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert done.returncode != 0
