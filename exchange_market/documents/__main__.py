"""`python -m exchange_market.documents`: lays out the one job on standard input.

The parent is exchange_market.documents.pdf; the PDF goes to standard output, what is wrong to
standard error.
"""

import sys

import msgspec
import typst

from exchange_market.documents.job import TypesettingJob
from exchange_market.documents.typesetting import confine, load_fonts, typeset


def main() -> int:
    """Read, confine, typeset, write; 1 when the template or its values are at fault."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=TypesettingJob)
    fonts = load_fonts(job)
    active = confine(job)
    try:
        pdf = typeset(job, fonts)
    except typst.TypstError as error:
        sys.stderr.write(f"{error.message}\n{error.diagnostic}\nprotections: {active}\n")
        return 1
    sys.stdout.buffer.write(pdf)
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
