"""Why a document cannot be made."""

from exchange_market.kernel.errors import TooLarge, Unavailable


class ChineseFontMissing(Unavailable):
    """No font on this machine has Chinese characters: the PDF would be full of boxes."""

    code = "documents.chinese_font_missing"
    en = (
        "This server has no font with Chinese characters, so it makes no PDF. Its operator "
        "installs the Python package {package} (extra 'reports') or the system package "
        "{system_package}, or names a folder with such a font in EXCHANGE_FONT_DIR. HTML and XLSX "
        "work without."
    )
    zh = (
        "本服务器没有中文字体，无法生成 PDF。请运营方安装 Python 软件包 {package}（附加项 reports）"
        "或系统软件包 {system_package}，或在 EXCHANGE_FONT_DIR 中指定含中文字体的文件夹。"
        "HTML 与 XLSX 不受影响。"
    )


class DocumentTooLarge(TooLarge):
    """What is to be shown, or the document made of it, has more bytes than the limit."""

    code = "documents.too_large"
    en = "This document would have more than {bytes_max} bytes; shorten its texts and tables."
    zh = "该文档将超过 {bytes_max} 字节；请缩短其中的文字与表格。"


class DocumentTimedOut(Unavailable):
    """Laying out the document took longer than allowed."""

    code = "documents.timed_out"
    en = "Making this document took more than {seconds} seconds; try again in a moment."
    zh = "生成该文档超过 {seconds} 秒；请稍后再试。"


class TypesettingBusy(Unavailable):
    """Others are waiting for their documents already."""

    code = "documents.busy"
    en = "Many documents are being made just now; try again in a moment."
    zh = "当前生成文档的请求较多；请稍后再试。"
