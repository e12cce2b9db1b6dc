"""The broker child: sandbox queries over a Unix socket, in a bounded pool of locked processes."""

import asyncio

import structlog

from exchange_market.kernel.settings import Settings
from sandbox.broker import BrokerSettings, serve

log = structlog.get_logger()


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Answer queries until `stop` is set."""
    limits = BrokerSettings(
        samples_root=samples_root(settings),
        workers_max=settings.sandbox_workers,
        query_seconds_max=settings.sandbox_seconds_max,
    )
    serving = asyncio.create_task(serve(settings.sandbox_socket, limits))
    stopping = asyncio.create_task(stop.wait())
    log.info("broker.serving", workers_max=settings.sandbox_workers)
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
