import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pricing.__main__ import INPUT_BYTES_MAX, main

RISING = {
    "currency": "CNY",
    "charges": [
        {
            "kind": "graduated",
            "meter": "rows",
            "tiers": [{"up_to": 1, "unit_price": "1"}, {"up_to": None, "unit_price": "2"}],
        }
    ],
}
MANY_TIERS = {
    "kind": "graduated",
    "meter": "rows",
    "tiers": [{"up_to": end if end < 100 else None, "unit_price": "1"} for end in range(1, 101)],
}
CASE: dict[str, Any] = {
    "currency": "CNY",
    "purpose": "listing",
    "value_type": "market",
    "valued_on": "2026-11-23",
    "parameters": {"spent": {"value": "500000", "source": "books"}},
    "methods": [{"name": "cost", "kind": "replacement_cost", "arguments": {"items": ["spent"]}}],
}
LADDER = {
    "currency": "CNY",
    "measure": "epsilon",
    "rungs": [{"accuracy": "1", "price": "10"}, {"accuracy": "2", "price": "25"}],
}
CREDITS = {
    "currency": "CNY",
    "grants": [{"id": "gift", "amount": "5", "granted_at": "2026-11-01T00:00:00Z"}],
    "draws": [{"id": "invoice", "amount": "8", "at": "2026-11-02T00:00:00Z"}],
    "until": "2026-11-03T00:00:00Z",
}


def _forecast(rate: str = "0.1", flows: object = "flow", **fields: object) -> dict[str, Any]:
    """A case of one direct forecast."""
    method = {
        "name": "forecast",
        "kind": "direct_forecast",
        "arguments": {"cash_flows": flows, "discount_rate": "rate"},
        **fields,
    }
    figures = {"flow": {"value": "5", "source": "plan"}, "rate": {"value": rate, "source": "s"}}
    return {**CASE, "parameters": figures, "methods": [method]}


def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str, document: object
) -> tuple[int, Any, str]:
    """Run a command on a file and return its exit code, its answer and its error text."""
    file = tmp_path / "input.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    code = main([command, str(file)])
    printed = capsys.readouterr()
    return code, json.loads(printed.out) if printed.out else None, printed.err


def test_rate_answers_lines_and_total(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = {"plan": RISING, "usage": {"rows": 3}}

    code, answer, _ = run(capsys, tmp_path, "rate", document)

    assert (code, answer["total"]) == (0, "5.00")


def test_a_rejected_plan_exits_with_one_and_its_counterexample(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, answer, _ = run(capsys, tmp_path, "certify", RISING)

    assert (code, answer["outcome"]) == (1, "rejected")
    assert answer["counterexample"]["price_together"] == "3"


def test_a_rejected_ladder_exits_with_one_and_its_counterexample(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, answer, _ = run(capsys, tmp_path, "ladder", LADDER)

    assert (code, answer["outcome"]) == (1, "rejected")
    assert answer["counterexample"]["price_apart"] == "20"


def test_credits_answers_who_paid_what(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, answer, _ = run(capsys, tmp_path, "credits", CREDITS)

    assert (code, answer["unpaid"]) == (0, [{"draw": "invoice", "amount": "3.00"}])


def test_value_answers_the_report(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, answer, _ = run(capsys, tmp_path, "value", CASE)

    assert (code, answer["value"]["p50"]) == (0, "500000.00")


@pytest.mark.parametrize(
    ("command", "document", "field"),
    [
        ("rate", {"plan": RISING, "usage": {"rows": -1}}, "usage.rows"),
        ("rate", {"plan": {**RISING, "currency": "RMB"}, "usage": {}}, "plan.currency"),
        ("rate", {"plan": RISING, "usage": {}, "tax": 1}, "tax"),
        ("certify", {**RISING, "name": "x"}, "name"),
        ("certify", {**RISING, "charges": [MANY_TIERS] * 3}, "charges"),
        ("value", {**CASE, "methods": []}, "methods"),
        ("value", {**CASE, "valued_on": "2026-W44-7"}, "valued_on"),
        ("value", {**CASE, "valued_on": "20261031"}, "valued_on"),
        ("value", {**CASE, "valued_on": "2026-02-30"}, "valued_on"),
        ("value", {**CASE, "currency": "RMB"}, "currency"),
        ("value", {**CASE, "currency": "XAU"}, "currency"),
        ("value", {**CASE, "colour": "red"}, "colour"),
        ("value", _forecast(rate="-0.05"), "parameters.rate"),
        ("value", _forecast(flows=[]), "methods[0].arguments.cash_flows"),
        ("value", _forecast(adjustments=[{"kind": "gift"}]), "methods[0].adjustments[0].kind"),
        ("value", _forecast(option="x"), "methods[0].option"),
        ("ladder", {**LADDER, "rungs": []}, "rungs"),
        ("ladder", {**LADDER, "colour": "red"}, "colour"),
        ("credits", {**CREDITS, "currency": "RMB"}, "currency"),
        ("credits", {**CREDITS, "until": "soon"}, "until"),
        ("certify", "{", "document"),
        ("certify", "[" * 200_000, "document"),
        ("certify", "9" * 5_000, "document"),
        ("value", {**CASE, "purpose": "\ud800"}, "purpose"),
        ("value", {**CASE, "parameters": {"\ud800": CASE["parameters"]["spent"]}}, "parameters"),
        ("rate", '{"plan": {}, "usage": {"rows": 1, "rows": 2}}', "rows"),
    ],
)
def test_unusable_input_exits_with_two_and_names_the_field(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    command: str,
    document: object,
    field: str,
) -> None:
    code, answer, error = run(capsys, tmp_path, command, document)

    assert (code, answer) == (2, None)
    assert json.loads(error)["error"]["field"] == field


def test_a_file_that_is_not_there_exits_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", "no/such/file.json"]) == 2
    assert "no/such/file.json" in json.loads(capsys.readouterr().err)["error"]["problem"]


def test_input_over_the_limit_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, error = run(capsys, tmp_path, "certify", " " * (INPUT_BYTES_MAX + 1))

    assert code == 2
    assert json.loads(error)["error"]["field"] == "document"


def test_standard_input_is_the_default(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(json.dumps(RISING).encode()))
    monkeypatch.setattr(sys, "stdin", stream)

    assert main(["certify"]) == 1
    assert json.loads(capsys.readouterr().out)["outcome"] == "rejected"


@pytest.mark.parametrize("name", ["value", "rate", "certify", "ladder", "credits"])
def test_schema_describes_the_input(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["schema", name]) == 0

    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False


def test_the_module_runs_and_its_help_shows_an_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pricing", "--help"], capture_output=True, text=True, check=True
    )

    assert "python -m pricing certify" in done.stdout


def test_rating_and_certifying_load_neither_numpy_nor_scipy() -> None:
    script = "import sys, pricing.__main__; print({'numpy', 'scipy', 'ibis'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "set()"
