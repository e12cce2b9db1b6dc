"""``python -m contracts``: verify evidence, evaluate a contract, check a proof, print the formats.

Needs only this package, cryptography, PyJWT and rfc8785. Exit codes: 0 holds, 1 does not hold,
2 the input cannot be read. This module alone of the package reads files and prints.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contracts.access import Decision, Usage, compile_access
from contracts.bundle import verify_bundle
from contracts.canonical import JsonObject, JsonValue, parse_object
from contracts.container import MAX_BUNDLE_BYTES
from contracts.document import Contract
from contracts.errors import ContractError, InvalidProof, MalformedJson
from contracts.evidence import MAX_KEYS_BYTES, AuditLine, Report
from contracts.merkle import verify_consistency, verify_inclusion
from contracts.receipts import BatchStatement, SignedReceipt, unhex
from contracts.records import from_json, json_schema, to_json
from contracts.terms import Operation

HOLDS, FAILS, UNREADABLE = 0, 1, 2
MAX_INPUT_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One request to judge: when, how, which columns, for what purpose, after how much use."""

    now: datetime
    operation: Operation
    columns: tuple[str, ...]
    purpose: str | None = None
    used: Usage | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Input of ``evaluate``: a contract document and a request."""

    document: JsonObject
    request: AccessRequest


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Input of ``proof`` for one leaf; hashes in lower-case hexadecimal."""

    leaf: str
    index: int
    size: int
    proof: tuple[str, ...]
    root: str


@dataclass(frozen=True, slots=True)
class Consistency:
    """Input of ``proof`` for two states of a tree; hashes in lower-case hexadecimal."""

    old_size: int
    old_root: str
    new_size: int
    new_root: str
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProofInput:
    """Input of ``proof``: exactly one of the two."""

    inclusion: Inclusion | None = None
    consistency: Consistency | None = None


FORMATS: dict[str, type] = {
    "contract": Contract,
    "evaluate": Evaluation,
    "decision": Decision,
    "proof": ProofInput,
    "receipt": SignedReceipt,
    "batch": BatchStatement,
    "audit": AuditLine,
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (ContractError, OSError) as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return UNREADABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m contracts",
        description="Check contracts, receipts and proofs without the exchange that made them.",
        epilog="Exit codes: 0 holds, 1 does not hold, 2 the input cannot be read.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    verify = commands.add_parser(
        "verify", help="check an evidence bundle and say who held each key"
    )
    verify.add_argument("bundle", metavar="BUNDLE", type=Path, help="the zip file")
    verify.add_argument(
        "--keys", metavar="FILE", type=Path, help="JWK Set of the exchange, from another source"
    )
    verify.add_argument("--json", action="store_true", help="print one JSON object")
    verify.set_defaults(command=_verify)
    evaluate = commands.add_parser("evaluate", help="judge a request by a contract document")
    evaluate.add_argument(
        "input", metavar="FILE", help="JSON as `schema evaluate` says, - for stdin"
    )
    evaluate.set_defaults(command=_evaluate)
    proof = commands.add_parser("proof", help="check a Merkle inclusion or consistency proof")
    proof.add_argument("input", metavar="FILE", help="JSON as `schema proof` says, - for stdin")
    proof.set_defaults(command=_proof)
    schema = commands.add_parser("schema", help="print the JSON Schema of a format")
    schema.add_argument("name", nargs="?", choices=sorted(FORMATS), help="default: all of them")
    schema.set_defaults(command=_schema)
    return parser


def _verify(options: argparse.Namespace) -> int:
    trusted = None
    if options.keys is not None:
        trusted = parse_object(_read(options.keys, MAX_KEYS_BYTES), max_bytes=MAX_KEYS_BYTES)
    report = verify_bundle(_read(options.bundle, MAX_BUNDLE_BYTES), trusted)
    _print_json(_report_json(report)) if options.json else _print_report(report)
    return HOLDS if report.ok else FAILS


def _evaluate(options: argparse.Namespace) -> int:
    evaluation = from_json(Evaluation, _read_json(options.input))
    request = evaluation.request
    decision = compile_access(evaluation.document).decide(
        request.now, request.operation, request.columns, purpose=request.purpose, used=request.used
    )
    _print_json(to_json(decision))
    return HOLDS if decision.allowed else FAILS


def _proof(options: argparse.Namespace) -> int:
    given = from_json(ProofInput, _read_json(options.input))
    try:
        match given:
            case ProofInput(inclusion=Inclusion() as claim, consistency=None):
                _check_inclusion(claim)
            case ProofInput(inclusion=None, consistency=Consistency() as claim):
                _check_consistency(claim)
            case _:
                raise MalformedJson("give either inclusion or consistency")
    except InvalidProof as error:
        _print_json({"ok": False, "detail": str(error)})
        return FAILS
    _print_json({"ok": True})
    return HOLDS


def _schema(options: argparse.Namespace) -> int:
    if options.name is not None:
        _print_json(json_schema(FORMATS[options.name]))
    else:
        _print_json({name: json_schema(kind) for name, kind in FORMATS.items()})
    return HOLDS


def _check_inclusion(claim: Inclusion) -> None:
    verify_inclusion(
        leaf=unhex(claim.leaf, "leaf"),
        index=claim.index,
        size=claim.size,
        proof=[unhex(node, "proof") for node in claim.proof],
        root=unhex(claim.root, "root"),
    )


def _check_consistency(claim: Consistency) -> None:
    verify_consistency(
        old_size=claim.old_size,
        old_root=unhex(claim.old_root, "old_root"),
        new_size=claim.new_size,
        new_root=unhex(claim.new_root, "new_root"),
        proof=[unhex(node, "proof") for node in claim.proof],
    )


def _print_report(report: Report) -> None:
    for check in report.checks:
        print(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}")
    for finding in report.signatures:
        pinned = "trusted key" if finding.pinned else "key not compared"
        print(
            f"sign  {finding.signed}: {finding.signer}, key {finding.kid}, "
            f"held by the {finding.custody}, {pinned}"
        )
    for note in report.notes:
        print(f"note  {note}")
    print("VALID" if report.ok else "INVALID")


def _report_json(report: Report) -> JsonObject:
    return {
        "ok": report.ok,
        "checks": [to_json(check) for check in report.checks],
        "signatures": [to_json(finding) for finding in report.signatures],
        "notes": list(report.notes),
    }


def _read(path: Path, max_bytes: int) -> bytes:
    with path.open("rb") as file:
        return file.read(max_bytes + 1)


def _read_json(name: str) -> JsonObject:
    if name == "-":
        raw = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
    else:
        raw = _read(Path(name), MAX_INPUT_BYTES)
    return parse_object(raw, max_bytes=MAX_INPUT_BYTES)


def _print_json(value: JsonValue) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    sys.exit(main())
