"""`python -m sandbox` as a process: JSON out, exit codes 0, 1 and 2."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox_sample import write_sample


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "sandbox", *arguments]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith(b"{") else {}


@pytest.fixture
def sample(tmp_path: Path) -> str:
    return str(write_sample(tmp_path / "sample.parquet"))


@pytest.fixture
def schema(tmp_path: Path) -> str:
    path = tmp_path / "schema.json"
    path.write_text('{"tables": {"sample": ["id", "age"]}}')
    return str(path)


def test_gate_allows_and_refuses(schema: str) -> None:
    code, answer = run("gate", "SELECT avg(age) FROM sample", "--schema", schema)
    assert (code, answer["allowed"], answer["functions"]) == (0, True, ["avg"])

    code, answer = run("gate", "FROM read_csv('x')", "--schema", schema)
    assert (code, answer["allowed"], answer["error"]["code"]) == (1, False, "table_function")


def test_query_answers_refuses_and_fails(sample: str, tmp_path: Path) -> None:
    code, answer = run("query", sample, "SELECT count(*), sum(id) FROM sample")
    assert (code, answer["rows"]) == (0, [[1000, 499500]])

    code, answer = run("query", sample, "DROP TABLE sample")
    assert (code, answer["error"]["code"]) == (1, "not_select")

    (tmp_path / "broken.parquet").write_bytes(b"nothing")
    code, answer = run("query", str(tmp_path / "broken.parquet"), "SELECT 1")
    assert (code, answer["error"]["code"]) == (1, "sample_unreadable")


def test_scan_and_anonymise_write_a_sample_that_can_be_queried(sample: str, tmp_path: Path) -> None:
    code, report = run("scan", sample)
    assert (code, report["rows"], len(report["columns"])) == (0, 1000, 6)

    target = str(tmp_path / "released.parquet")
    code, release = run("anonymise", sample, target, "--k", "5", "--role", "age=quasi_identifier")
    assert (code, release["k"]) == (0, 5)
    code, answer = run("query", target, "SELECT count(*) FROM sample")
    assert (code, answer["rows"]) == (0, [[release["rows_released"]]])


def test_wrong_usage_exits_with_two(sample: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("[]")

    assert run()[0] == 2
    assert run("query", "missing.parquet", "SELECT 1")[0] == 2
    assert run("gate", "SELECT 1", "--schema", str(broken))[0] == 2
    assert run("anonymise", sample, str(tmp_path / "o"), "--role", "nope=free")[0] == 2


def test_formats_are_documented() -> None:
    code, formats = run("schema")

    assert code == 0
    assert {"gate", "query", "scan", "anonymise", "exit_codes"} <= formats.keys()
