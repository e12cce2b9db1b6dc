"""Why an allowed query gave no answer, in the buyer's words."""

from collections.abc import Mapping

_TEXTS: Mapping[str, tuple[str, str]] = {
    "query_error": (
        "The query failed: {message}",
        "查询失败：{message}",
    ),
    "query_timeout": (
        "The query took longer than {seconds} seconds. Filter or group earlier, join fewer rows.",
        "查询超过 {seconds} 秒。请先过滤或分组，并减少连接的行数。",
    ),
    "memory_exceeded": (
        "The query needed more memory than a sample query may use. Return or join fewer rows.",
        "查询所需内存超过样本查询的上限。请返回或连接更少的行。",
    ),
    "worker_lost": (
        "The query was stopped because it used too much time or memory. Simplify it and try again.",
        "查询因占用过多时间或内存而被终止。请简化后重试。",
    ),
    "busy": (
        "The sandbox is busy. Try again in a few seconds.",
        "沙箱繁忙，请几秒后重试。",
    ),
    "sample_not_found": (
        "The sample {sample_id} does not exist. Ask the provider to build it again.",
        "样本 {sample_id} 不存在。请联系数据提供方重新生成。",
    ),
    "sample_outside_root": (
        "The sample {sample_id} lies outside the sample folder, so it is not opened.",
        "样本 {sample_id} 不在样本目录内，拒绝打开。",
    ),
    "sample_unreadable": (
        "The sample {sample_id} cannot be loaded. Ask the provider to build it again.",
        "样本 {sample_id} 无法加载。请联系数据提供方重新生成。",
    ),
    "protection_missing": (
        "The sandbox cannot run safely here: {protections} is not available. Tell the operator.",
        "沙箱在此系统上无法安全运行：缺少 {protections}。请联系运营方。",
    ),
    "bad_request": (
        "The request to the sandbox is malformed: {message}",
        "发给沙箱的请求格式不正确：{message}",
    ),
    "broker_unavailable": (
        "The sandbox is not running. Try again later.",
        "沙箱未运行，请稍后重试。",
    ),
    "broker_timeout": (
        "The sandbox did not answer within {seconds} seconds. Try again later.",
        "沙箱在 {seconds} 秒内没有响应，请稍后重试。",
    ),
}

FAILURE_CODES = frozenset(_TEXTS)


class QueryFailed(Exception):
    """A query that could not be answered. `code` is stable; `en` and `zh` say what to do."""

    def __init__(self, code: str, **detail: str | float) -> None:
        english, chinese = _TEXTS[code]
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.en = english.format_map(detail)
        self.zh = chinese.format_map(detail)

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"
