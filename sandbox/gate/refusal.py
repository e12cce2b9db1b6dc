"""Why a statement was refused, in the buyer's words and with the allowed alternative."""

from collections.abc import Mapping

DetailValue = str | int | list[str]

_TEXTS: Mapping[str, tuple[str, str]] = {
    "empty": (
        "The statement is empty. Write one SELECT over the table sample.",
        "语句为空。请写一条查询 sample 表的 SELECT。",
    ),
    "too_long": (
        "The statement is longer than {limit} characters. Shorten it, or ask in several queries.",
        "语句超过 {limit} 个字符。请缩短，或拆成几次查询。",
    ),
    "too_deep": (
        "The statement nests deeper than {limit} levels. Flatten it with WITH clauses.",
        "语句嵌套超过 {limit} 层。请用 WITH 子句展开。",
    ),
    "too_complex": (
        "The statement has more than {limit} of: {construct}. Split it into smaller queries.",
        "语句中“{construct}”超过 {limit} 个。请拆成较小的查询。",
    ),
    "character_not_allowed": (
        "{construct} is not accepted. Use plain 'text', \"identifiers\" and -- comments.",
        "不接受 {construct}。请使用普通的 '文本'、\"标识符\" 和 -- 注释。",
    ),
    "number_too_long": (
        "A number has more than {limit} digits.",
        "数字超过 {limit} 位。",
    ),
    "case_operand": (
        "CASE needs WHEN or a plain column after it. Write CASE WHEN condition THEN … END.",
        "CASE 之后只能是 WHEN 或简单列名。请写成 CASE WHEN 条件 THEN … END。",
    ),
    "named_window": (
        "Named windows are not accepted. Write the window in brackets: OVER (…).",
        "不接受命名窗口。请把窗口写在括号里：OVER (…)。",
    ),
    "syntax_error": (
        "The statement does not parse: {message}",
        "语句有语法错误：{message}",
    ),
    "not_one_statement": (
        "{count} statements were sent. Send exactly one SELECT.",
        "收到 {count} 条语句。请只发送一条 SELECT。",
    ),
    "not_select": (
        "{construct} is not allowed: a sample is read-only. Send a SELECT.",
        "不允许 {construct}：样本只读。请发送 SELECT。",
    ),
    "ddl_in_cte": (
        "{construct} inside WITH is not allowed: a sample is read-only.",
        "WITH 中不允许 {construct}：样本只读。",
    ),
    "recursive": (
        "Recursive WITH is not allowed. Join the sample with itself a fixed number of times.",
        "不允许递归 WITH。请改为固定次数的自连接。",
    ),
    "unknown_table": (
        "There is no table {construct} here. Available: {allowed}.",
        "没有表 {construct}。可用：{allowed}。",
    ),
    "unknown_column": (
        "There is no column {construct} here. Available: {allowed}.",
        "没有列 {construct}。可用：{allowed}。",
    ),
    "shadowed_name": (
        "The WITH name {construct} hides a table or another WITH name. Choose a different name.",
        "WITH 名称 {construct} 与已有的表或 WITH 名称重复。请换一个名称。",
    ),
    "qualified_name": (
        "{construct} carries a schema or database name. Write the bare name.",
        "{construct} 带有模式名或库名。请只写名称本身。",
    ),
    "table_function": (
        "The table function {construct} is not allowed. Only these tables can be read: {allowed}.",
        "不允许表函数 {construct}。只能读取以下表：{allowed}。",
    ),
    "function_not_allowed": (
        "The function {construct} is not allowed. Similar allowed functions: {allowed}.",
        "不允许函数 {construct}。相近的可用函数：{allowed}。",
    ),
    "type_not_allowed": (
        "The type {construct} is not allowed. Use one of: {allowed}.",
        "不允许类型 {construct}。请使用：{allowed}。",
    ),
    "argument_not_bounded": (
        "{construct} needs a literal of at most {limit} as its argument number {position}.",
        "{construct} 的第 {position} 个参数必须是不超过 {limit} 的字面值。",
    ),
    "construct_not_allowed": (
        "{construct} is not allowed in a sample query. Use SELECT with joins, filters and groups.",
        "样本查询中不允许 {construct}。请使用带连接、过滤和分组的 SELECT。",
    ),
}

REFUSAL_CODES = frozenset(_TEXTS)


class StatementRefused(Exception):
    """The gate does not let this statement run.

    `code` is stable; `en` and `zh` tell the buyer what to change; `detail` holds the parameters of
    the text (the construct, a limit, what is allowed) and, when known, its `offset` in the text.
    """

    def __init__(self, code: str, **detail: DetailValue) -> None:
        english, chinese = _TEXTS[code]
        words = {
            name: ", ".join(value) if isinstance(value, list) else value
            for name, value in detail.items()
        }
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.en = english.format_map(words)
        self.zh = chinese.format_map(words)

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"
