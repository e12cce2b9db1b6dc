"""Turning an uploaded file into a revision: a limited child process reads it, checks it and commits
to it.

The parent's side is `process`; the child runs `python -m exchange_market.catalog.ingestion` and
`pipeline`. This package is imported by the child, so nothing here may import the web framework or
the database.
"""
