"""Why a revision has no sample, in words for its provider."""

from collections.abc import Sequence
from typing import Final

from exchange_market.trials.sample import SampleRefusal

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "persons_without_roles": (
        "You said that the rows are about persons, but no column is marked as identifying or"
        " sensitive. Set the roles of the columns.",
        "您声明数据涉及个人，但没有任何列被标记为标识符或敏感信息。请设置各列的角色。",
    ),
    "out_of_memory": (
        "The sample needs more memory than its making may use. Upload fewer columns or rows.",
        "生成样本所需内存超过上限。请减少列数或行数后重新上传。",
    ),
    "out_of_time": (
        "The sample could not be made in time. Upload fewer columns or rows.",
        "未能在规定时间内生成样本。请减少列数或行数后重新上传。",
    ),
    "reader_crashed": (
        "The data made the reader fail. Save them again with other software.",
        "数据导致读取程序出错。请用其他软件重新保存后上传。",
    ),
    "risk_too_high": (
        "The measured risk is above the exchange's thresholds ({figures}). Withhold a column by"
        " giving it a more cautious role, or upload more rows.",
        "测得的风险超过交易所阈值（{figures}）。请将某列设为更谨慎的角色以隐去，或上传更多行。",
    ),
    "too_few_rows": (
        "The revision has too few rows to hide anybody among them. Upload more rows.",
        "该版本的行数太少，无法做到匿名。请上传更多行。",
    ),
    "empty_table": (
        "There is no row or no column that a sample could show. Upload data, or have the roles of"
        " the columns reviewed.",
        "没有可供样本展示的行或列。请上传数据，或申请复核列的角色。",
    ),
    "nothing_left": (
        "Every column is withheld, so that nothing can be shown. Have the roles of the columns"
        " reviewed.",
        "所有列均被隐去，没有可展示的内容。请申请复核列的角色。",
    ),
}

_IN_CHINESE: Final[dict[str, str]] = {
    "sensitive_not_diverse": "某敏感列的取值过少，无法满足多样性要求。请将该列设为隐去的角色。",
    "sample_too_small": "没有等价类能放入样本。请上传更多行，或隐去取值过多的列。",
    "unsupported_type": "某列的类型无法泛化。请将该列设为隐去的角色，或改用普通类型后重新上传。",
    "name_taken": "样本中的列名与数据中的列名冲突。请重命名数据中的该列后重新上传。",
    "too_many_columns": "列数超过可扫描的上限。请减少列数后重新上传。",
}
_CHINESE_DEFAULT: Final = "无法为该版本生成安全的样本，请查看英文说明。"


def refusal(reason: str, remedy: str = "", figures: Sequence[str] = ()) -> SampleRefusal:
    """The refusal for a stable word; `remedy` is the sandbox's own sentence, if it has one."""
    if reason in _TEXTS:
        words = {"figures": ", ".join(figures)}
        english, chinese = (text.format_map(words) for text in _TEXTS[reason])
        return SampleRefusal(f"trials.{reason}", english, chinese)
    return SampleRefusal(f"trials.{reason}", remedy, _IN_CHINESE.get(reason, _CHINESE_DEFAULT))
