"""`python -m exchange_market` is the `exchange` command."""

from exchange_market.cli import main

main()
