"""Why a file is not accepted: one class per reason, with what is needed to repair it.

Refusals cross the process boundary as code, texts and parameters; they never repeat a cell's
value. Rows are counted from 1, the header not included; lines and bytes are counted as an editor
does (lines from 1, byte offsets from 0).
"""

from exchange_market.kernel.errors import Invalid, TooLarge


class FileEmpty(Invalid):
    """Nothing in the file."""

    code = "ingestion.file_empty"
    en = "The file is empty."
    zh = "文件为空。"


class HeaderMissing(Invalid):
    """The first line does not name columns."""

    code = "ingestion.header_missing"
    en = "The first line is blank; it must name the columns."
    zh = "首行为空；首行必须是列名。"


class NoRows(Invalid):
    """Column names, but nothing below them."""

    code = "ingestion.no_rows"
    en = "The file has no data rows."
    zh = "文件没有数据行。"


class BytesUndecodable(Invalid):
    """Neither Unicode nor GB18030."""

    code = "ingestion.bytes_undecodable"
    en = (
        "The byte at offset {offset} (line {line}) is not valid {encoding}. Save the file as "
        "UTF-8, or as GB18030, or as UTF-16 with a byte order mark."
    )
    zh = (
        "偏移 {offset}（第 {line} 行）处的字节不是有效的 {encoding}。请将文件另存为 UTF-8、GB18030 "
        "或带字节顺序标记的 UTF-16。"
    )


class NulBytes(Invalid):
    """U+0000 in a text file."""

    code = "ingestion.nul_bytes"
    en = (
        "There is a NUL character at offset {offset} (line {line}). Is this a text file? "
        "UTF-16 needs a byte order mark."
    )
    zh = "偏移 {offset}（第 {line} 行）处有 NUL 字符。这是文本文件吗？UTF-16 须带字节顺序标记。"


class RowsRagged(Invalid):
    """Rows with more or fewer fields than the header."""

    code = "ingestion.rows_ragged"
    en = (
        "{count} rows do not have the {expected} fields of the header; the first are rows {rows} "
        "(row 1 follows the header). Are delimiters inside values quoted?"
    )
    zh = (
        "{count} 行的字段数与表头的 {expected} 个不符；"
        "最先出现于第 {rows} 行（表头之后为第 1 行）。值中的分隔符是否加了引号？"
    )


class QuotesUnbalanced(Invalid):
    """A quoted field that does not end, or goes on after its end."""

    code = "ingestion.quotes_unbalanced"
    en = "The quotes of row {row} are not balanced; a quote inside a quoted value is written twice."
    zh = "第 {row} 行的引号不成对；引号内的引号须写两次。"


class TextMalformed(Invalid):
    """The file breaks the rules of its format in a way not told apart further."""

    code = "ingestion.text_malformed"
    en = (
        "The file cannot be read as {format}; check that all lines end in the same way and that "
        "quotes are balanced."
    )
    zh = "无法按 {format} 读取文件；请检查各行的换行符是否一致、引号是否成对。"


class JsonMalformed(Invalid):
    """A line is not a JSON object."""

    code = "ingestion.json_malformed"
    en = "Line {line} is not one JSON object; NDJSON has one object per line."
    zh = "第 {line} 行不是一个 JSON 对象；NDJSON 要求每行一个对象。"


class MemberDuplicated(Invalid):
    """A line has two values for one column."""

    code = "ingestion.member_duplicated"
    en = "Line {line} has the member '{member}' more than once; keep one of them."
    zh = "第 {line} 行中成员“{member}”出现多次；请只保留一个。"


class NestingTooDeep(TooLarge):
    """Lists in lists in lists."""

    code = "ingestion.nesting_too_deep"
    en = "Column '{column}' is nested deeper than {nesting_max} levels."
    zh = "列“{column}”的嵌套超过 {nesting_max} 层。"


class NotParquet(Invalid):
    """Not an (unencrypted, undamaged) Parquet file."""

    code = "ingestion.not_parquet"
    en = "The file is not a readable Parquet file (it may be cut off, damaged or encrypted)."
    zh = "文件不是可读取的 Parquet 文件（可能不完整、已损坏或已加密）。"


class NotSpreadsheet(Invalid):
    """Not a workbook."""

    code = "ingestion.not_spreadsheet"
    en = "The file is not a readable XLSX workbook (it may be damaged, or protected by a password)."
    zh = "文件不是可读取的 XLSX 工作簿（可能已损坏或设有密码）。"


class TooMuchInside(TooLarge):
    """A small file that unfolds into a huge one."""

    code = "ingestion.too_much_inside"
    en = "The file unfolds to more than allowed: {what}, at most {most}."
    zh = "文件展开后超出限制：{what}，上限为 {most}。"


class ColumnsDuplicated(Invalid):
    """Two columns of one name; upper and lower case count as equal because SQL readers confuse
    them."""

    code = "ingestion.columns_duplicated"
    en = "These column names occur more than once (case does not count): {columns}."
    zh = "以下列名重复（不区分大小写）：{columns}。"


class ColumnNamesEmpty(Invalid):
    """Columns without a name."""

    code = "ingestion.column_names_empty"
    en = "Every column needs a name; these columns, counted from 1, have none: {positions}."
    zh = "每列都须有列名；以下列（从 1 起）没有列名：{positions}。"


class ColumnNameTooLong(TooLarge):
    """A name nobody can use."""

    code = "ingestion.column_name_too_long"
    en = "The name of column {position} has more than {characters_max} characters."
    zh = "第 {position} 列的列名超过 {characters_max} 个字符。"


class ColumnsTooMany(TooLarge):
    """More columns than allowed."""

    code = "ingestion.columns_too_many"
    en = "The file has {columns} columns; at most {columns_max} are allowed."
    zh = "文件有 {columns} 列；最多允许 {columns_max} 列。"


class RowsTooMany(TooLarge):
    """More rows than allowed."""

    code = "ingestion.rows_too_many"
    en = "The file has more than {rows_max} rows; split it into several products."
    zh = "文件超过 {rows_max} 行；请拆分为多个数据产品。"


class FieldTooLong(TooLarge):
    """A value longer than allowed."""

    code = "ingestion.field_too_long"
    en = "A value in row {row}, column '{column}', has more than {bytes_max} bytes."
    zh = "第 {row} 行“{column}”列的值超过 {bytes_max} 字节。"


class LineTooLong(TooLarge):
    """A line longer than allowed."""

    code = "ingestion.line_too_long"
    en = "Line {line} has more than {bytes_max} bytes. Does the file have line ends?"
    zh = "第 {line} 行超过 {bytes_max} 字节。文件是否有换行符？"


class ValueOutOfRange(Invalid):
    """A date outside the years 1 to 9999, or finer than a microsecond."""

    code = "ingestion.value_out_of_range"
    en = (
        "Column '{column}' holds dates or times outside the years 1 to 9999 or finer than a "
        "microsecond."
    )
    zh = "列“{column}”含有公元 1 至 9999 年以外的日期时间，或精度细于微秒的时间。"


class KeyColumnsMissing(Invalid):
    """The product declares keys that the file lacks."""

    code = "ingestion.key_columns_missing"
    en = "The product declares these key columns, but the file does not have them: {columns}."
    zh = "数据产品声明了以下键列，但文件中没有：{columns}。"


class MemoryExhausted(TooLarge):
    """Reading the file takes more memory than one ingestion may have."""

    code = "ingestion.memory_exhausted"
    en = (
        "Reading the file takes more memory than allowed; send it with fewer columns or shorter "
        "values, or as Parquet with row groups of at most 32 MiB, counted unpacked."
    )
    zh = (
        "读取该文件所需内存超出限制；请减少列数、缩短字段值，"
        "或改用 Parquet（每个行组解压后不超过 32 MiB）。"
    )


class TimeExhausted(TooLarge):
    """Reading the file takes more time than one ingestion may have."""

    code = "ingestion.time_exhausted"
    en = "Reading the file took more than {seconds} seconds; split it."
    zh = "读取该文件超过 {seconds} 秒；请拆分。"


class ReaderCrashed(Invalid):
    """The reading process ended without a word; the file provoked a fault."""

    code = "ingestion.reader_crashed"
    en = "The file made the reader fail. Save it again with other software, or in another format."
    zh = "该文件导致读取程序出错。请用其他软件或其他格式重新保存。"
