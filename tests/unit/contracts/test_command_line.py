"""``python -m contracts``: output and exit codes."""

import io
import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.__main__ import FORMATS, main
from contracts.bundle import sealed_by, write_bundle
from contracts.container import read_zip, write_zip
from contracts.merkle import consistency_proof, inclusion_proof, leaf_hash, root
from tests.support.trade_evidence import EXCHANGE_KEY, SIGNED_AT, document, key_set, trade

RAW = write_bundle(trade().evidence, sealed_by(EXCHANGE_KEY, signed_at=SIGNED_AT))
LEAVES = [leaf_hash(bytes([number])) for number in range(7)]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.zip"
    path.write_bytes(RAW)
    return path


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(key_set()), "utf-8")
    return path


def written(path: Path, value: object) -> str:
    path.write_text(json.dumps(value), "utf-8")
    return str(path)


def test_verify_prints_one_line_per_check_and_the_custody_of_every_key(
    bundle: Path, keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(bundle), "--keys", str(keys)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("ok  ")] == [
        "members:",
        "SHA256SUMS:",
        "keys.json:",
        "contract.json:",
        "contract",
        "contract.jws.json:",
        "openssl",
        "receipts.jsonl:",
        "audit.jsonl:",
        "seal.jws:",
        "trusted",
    ]
    assert sum("held by the exchange, trusted key" in line for line in lines) == 4
    assert sum("held by the party, trusted key" in line for line in lines) == 1
    assert lines[-1] == "VALID"


def test_verify_exits_1_for_a_tampered_bundle(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    members = dict(read_zip(RAW).contents)
    members["contract.json"] = members["contract.json"].replace(b"1000000", b"2000000")
    bundle.write_bytes(write_zip(members))

    assert main(["verify", str(bundle), "--json"]) == 1

    report = json.loads(capsys.readouterr().out)
    failed = [check["name"] for check in report["checks"] if not check["ok"]]
    assert report["ok"] is False
    assert "SHA256SUMS" in failed
    assert "contract.json" in failed
    assert main(["verify", str(bundle)]) == 1
    assert "FAIL  contract.json" in capsys.readouterr().out


def test_verify_as_json_is_one_object(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(bundle), "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True
    assert report["signatures"][1]["custody"] == "party"
    assert "only from the bundle itself" in report["notes"][0]


def test_unreadable_input_exits_2_and_says_why(
    tmp_path: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nonsense = tmp_path / "nonsense"
    nonsense.write_bytes(b"nonsense")

    assert main(["verify", str(nonsense)]) == 2
    assert main(["verify", str(tmp_path / "absent.zip")]) == 2
    assert main(["verify", str(bundle), "--keys", str(nonsense)]) == 2
    assert main(["proof", str(nonsense)]) == 2
    assert main(["proof", written(nonsense, {})]) == 2
    assert main(["evaluate", written(nonsense, {"document": {}, "request": {}})]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("cannot read: ") == 6


def test_trusted_keys_that_are_no_key_set_exit_2(tmp_path: Path, bundle: Path) -> None:
    assert main(["verify", str(bundle), "--keys", written(tmp_path / "k", {"keys": 1})]) == 2


@pytest.mark.parametrize(
    ("change", "code", "expected"),
    [
        ({}, 0, {"allowed": True, "clause_id": "subject", "reason": "allowed"}),
        (
            {"columns": ["tailnum"]},
            1,
            {"allowed": False, "clause_id": "columns", "reason": "column_not_allowed"},
        ),
        (
            {"used": {"rows": 1_000_000}},
            1,
            {"allowed": False, "clause_id": "quota.rows", "reason": "rows_used_up"},
        ),
    ],
)
def test_evaluate_answers_with_the_clause(
    change: dict[str, Any],
    code: int,
    expected: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    request = {
        "now": "2027-01-01T00:00:00.000000Z",
        "operation": "rows",
        "columns": ["year"],
        "purpose": "market_research",
    }
    path = written(tmp_path / "in.json", {"document": document(), "request": request | change})

    assert main(["evaluate", path]) == code
    assert json.loads(capsys.readouterr().out) == expected


def test_evaluate_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    request = {"now": "2026-01-01T00:00:00.000000Z", "operation": "file", "columns": []}
    raw = json.dumps({"document": document(), "request": request}).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    assert main(["evaluate", "-"]) == 1
    assert json.loads(capsys.readouterr().out)["reason"] == "not_started"


INCLUSION: dict[str, Any] = {
    "leaf": LEAVES[3].hex(),
    "index": 3,
    "size": 7,
    "proof": [node.hex() for node in inclusion_proof(LEAVES, 3)],
    "root": root(LEAVES).hex(),
}
CONSISTENCY: dict[str, Any] = {
    "old_size": 3,
    "old_root": root(LEAVES[:3]).hex(),
    "new_size": 7,
    "new_root": root(LEAVES).hex(),
    "proof": [node.hex() for node in consistency_proof(LEAVES, 3)],
}


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ({"inclusion": INCLUSION}, 0),
        ({"inclusion": INCLUSION | {"index": 2}}, 1),
        ({"inclusion": INCLUSION | {"size": 0}}, 1),
        ({"inclusion": INCLUSION | {"root": "xyz"}}, 2),
        ({"consistency": CONSISTENCY}, 0),
        ({"consistency": CONSISTENCY | {"old_root": "00" * 32}}, 1),
        ({"consistency": CONSISTENCY | {"old_size": 0}}, 1),
        ({"inclusion": INCLUSION, "consistency": CONSISTENCY}, 2),
        ({"neither": 1}, 2),
    ],
)
def test_proof_checks_inclusion_and_consistency(
    claim: dict[str, Any], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["proof", written(tmp_path / "proof.json", claim)]) == code
    if code < 2:
        assert json.loads(capsys.readouterr().out)["ok"] is (code == 0)


def test_schema_prints_one_format_or_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "receipt"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "SignedReceipt"
    assert main(["schema"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == set(FORMATS)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])

    assert stopped.value.code == 0
    shown = capsys.readouterr().out
    for command in ("verify", "evaluate", "proof", "schema", "Exit codes"):
        assert command in shown
    with pytest.raises(SystemExit) as stopped:
        main([])
    assert stopped.value.code == 2


def test_the_module_runs_as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["contracts", "schema", "proof"])

    with pytest.raises(SystemExit) as stopped, pytest.warns(RuntimeWarning, match="sys.modules"):
        runpy.run_module("contracts", run_name="__main__")
    assert stopped.value.code == 0


def test_the_verifier_needs_nothing_but_three_libraries(bundle: Path) -> None:
    """A fresh interpreter loads no module of the exchange and no library beyond the three."""
    code = (
        "import sys; from contracts.__main__ import main; "
        f"code = main(['verify', {str(bundle)!r}]); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), sep=','); "
        "sys.exit(code)"
    )
    root_folder = Path(__file__).parents[3]
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path.insert(0, {str(root_folder)!r}); " + code,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split(","))
    foreign = {name for name in loaded - set(sys.stdlib_module_names) if not name.startswith("_")}
    assert foreign - {"contracts", "cryptography", "jwt", "rfc8785", "tzdata"} <= {"sitecustomize"}
