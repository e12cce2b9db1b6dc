"""`python -m sandbox`: scan, anonymise, judge and query Parquet files from the shell.

Every command prints one JSON object. Exit code 0: done; 1: refused or failed, with `error` in the
object; 2: wrong usage.
"""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from sandbox.commands import anonymise, document_formats, judge, query, scan

Command = Callable[[argparse.Namespace], tuple[int, dict[str, Any]]]


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    code, answer = command(options)
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    add = commands.add_parser("scan", help="find the role of every column of a Parquet file")
    add.add_argument("file", metavar="FILE", help="Parquet file")
    add.set_defaults(command=scan)

    add = commands.add_parser("anonymise", help="write a k-anonymous sample of a Parquet file")
    add.add_argument("source", metavar="IN", help="Parquet file to read")
    add.add_argument("target", metavar="OUT", help="Parquet file to write")
    add.add_argument("--k", type=int, default=5, help="rows in a class at least (default 5)")
    add.add_argument("--l", type=int, default=2, help="sensitive values per class (default 2)")
    add.add_argument("--max-rows", type=int, default=10_000, help="rows at most (default 10000)")
    add.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="COLUMN=ROLE",
        help="give a column another role than the scan found; repeat for more",
    )
    add.set_defaults(command=anonymise)

    add = commands.add_parser("gate", help="judge one SQL statement without running it")
    add.add_argument("sql", metavar="SQL", help="the statement")
    add.add_argument("--schema", required=True, metavar="FILE", help="JSON: see `schema`")
    add.set_defaults(command=judge)

    add = commands.add_parser("query", help="run one SELECT over the table `sample` in a worker")
    add.add_argument("file", metavar="SAMPLE", help="Parquet file")
    add.add_argument("sql", metavar="SQL", help="the statement; the table is called sample")
    add.add_argument("--max-rows", type=int, default=100, help="rows at most (default 100)")
    add.set_defaults(command=query)

    add = commands.add_parser("schema", help="describe what the commands read and print")
    add.set_defaults(command=document_formats)
    return parser


if __name__ == "__main__":
    sys.exit(main())
