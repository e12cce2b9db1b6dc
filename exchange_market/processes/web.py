"""The web child: the HTTP application in one granian server."""

import asyncio

import structlog
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from exchange_market.app import create_app
from exchange_market.kernel.settings import Settings
from exchange_market.wiring import open_exchange

log = structlog.get_logger()
_HEADER_TIMEOUT_SECONDS = 30


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Serve until `stop` is set."""
    async with open_exchange(settings) as exchange:
        server = Server(
            create_app(exchange),
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGI,
            websockets=False,
            http1_settings=HTTP1Settings(header_read_timeout=_HEADER_TIMEOUT_SECONDS * 1000),
            log_enabled=False,
        )
        serving = asyncio.create_task(server.serve())
        stopping = asyncio.create_task(stop.wait())
        log.info("web.serving", url=settings.url)
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            server.stop()
        await serving
