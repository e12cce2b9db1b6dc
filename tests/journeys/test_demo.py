"""The demo as a newcomer runs it: a real server, real data, every step."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

STEPS = (
    "register verify_organisations create_product upload profile sample appraise submit approve "
    "search sandbox_query sandbox_refusal negotiate sign top_up issue_key deliver_rows "
    "deliver_file refuse_after_quota receipts invoice settle audit verify"
).split()


@pytest.mark.slow
def test_the_whole_trade_succeeds_and_its_figures_agree() -> None:
    environment = {name: value for name, value in os.environ.items() if "EXCHANGE_" not in name}

    done = subprocess.run(
        [sys.executable, "-m", "exchange_market", "demo", "--once", "--json"],
        capture_output=True,
        text=True,
        timeout=600,
        env=environment,
        check=False,
    )

    outcome = json.loads(done.stdout)
    steps: dict[str, dict[str, Any]] = {step["name"]: step for step in outcome["steps"]}
    assert outcome["ok"] is True, outcome["steps"][-1]
    assert done.returncode == 0
    assert list(steps) == STEPS
    assert steps["upload"]["rows"] == 336_776 + 8_802
    assert steps["sample"]["persons"]["k"] >= 5
    assert steps["sample"]["persons"]["l"] >= 2
    assert steps["appraise"]["refused_plan"] == (
        "该方案可被套利。分两次各买 100000 行共 100 CNY, 低于一次购买 200000 行的 130 CNY。"
    )
    assert steps["refuse_after_quota"]["rows"] == 336_776 + 8_000
    assert steps["receipts"]["bytes"] == steps["refuse_after_quota"]["bytes"]
    assert steps["invoice"]["total"] == "172.42"
    assert steps["settle"]["provider_share_micro"] == 163_800_000
    assert steps["settle"]["commission_micro"] == 8_620_000
    assert steps["audit"]["ledger_sums"] == {"CNY": 0}
