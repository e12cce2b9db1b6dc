"""`python -m sandbox.broker`: run the broker until it is told to stop."""

import argparse
import asyncio
import sys
from pathlib import Path

from sandbox.broker.server import BrokerAlreadyRunning, serve
from sandbox.broker.settings import BrokerSettings


def main(arguments: list[str] | None = None) -> int:
    """Run the broker; exit code 0 after a requested stop, 1 if another broker has the socket."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.broker", description=__doc__)
    parser.add_argument("--socket", type=Path, required=True, help="Unix socket to listen on")
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the samples")
    parser.add_argument("--workers", type=int, default=4, help="worker processes at most")
    parser.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="PROTECTION",
        help="refuse workers without it: no_network, landlock, own_user, address_space",
    )
    options = parser.parse_args(arguments)
    settings = BrokerSettings(
        sample_root=options.root,
        workers_max=options.workers,
        required_protections=frozenset(options.require),
    )
    try:
        asyncio.run(serve(options.socket, settings))
    except BrokerAlreadyRunning as error:
        sys.stderr.write(f"a broker already listens on {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
