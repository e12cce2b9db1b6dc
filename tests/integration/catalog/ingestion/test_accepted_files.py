"""What goes in comes out: values, types and order, for every format and encoding."""

# ruff: noqa: DTZ001 - timestamps without a zone are what is tested here

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange_market.catalog.pages import Order, PageStore
from tests.support.ingestion import Ingestion, rows_of, types_of

pytestmark = pytest.mark.anyio

CITIES = '城市,编码,人口\n北京,010,2189\n"上海, 浦东",021,2487\n'
CITY_ROWS = [("北京", "010", 2189), ("上海, 浦东", "021", 2487)]


# Texts of a column, the type chosen for it, and its values.
TYPED: list[tuple[list[str], str, list[object]]] = [
    (["1", "-2", ""], "BIGINT", [1, -2, None]),
    (["1", "NA", r"\N"], "BIGINT", [1, None, None]),
    (["9223372036854775807"], "BIGINT", [2**63 - 1]),
    (["9223372036854775808"], "VARCHAR", ["9223372036854775808"]),
    (["007", "1"], "VARCHAR", ["007", "1"]),
    (["+8613800000000"], "VARCHAR", ["+8613800000000"]),
    (["1E5", "2E3"], "VARCHAR", ["1E5", "2E3"]),
    (["1_000"], "VARCHAR", ["1_000"]),
    ([" 1"], "VARCHAR", [" 1"]),
    (["11010519491231", "11010519491X"], "VARCHAR", ["11010519491231", "11010519491X"]),
    (["1.5", "2", "-.5", "1e-05"], "DOUBLE", [1.5, 2.0, -0.5, 1e-5]),
    (["1.5", "inf", "-inf"], "DOUBLE", [1.5, float("inf"), float("-inf")]),
    (["nan", "inf"], "VARCHAR", ["nan", "inf"]),
    (["0.1234567890123456789"], "VARCHAR", ["0.1234567890123456789"]),
    (["1.5", "12345678901234567"], "VARCHAR", ["1.5", "12345678901234567"]),
    (["1e999"], "VARCHAR", ["1e999"]),
    (["true", "False", "TRUE"], "BOOLEAN", [True, False, True]),
    (["true", "1"], "VARCHAR", ["true", "1"]),
    (["2024-02-29", "2024/3/1"], "DATE", [date(2024, 2, 29), date(2024, 3, 1)]),
    (["2023-02-29"], "VARCHAR", ["2023-02-29"]),
    (
        ["2024-02-29 01:02:03.5", "2024-03-01"],
        "TIMESTAMP",
        [datetime(2024, 2, 29, 1, 2, 3, 500_000), datetime(2024, 3, 1)],
    ),
    (
        ["2013-01-01T10:00:00Z", "2013-01-01 10:00:00+08:00"],
        "TIMESTAMP WITH TIME ZONE",
        [datetime(2013, 1, 1, 10, tzinfo=UTC), datetime(2013, 1, 1, 2, tzinfo=UTC)],
    ),
    (["2013-01-01T10:00Z", "2013-01-01"], "VARCHAR", ["2013-01-01T10:00Z", "2013-01-01"]),
    (["NA", "x"], "VARCHAR", ["NA", "x"]),
    (["", "NA"], "VARCHAR", [None, "NA"]),
]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        CITIES.encode(),
        b"\xef\xbb\xbf" + CITIES.encode(),
        b"\xff\xfe" + CITIES.encode("utf-16-le"),
        b"\xfe\xff" + CITIES.encode("utf-16-be"),
        CITIES.encode("gb18030"),
        CITIES.encode("gbk"),
        CITIES.replace("\n", "\r\n").encode(),
        CITIES.rstrip("\n").encode(),
    ],
    ids=["utf8", "utf8-bom", "utf16le", "utf16be", "gb18030", "gbk", "crlf", "no-last-newline"],
)
async def test_csv_of_any_encoding_has_the_same_values(
    ingestion: Ingestion, content: bytes
) -> None:
    finished = await ingestion.finished(content, "csv")

    assert types_of(finished) == {"城市": "VARCHAR", "编码": "VARCHAR", "人口": "BIGINT"}
    assert rows_of(finished) == CITY_ROWS


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
async def test_other_delimiters_are_found(ingestion: Ingestion, delimiter: str) -> None:
    content = f'a{delimiter}"b,c,d,e"\n1{delimiter}"2{delimiter}3"\n'

    finished = await ingestion.finished(content.encode(), "csv")

    assert list(types_of(finished)) == ["a", "b,c,d,e"]
    assert rows_of(finished) == [(1, f"2{delimiter}3")]


async def test_types_are_chosen_so_that_nothing_is_lost(ingestion: Ingestion) -> None:
    rows = max(len(values) for values, _, _ in TYPED)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([f"v{i}" for i in range(len(TYPED))])
    for row in range(rows):
        writer.writerow([values[row] if row < len(values) else "" for values, _, _ in TYPED])

    finished = await ingestion.finished(text.getvalue().encode(), "csv")

    assert list(types_of(finished).values()) == [kind for _, kind, _ in TYPED]
    columns = zip(*rows_of(finished), strict=True)
    for found, (values, _, expected) in zip(columns, TYPED, strict=True):
        assert found == (*expected, *[None] * (rows - len(values)))


async def test_one_late_value_decides_the_type_of_a_column(ingestion: Ingestion) -> None:
    content = "v\n" + "1\n" * 300_000 + "x\n"

    finished = await ingestion.finished(content.encode(), "csv")

    assert types_of(finished) == {"v": "VARCHAR"}
    assert rows_of(finished)[-2:] == [("1",), ("x",)]


async def test_an_empty_text_in_quotes_is_not_a_missing_one(ingestion: Ingestion) -> None:
    finished = await ingestion.finished(b'a,b\nx,""\ny,\n"p ""q"" r","two\nlines"\n', "csv")

    assert rows_of(finished) == [("x", ""), ("y", None), ('p "q" r', "two\nlines")]


async def test_column_names_stay_as_given(ingestion: Ingestion) -> None:
    names = ['he said "hi"', "a'b", "select", "c0", "编 号", "x;--", "rowid", "ordinal"]
    text = io.StringIO()
    csv.writer(text).writerows([[*names[:-1], f" {names[-1]} "], list(range(8))])

    finished = await ingestion.finished(text.getvalue().encode(), "csv", keys=(names[0], "rowid"))

    assert list(types_of(finished)) == names
    assert rows_of(finished) == [tuple(range(8))]
    with PageStore(Path(finished.pages)) as store:
        assert store.key_columns == (names[0], "rowid")
        assert store.page(["a'b", "ordinal"], limit=1).rows == [(1, 7)]


async def test_the_order_of_the_file_is_the_order_of_the_rows(ingestion: Ingestion) -> None:
    count = 500_000
    content = "i,pad\n" + "".join(f"{(i * 7919) % count},{'y' * (i % 40)}\n" for i in range(count))

    finished = await ingestion.finished(content.encode(), "csv", keys=("i",))

    expected = [(i * 7919) % count for i in range(count)]
    assert finished.rows == count
    assert pq.read_table(finished.parquet, columns=["i"])["i"].to_pylist() == expected
    with PageStore(Path(finished.pages)) as store:
        page = store.page(["i"], order=Order.ORDINAL, limit=count)
    assert [row[0] for row in page.rows] == expected
    assert page.ordinals == list(range(count))
    reported = [progress.rows for progress in ingestion.progress]
    assert reported == sorted(reported)
    assert 0 < reported[-1] <= count


async def test_ndjson_keeps_types_keys_and_nesting(ingestion: Ingestion) -> None:
    lines = [
        '{"id": 1, "code": "007", "ok": true, "at": "2024-01-02T03:04:05Z", "on": "2024-01-02", '
        '"x": 1.5}',
        "",
        '{"id": 2, "tags": ["a", {"b": null}], "x": 2, "code": null, "城市/a~b": "北京"}',
    ]

    finished = await ingestion.finished("\n".join(lines).encode(), "ndjson")

    assert types_of(finished) == {
        "id": "BIGINT",
        "code": "VARCHAR",
        "ok": "BOOLEAN",
        "at": "TIMESTAMP WITH TIME ZONE",
        "on": "DATE",
        "x": "DOUBLE",
        "tags": "VARCHAR",
        "城市/a~b": "VARCHAR",
    }
    assert rows_of(finished) == [
        (1, "007", True, datetime(2024, 1, 2, 3, 4, 5, 0, UTC), date(2024, 1, 2), 1.5, None, None),
        (2, None, None, None, None, 2.0, '["a",{"b":null}]', "北京"),
    ]  # fmt: skip


async def test_parquet_keeps_exact_values_of_every_type(ingestion: Ingestion) -> None:
    wide = Decimal("-12345678901234567890123456789.123456789")
    table = pa.table(
        {
            "flag": pa.array([True, None, False]),
            "tiny": pa.array([-128, None, 127], pa.int8()),
            "big": pa.array([-(2**63), None, 2**63 - 1], pa.int64()),
            "unsigned": pa.array([0, None, 2**64 - 1], pa.uint64()),
            "money": pa.array([Decimal("-0.05"), None, Decimal("9999999.99")], pa.decimal128(9, 2)),
            "wide": pa.array([wide, None, -wide], pa.decimal128(38, 9)),
            "real": pa.array([-0.0, float("nan"), 1e300]),
            "single": pa.array([0.1, None, 2.5], pa.float32()),
            "text": pa.array(["", None, "数据\0x"]),
            "raw": pa.array([b"", None, b"\x00\xff"]),
            "day": pa.array([date(1, 1, 1), None, date(9999, 12, 31)]),
            "local": pa.array(
                [datetime(1, 1, 1), None, datetime(9999, 12, 31, 23, 59, 59, 999999)]
            ),
            "instant": pa.array(
                [
                    datetime(1969, 12, 31, 23, 59, 59, 999999, UTC),
                    None,
                    datetime(2024, 1, 1, tzinfo=UTC),
                ],
                pa.timestamp("us", "UTC"),
            ),
            "clock": pa.array([time(0), None, time(23, 59, 59, 999999)]),
            "word": pa.array(["a", None, "a"]).dictionary_encode(),
            "nested": pa.array([{"k": [1, 2]}, None, {"k": None}]),
        }
    )
    path = ingestion.folder / "all.parquet"
    pq.write_table(table, path)

    finished = await ingestion.finished(path, "parquet", keys=("wide",))

    with PageStore(Path(finished.pages)) as store:
        page = store.page(table.column_names, order=Order.ORDINAL, limit=10)
    instants = table.column_names.index("instant")
    expected = [list(row.values()) for row in table.to_pylist()]
    for row in expected:
        row[instants] = row[instants] and row[instants].astimezone(UTC)
        row[-1] = {"{'k': [1, 2]}": '{"k":[1,2]}', "{'k': None}": '{"k":null}'}.get(str(row[-1]))
    assert [repr(row) for row in page.rows] == [repr(tuple(row)) for row in expected]
    assert [row[:instants] for row in map(repr, rows_of(finished))] == [
        row[:instants] for row in map(repr, map(tuple, expected))
    ]
    assert types_of(finished)["money"] == "DECIMAL(9,2)"
    assert types_of(finished)["single"] == "DOUBLE"


async def test_a_spreadsheet_keeps_numbers_dates_and_texts(ingestion: Ingestion) -> None:
    rows = [
        ["编号", "数量", "价格", "日期", "时间", "有效", "混合"],
        ["007", 3, 1.5, date(2024, 2, 29), datetime(2024, 2, 29, 12, 30), True, 1],
        ["008", 4, 2, date(2024, 3, 1), None, False, "x"],
        [None, None, None, None, None, None, None],
        ["009", None, 3, None, datetime(2024, 3, 1), None, 2.5],
        [None, None, None, None, None, None, None],
    ]

    finished = await ingestion.finished(_workbook(rows), "xlsx")

    assert list(types_of(finished).values()) == [
        "VARCHAR", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP", "BOOLEAN", "VARCHAR",
    ]  # fmt: skip
    assert rows_of(finished) == [
        ("007", 3, 1.5, date(2024, 2, 29), datetime(2024, 2, 29, 12, 30), True, "1"),
        ("008", 4, 2.0, date(2024, 3, 1), None, False, "x"),
        (None, None, None, None, None, None, None),
        ("009", None, 3.0, None, datetime(2024, 3, 1), None, "2.5"),
    ]


async def test_two_thousand_columns_are_read(ingestion: Ingestion) -> None:
    path = ingestion.folder / "wide.parquet"
    pq.write_table(pa.table({f"column {i}": [i] for i in range(2_000)}), path)

    finished = await ingestion.finished(path, "parquet", keys=("column 1999",))

    assert rows_of(finished) == [tuple(range(2_000))]
    with PageStore(Path(finished.pages)) as store:
        assert store.page(["column 1999", "column 0"], limit=5).rows == [(1999, 0)]


async def test_the_child_has_no_network_and_no_environment(ingestion: Ingestion) -> None:
    finished = await ingestion.finished(b"a\n1\n", "csv")

    assert finished.is_offline
    assert finished.rss_bytes_max < 512 * 1024**2


def _workbook(rows: Sequence[Sequence[object]]) -> bytes:
    # The smallest workbook of ECMA-376, part 1: style 1 is a date, style 2 a date with time.
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="3"><xf numFmtId="0"/>'
        '<xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>'
        + "".join(
            f'<row r="{y}">' + "".join(_cell(x, y, cell) for x, cell in enumerate(row)) + "</row>"
            for y, row in enumerate(rows, 1)
        )
        + "</sheetData></worksheet>",
    }
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writing:
        for name, text in parts.items():
            writing.writestr(name, text)
    return archive.getvalue()


def _cell(x: int, y: int, value: object) -> str:
    reference = f'r="{"ABCDEFGHIJ"[x]}{y}"'
    match value:
        case None:
            return f"<c {reference}/>"
        case bool():
            return f'<c {reference} t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f"<c {reference}><v>{value}</v></c>"
        case datetime():
            days = (value - datetime(1899, 12, 30)).total_seconds() / 86_400
            return f'<c {reference} s="2"><v>{days}</v></c>'
        case date():
            return f'<c {reference} s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
        case _:
            return f'<c {reference} t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


async def test_colons_and_inner_names_do_not_make_a_member_a_duplicate(
    ingestion: Ingestion,
) -> None:
    line = (
        rb'{"at": "12:30:00", "x:y": {"at": {"at": ":"}, "b": [{"at": 1}, {"at": 2}]}, '
        rb'"q\u003a": "\":", "b" : null}'
    )
    finished = await ingestion.finished(line + b"\n" + line + b"\n", "ndjson")

    assert [column.name for column in finished.columns] == ["at", "x:y", "q:", "b"]
    assert [row[0] for row in rows_of(finished)] == ["12:30:00", "12:30:00"]
