"""`python -m pricing`: value, rate, certify, ladder, credits and schema; JSON in, JSON out.

Exit code 0: done. 1: the plan or ladder was rejected. 2: unusable input, its field named on stderr.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pricing.document import Document
from pricing.errors import InvalidInput, PricingError
from pricing.plans import (
    LadderRejected,
    Rejected,
    certificate_to_json,
    certify,
    certify_ladder,
    credits_from_json,
    credits_to_json,
    ladder_certificate_to_json,
    ladder_from_json,
    plan_from_json,
    rate,
    rating_to_json,
    usage_from_json,
)

INPUT_BYTES_MAX: Final = 4 * 1024 * 1024
DONE, REFUSED, UNUSABLE = 0, 1, 2

EXAMPLE: Final = """\
example:
  echo '{"currency": "CNY", "charges": [{"kind": "graduated", "meter": "rows", "tiers":
    [{"up_to": 1, "unit_price": "1"}, {"up_to": null, "unit_price": "2"}]}]}' |
    python -m pricing certify
  answers "rejected": two purchases of 1 row cost less than one of 2; the exit code is 1.

exit codes: 0 done, 1 the plan or ladder was rejected, 2 unusable input (the field is named)
"""

Answer = tuple[int, object]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command on a file or standard input and return its exit code."""
    chosen = _parser().parse_args(arguments)
    try:
        code, answer = _run(chosen)
    except InvalidInput as error:
        _print_error(error.code, error.field, error.problem)
        return UNUSABLE
    except (PricingError, OSError) as error:
        _print_error(getattr(error, "code", "pricing.unreadable_input"), "", str(error))
        return UNUSABLE
    print(json.dumps(answer, ensure_ascii=False, indent=2))
    return code


def value_command(document: object) -> Answer:
    """Value a case."""
    # Imported here: rating and certification need no numpy.
    from pricing.valuation import case_from_json, result_to_json, value_case  # noqa: PLC0415

    return DONE, result_to_json(value_case(case_from_json(document)))


def rate_command(document: object) -> Answer:
    """Rate the usage of one billing period under a plan."""
    fields = Document(document)
    plan = plan_from_json(fields.value("plan"), "plan")
    usage = usage_from_json(fields.value("usage"))
    fields.finish()
    return DONE, rating_to_json(rate(plan, usage))


def certify_command(document: object) -> Answer:
    """Prove, repair or reject a plan."""
    plan = plan_from_json(document)
    certificate = certify(plan)
    code = REFUSED if isinstance(certificate, Rejected) else DONE
    return code, certificate_to_json(certificate, plan.currency)


def ladder_command(document: object) -> Answer:
    """Prove, repair or reject the prices of versions of different accuracy."""
    ladder = ladder_from_json(document)
    certificate = certify_ladder(ladder)
    code = REFUSED if isinstance(certificate, LadderRejected) else DONE
    return code, ladder_certificate_to_json(certificate, ladder.currency)


def credits_command(document: object) -> Answer:
    """Pay draws from prepaid credits, by priority and expiry."""
    return DONE, credits_to_json(credits_from_json(document))


def schema_command(name: str) -> Answer:
    """Return the JSON Schema of the input of a command."""
    from pricing.schema import SCHEMAS  # noqa: PLC0415 (it reads the methods, which need numpy)

    return DONE, SCHEMAS[name]()


COMMANDS: Final[dict[str, Callable[[object], Answer]]] = {
    "value": value_command,
    "rate": rate_command,
    "certify": certify_command,
    "ladder": ladder_command,
    "credits": credits_command,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pricing",
        description="Value data, rate usage, certify prices, burn credits: JSON in, JSON out.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        added = commands.add_parser(name, help=command.__doc__)
        added.add_argument("file", nargs="?", default="-", help="JSON file; - is standard input")
    schema = commands.add_parser("schema", help=schema_command.__doc__)
    schema.add_argument("name", choices=sorted(COMMANDS), help="the command to describe")
    return parser


def _run(chosen: argparse.Namespace) -> Answer:
    if chosen.command == "schema":
        return schema_command(str(chosen.name))
    return COMMANDS[str(chosen.command)](_read(str(chosen.file)))


def _read(file: str) -> object:
    if file == "-":
        content = sys.stdin.buffer.read(INPUT_BYTES_MAX + 1)
    else:
        with Path(file).open("rb") as stream:
            content = stream.read(INPUT_BYTES_MAX + 1)
    if len(content) > INPUT_BYTES_MAX:
        raise InvalidInput("document", f"must have at most {INPUT_BYTES_MAX} bytes")
    try:
        return json.loads(content, object_pairs_hook=_fields)
    except InvalidInput:
        raise
    # ValueError: not JSON, not UTF-8, or an integer of thousands of digits.
    except (ValueError, RecursionError):
        raise InvalidInput("document", "must be JSON in UTF-8") from None


def _fields(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a field that is there twice, of which JSON would silently take the last."""
    fields: dict[str, object] = {}
    for name, value in pairs:
        if name in fields:
            raise InvalidInput(name, "is there twice in one object")
        fields[name] = value
    return fields


def _print_error(code: str, field: str, problem: str) -> None:
    error = {"error": {"code": code, "field": field, "problem": problem}}
    print(json.dumps(error, ensure_ascii=False), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
