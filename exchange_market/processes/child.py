"""Entry point of a supervised child: `python -m exchange_market.processes.child
web|worker|broker`."""

import asyncio
import importlib
import signal
import sys

from exchange_market.kernel.settings import Settings
from exchange_market.processes.lineage import die_with_parent
from exchange_market.processes.logs import configure_logs
from exchange_market.processes.supervisor import CHILDREN


def main(name: str) -> None:
    """Run one child until SIGTERM."""
    if name not in CHILDREN:
        raise SystemExit(f"no such child: {name}; there are {', '.join(CHILDREN)}")
    die_with_parent()
    configure_logs(name)
    # Imported by name so that each process loads only what it needs.
    run = importlib.import_module(f"exchange_market.processes.{name}").run
    asyncio.run(_until_told(run))


async def _until_told(run) -> None:  # pyright: ignore[reportUnknownParameterType,reportMissingParameterType]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(Settings(), stop)


if __name__ == "__main__":
    main(sys.argv[1])
