"""Runs the steps of the demo in order, tells what each did, and keeps serving if asked."""

import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from rich.console import Console

from exchange_market.demo import contract_steps, delivery_steps, listing_steps
from exchange_market.demo.datasets import DatasetsMissing, prepare
from exchange_market.demo.offerings import flights, persons
from exchange_market.demo.server import RunningServer, running_server
from exchange_market.demo.trade import Trade, start_trade

STEPS: tuple[Callable[[Trade], dict[str, Any]], ...] = (
    listing_steps.register,
    listing_steps.verify_organisations,
    listing_steps.create_product,
    listing_steps.upload,
    listing_steps.profile,
    listing_steps.sample,
    listing_steps.appraise,
    listing_steps.submit,
    listing_steps.approve,
    contract_steps.search,
    contract_steps.sandbox_query,
    contract_steps.sandbox_refusal,
    contract_steps.negotiate,
    contract_steps.sign,
    contract_steps.top_up,
    contract_steps.issue_key,
    delivery_steps.deliver_rows,
    delivery_steps.deliver_file,
    delivery_steps.refuse_after_quota,
    delivery_steps.receipts,
    delivery_steps.invoice,
    delivery_steps.settle,
    delivery_steps.audit,
    delivery_steps.verify,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step did."""

    name: str
    ok: bool
    seconds: float
    figures: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The step as `--json` prints it."""
        return {"name": self.name, "ok": self.ok, "seconds": round(self.seconds, 3), **self.figures}


def run_demo(*, once: bool, as_json: bool, data_dir: Path | None) -> int:
    """Run the trade; returns the exit code: 0 if every step did what it should, else 1."""
    signal.signal(signal.SIGTERM, _end)
    console = Console(stderr=True, quiet=as_json)
    begun = time.monotonic()
    with _folder(data_dir) as folder:
        try:
            csv_files = prepare(folder)
        except DatasetsMissing as missing:
            console.print(f"[red]{missing}")
            return 1
        console.print("Starting a server with a fresh data folder …")
        with running_server(folder) as server:
            offerings = (flights(csv_files[0]), persons(csv_files[1]))
            trade = start_trade(server, offerings, folder)
            outcomes = _run_steps(trade, console)
            ok = len(outcomes) == len(STEPS) and all(outcome.ok for outcome in outcomes)
            seconds = time.monotonic() - begun
            urls = _urls(trade)
            if as_json:
                _print_json(ok, seconds, outcomes, urls)
            else:
                _print_summary(console, trade, ok=ok, seconds=seconds, urls=urls)
            if not once:
                _keep_serving(console, server)
            for person in trade.people():
                person.close()
    return 0 if ok else 1


def _end(number: int, frame: FrameType | None) -> NoReturn:
    # Ends by way of every `finally`: the server and its folder go too.
    del frame
    raise SystemExit(128 + number)


def _run_steps(trade: Trade, console: Console) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for step in STEPS:
        name = step.__name__
        begun = time.monotonic()
        with console.status(f"{name} …"):
            outcome = _run_step(step, trade, begun)
        outcomes.append(outcome)
        mark = "[green]✓" if outcome.ok else "[red]✗"
        figures = "  ".join(f"{key}={value}" for key, value in outcome.figures.items())
        console.print(
            f"{mark}[/] {name:21}[dim]{outcome.seconds:6.2f} s[/]  {figures}", highlight=False
        )
        if not outcome.ok:
            break
    return outcomes


def _run_step(step: Callable[[Trade], dict[str, Any]], trade: Trade, begun: float) -> Outcome:
    try:
        figures = step(trade)
    except Exception as error:  # noqa: BLE001 - a failed step is an outcome, told with its reason
        reason = {"error": f"{type(error).__name__}: {error}"}
        return Outcome(step.__name__, ok=False, seconds=time.monotonic() - begun, figures=reason)
    return Outcome(step.__name__, ok=True, seconds=time.monotonic() - begun, figures=figures)


def _urls(trade: Trade) -> dict[str, str]:
    base = trade.server.url
    return {
        "server": base,
        "openapi": f"{base}/schema/openapi.json",
        "search": f"{base}/v1/products?q=航班",
        "public_keys": f"{base}/.well-known/jwks.json",
        "volume": f"{base}/v1/statistics/volume",
    }


def _print_json(ok: bool, seconds: float, outcomes: list[Outcome], urls: dict[str, str]) -> None:
    document = {
        "ok": ok,
        "seconds": round(seconds, 3),
        "steps": [outcome.to_json() for outcome in outcomes],
        "urls": urls,
    }
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def _print_summary(
    console: Console, trade: Trade, *, ok: bool, seconds: float, urls: dict[str, str]
) -> None:
    verdict = "[green]The trade is complete" if ok else "[red]The trade failed"
    console.print(f"\n{verdict}[/] after {seconds:.1f} s.")
    if not ok:
        console.print(f"Log of the server:\n{trade.server.log.read_text(errors='replace')[-2000:]}")
    for role, person in (
        ("administrator", trade.administrator),
        ("administrator", trade.second_administrator),
        ("provider", trade.provider),
        ("buyer", trade.buyer),
    ):
        access = f"password {person.password}  one-time codes {person.totp_secret}"
        console.print(f"{role:14} {person.email:18} {access}", highlight=False, soft_wrap=True)
    for name, url in urls.items():
        console.print(f"{name:14} {url}", highlight=False)


def _keep_serving(console: Console, server: RunningServer) -> None:
    console.print(f"\nStill serving at {server.url}; Ctrl-C ends it.")
    server.wait()


@contextmanager
def _folder(wanted: Path | None) -> Generator[Path]:
    if wanted is not None:
        wanted.mkdir(parents=True, exist_ok=False)
        yield wanted.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="exchange-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
