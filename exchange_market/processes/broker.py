"""The broker child: sandbox queries over a Unix socket, in a bounded pool of locked processes."""

import asyncio
import math

import structlog

from exchange_market.kernel.settings import Settings
from exchange_market.trials.sample_files import samples_root
from sandbox.broker import BrokerSettings, WorkerLimits, serve

log = structlog.get_logger()
_REQUIRED = frozenset({"no_network", "address_space"})
"""Protections without which a production broker answers no query."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Answer queries until `stop` is set."""
    serving = asyncio.create_task(serve(settings.sandbox_socket, broker_settings(settings)))
    stopping = asyncio.create_task(stop.wait())
    log.info("broker.serving", workers_max=settings.sandbox_workers)
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


def broker_settings(settings: Settings) -> BrokerSettings:
    """The broker's own settings under those of the exchange.

    DuckDB gives a query up at the whole second before the wall clock of `sandbox_seconds_max`
    kills it.
    """
    seconds_max = settings.sandbox_seconds_max
    return BrokerSettings(
        sample_root=samples_root(settings),
        workers_max=settings.sandbox_workers,
        required_protections=_REQUIRED if settings.production else frozenset(),
        limits=WorkerLimits(
            query_seconds=max(1, math.ceil(seconds_max) - 1), kill_after_seconds=seconds_max
        ),
    )
