"""Columns that a request names and its contract does not cover, told so that it can be mended.

Only names that the caller sent are told, and near ones that the contract covers: whether the
product has a column of that name is not.
"""

from collections.abc import Sequence
from difflib import get_close_matches

_NAMED_MAX = 5
_CHARACTERS_MAX = 80
_COMPARED_MAX = 500


def about_columns(
    field: str | None, asked: Sequence[str], covered: frozenset[str]
) -> dict[str, object]:
    """The parameters by which OutsideContract names the asked columns outside the contract.

    `field` is the query parameter that named them; it is left out where no column is at fault.
    """
    outside = [name for name in dict.fromkeys(asked) if name not in covered][:_NAMED_MAX]
    if not outside:
        return {"about_en": "", "about_zh": ""}
    named = [name[:_CHARACTERS_MAX] for name in outside]
    near = list(dict.fromkeys(one for name in named for one in _nearest(name, covered)))
    shown = ", ".join(f"'{name}'" for name in named)
    hint = ", ".join(f"'{name}'" for name in near)
    return {
        "field": field,
        "columns": named,
        "nearest": near,
        "about_en": f": {shown}" + (f"; did you mean {hint}?" if near else ""),
        "about_zh": f"：{shown}" + (f"；是否指 {hint}？" if near else ""),
    }


def _nearest(name: str, covered: frozenset[str]) -> Sequence[str]:
    # Comparing is slow: so many names of so many characters, no more.
    folded = {one[:_CHARACTERS_MAX].casefold(): one for one in sorted(covered)[:_COMPARED_MAX]}
    return [folded[one] for one in get_close_matches(name.casefold(), folded, n=1)]
