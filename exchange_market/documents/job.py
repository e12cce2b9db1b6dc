"""What a typesetting child is told."""

from typing import Any

import msgspec


class TypesettingJob(msgspec.Struct, frozen=True):
    """A template, the values it shows, and the folder that has nothing but the font in it.

    `font_file` is the file that the folder's link leads to, `issued_at` the Unix time of the PDF.
    """

    template: str
    values: dict[str, Any]
    folder: str
    font_file: str
    issued_at: int
    parent_pid: int
    seconds_max: int
