"""Every kind of bad file is refused with its place named, by the real child process."""

import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange_market.catalog.ingestion.messages import Refused, SourceFormat
from tests.support.ingestion import Ingestion, write_parquet

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024


async def test_ragged_rows_are_counted_and_the_first_ten_named(ingestion: Ingestion) -> None:
    lines = ["a,b"] + [f"{row},x,extra" if row % 3 == 0 else f"{row},x" for row in range(1, 61)]

    refused = await ingestion.refused("\n".join(lines).encode(), "csv")

    assert refused.code == "ingestion.rows_ragged"
    assert refused.params == {
        "count": 20,
        "expected": 2,
        "rows": "3, 6, 9, 12, 15, 18, 21, 24, 27, 30",
    }


async def test_rows_that_are_too_short_are_ragged(ingestion: Ingestion) -> None:
    refused = await ingestion.refused(b'a,b,c\n1,2,3\n"1\n1",2\n\n4,5,6\n7\n', "csv")

    assert refused.code == "ingestion.rows_ragged"
    assert refused.params == {"count": 2, "expected": 3, "rows": "2, 4"}


@pytest.mark.parametrize(
    ("content", "offset", "line", "encoding"),
    [
        # 0xFF begins nothing in UTF-8 and nothing in GB18030.
        ("城市,数\n北京,1\n上".encode() + b"\xff,2\n", 23, 3, "UTF-8"),
        ("城市,数\n北京,1\n".encode("gb18030") + b"\xff\xff,2\n", 15, 3, "GB18030"),
        (b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") + b"\x00\xd8\x41\x00", 18, 3, "UTF-16-LE"),
        (b"a,b\n" + b"1,2\n" * 2_000_000 + b"\xff,2\n", 8_000_004, 2_000_002, "UTF-8"),
    ],
    ids=["utf-8", "gb18030", "utf-16", "late"],
)
async def test_undecodable_bytes_are_located(
    ingestion: Ingestion, content: bytes, offset: int, line: int, encoding: str
) -> None:
    refused = await ingestion.refused(content, "csv")

    assert refused.code == "ingestion.bytes_undecodable"
    assert refused.params == {"offset": offset, "line": line, "encoding": encoding}


@pytest.mark.parametrize("file_format", ["csv", "ndjson"])
async def test_nul_characters_are_located(ingestion: Ingestion, file_format: SourceFormat) -> None:
    refused = await ingestion.refused("头,b\n1,x\0y\n".encode(), file_format)

    assert (refused.code, refused.params) == (
        "ingestion.nul_bytes",
        {"offset": 9, "line": 2},
    )


@pytest.mark.parametrize("file_format", ["csv", "ndjson", "parquet", "xlsx"])
async def test_an_empty_file_is_refused(ingestion: Ingestion, file_format: SourceFormat) -> None:
    assert (await ingestion.refused(b"", file_format)).code == "ingestion.file_empty"


@pytest.mark.parametrize(
    ("content", "file_format", "code"),
    [
        (b"a,b\n", "csv", "ingestion.no_rows"),
        (b"a,b", "csv", "ingestion.no_rows"),
        (b"\n\n", "ndjson", "ingestion.no_rows"),
        (b"\n1,2\n", "csv", "ingestion.header_missing"),
        (b"\xef\xbb\xbf", "csv", "ingestion.file_empty"),
    ],
)
async def test_a_file_without_rows_or_names_is_refused(
    ingestion: Ingestion, content: bytes, file_format: SourceFormat, code: str
) -> None:
    assert (await ingestion.refused(content, file_format)).code == code


@pytest.mark.parametrize(
    ("header", "code", "params"),
    [
        (
            "a,b,A,c,b ",
            "ingestion.columns_duplicated",
            {"columns": "a, b, A"},
        ),
        ("a,,b, ", "ingestion.column_names_empty", {"positions": "2, 4"}),
        (
            "a,b," + "x" * 256 + ",d",
            "ingestion.column_name_too_long",
            {"position": 3, "characters_max": 255},
        ),
        (
            "a,b\u202e,c,d",
            "text.characters_refused",
            {"field": "column 2", "character": "U+202E"},
        ),
    ],
    ids=["duplicated", "empty", "long", "bidirectional"],
)
async def test_bad_column_names_are_named(
    ingestion: Ingestion, header: str, code: str, params: dict[str, object]
) -> None:
    content = (header + "\n" + "1" + ",1" * header.count(",") + "\n").encode()

    refused = await ingestion.refused(content, "csv")

    assert (refused.code, refused.params) == (code, params)


async def test_duplicate_names_are_refused_in_parquet_too(ingestion: Ingestion) -> None:
    path = ingestion.folder / "twice.parquet"
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), path)

    refused = await ingestion.refused(path, "parquet")

    assert (refused.code, refused.params) == ("ingestion.columns_duplicated", {"columns": "a"})


async def test_more_columns_than_allowed_are_refused(ingestion: Ingestion) -> None:
    content = ",".join(f"c{i}" for i in range(2_001)) + "\n" + ",".join("1" * 2_001) + "\n"

    refused = await ingestion.refused(content.encode(), "csv")

    assert refused.code == "ingestion.columns_too_many"
    assert refused.params == {"columns": 2_001, "columns_max": 2_000}


async def test_a_field_that_is_too_long_is_located(ingestion: Ingestion) -> None:
    content = b"a,b\n1,short\n2,short\n3," + b"x" * (MIB + 1) + b"\n"

    refused = await ingestion.refused(content, "csv")

    assert refused.code == "ingestion.field_too_long"
    assert refused.params == {"row": 3, "column": "b", "bytes_max": MIB}


async def test_a_line_that_does_not_end_is_refused(ingestion: Ingestion) -> None:
    refused = await ingestion.refused(b"a,b\n1," + b"x" * (17 * MIB) + b"\n", "csv")

    assert (refused.code, refused.params["line"]) == ("ingestion.line_too_long", 2)


async def test_an_overlong_value_in_parquet_is_located(ingestion: Ingestion) -> None:
    path = write_parquet(
        ingestion.folder / "long.parquet",
        f"SELECT i, repeat('x', CASE WHEN i = 2 THEN {MIB + 1} ELSE 1 END) AS t FROM range(4) r(i)",  # noqa: S608
    )

    refused = await ingestion.refused(path, "parquet")

    assert refused.code == "ingestion.field_too_long"
    assert refused.params == {"row": 3, "column": "t", "bytes_max": MIB}


@pytest.mark.parametrize("content", [b'a,b\n1,2\n3,"x\n', b'a,b\n1,2\n3,"x"y\n'])
async def test_unbalanced_quotes_are_located(ingestion: Ingestion, content: bytes) -> None:
    refused = await ingestion.refused(content, "csv")

    assert (refused.code, refused.params) == ("ingestion.quotes_unbalanced", {"row": 2})


@pytest.mark.parametrize("line", [b"[1]", b'{"a": 1', b"nonsense", b'{"a": 1} {"a": 2}'])
async def test_a_line_that_is_no_object_is_located(ingestion: Ingestion, line: bytes) -> None:
    refused = await ingestion.refused(b'{"a": 1}\n' + line + b"\n", "ndjson")

    assert (refused.code, refused.params) == ("ingestion.json_malformed", {"line": 2})


@pytest.mark.parametrize(
    ("line", "member"),
    [
        (rb'{"a": 1, "a": 2}', "a"),
        (rb'{"a": 1, "b": {"a": 2}, "a": 1}', "a"),
        (rb'{"a": "12:30", "b": ":", "a" : null}', "a"),
        (rb'{"a": 1, "\u0061": 2}', "a"),
        (rb'{"x:y": 1, "x\u003ay": 2}', "x:y"),
        (rb'{"x\u003Ay": 1, "b": 2, "b": 3}', "b"),
        ('{"列": 1, "列": 1}'.encode(), "列"),
    ],
)
async def test_a_line_with_two_values_for_one_column_is_located(
    ingestion: Ingestion, line: bytes, member: str
) -> None:
    refused = await ingestion.refused(b'{"a": 1}\n\n' + line + b"\n", "ndjson")

    assert refused.code == "ingestion.member_duplicated"
    assert refused.params == {"line": 3, "member": member}


async def test_members_that_differ_only_in_case_are_duplicated_columns(
    ingestion: Ingestion,
) -> None:
    refused = await ingestion.refused(b'{"a": 1}\n{"A": 2}\n', "ndjson")

    assert (refused.code, refused.params) == ("ingestion.columns_duplicated", {"columns": "a, A"})


@pytest.mark.parametrize("depth", [33, 100_000])
async def test_deep_nesting_is_refused(ingestion: Ingestion, depth: int) -> None:
    content = b'{"a": ' + b"[" * depth + b"]" * depth + b"}\n"

    assert (await ingestion.refused(content, "ndjson")).code == "ingestion.nesting_too_deep"


async def test_deep_nesting_in_parquet_is_refused(ingestion: Ingestion) -> None:
    kind = pa.int64()
    for _ in range(33):
        kind = pa.list_(kind)
    path = ingestion.folder / "deep.parquet"
    pq.write_table(pa.table({"a": pa.array([None], kind)}), path)

    assert (await ingestion.refused(path, "parquet")).code == "ingestion.nesting_too_deep"


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,2\n",
        b"PAR1",
        b"PAR1" + bytes(100) + b"PAR1",
        b"PAR1" + bytes(64) + (2**31).to_bytes(4, "little") + b"PAR1",
        b"PAR1" + b"\x15\x04\x19" * 40 + (100).to_bytes(4, "little") + b"PAR1",
        b"PARE" + bytes(64) + (8).to_bytes(4, "little") + b"PARE",
    ],
    ids=["csv", "magic only", "zeros", "footer beyond file", "garbage footer", "encrypted"],
)
async def test_what_is_not_parquet_is_refused(ingestion: Ingestion, content: bytes) -> None:
    assert (await ingestion.refused(content, "parquet")).code == "ingestion.not_parquet"


async def test_damaged_parquet_pages_are_refused(ingestion: Ingestion) -> None:
    path = write_parquet(
        ingestion.folder / "x.parquet", "SELECT i, 'v' || i AS t FROM range(9999) r(i)"
    )
    content = bytearray(path.read_bytes())
    content[200:4_000] = b"\xa5" * 3_800

    assert (await ingestion.refused(bytes(content), "parquet")).code == "ingestion.not_parquet"


async def test_dates_that_python_cannot_hold_are_refused(ingestion: Ingestion) -> None:
    path = write_parquet(ingestion.folder / "d.parquet", "SELECT DATE '20000-01-01' AS day")

    refused = await ingestion.refused(path, "parquet")

    assert (refused.code, refused.params) == ("ingestion.value_out_of_range", {"column": "day"})


async def test_what_is_not_a_workbook_is_refused(ingestion: Ingestion) -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "no workbook")

    assert (await ingestion.refused(b"a,b\n1,2\n", "xlsx")).code == "ingestion.not_spreadsheet"
    assert (await ingestion.refused(other.getvalue(), "xlsx")).code == "ingestion.not_spreadsheet"


async def test_a_zip_bomb_is_refused_before_it_unfolds(ingestion: Ingestion) -> None:
    path = ingestion.folder / "bomb.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(64):
            part.write(bytes(MIB))

    refused = await ingestion.refused(path, "xlsx")

    assert refused.code == "ingestion.too_much_inside"
    assert str(refused.params["what"]).startswith("ratio ")


async def test_an_archive_that_lies_about_its_size_is_refused(ingestion: Ingestion) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writing:
        writing.writestr("[Content_Types].xml", "<Types/>")
        writing.writestr("xl/workbook.xml", "x" * 300_000)
    # The stated size occurs in the local header and in the directory.
    lying = archive.getvalue().replace((300_000).to_bytes(4, "little"), (30).to_bytes(4, "little"))

    assert (await ingestion.refused(lying, "xlsx")).code == "ingestion.not_spreadsheet"


async def test_too_many_archive_entries_are_refused(ingestion: Ingestion) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writing:
        for i in range(2_001):
            writing.writestr(f"part{i}", b"")

    refused = await ingestion.refused(archive.getvalue(), "xlsx")

    assert (refused.code, refused.params["what"]) == ("ingestion.too_much_inside", "2001 entries")


async def test_declared_keys_must_be_in_the_file(ingestion: Ingestion) -> None:
    refused = await ingestion.refused(b"a,b\n1,2\n", "csv", keys=("a", "day", "hour"))

    assert refused.code == "ingestion.key_columns_missing"
    assert refused.params == {"columns": "day, hour"}


async def test_time_is_limited(ingestion: Ingestion, tmp_path: Path) -> None:
    content = tmp_path / "big.csv"
    with content.open("w") as file:
        file.write("a,b\n")
        for start in range(0, 3_000_000, 10_000):
            file.write("".join(f"{i},{i}\n" for i in range(start, start + 10_000)))

    refused = await ingestion.run(content, "csv", seconds_max=1)

    assert isinstance(refused, Refused)
    assert (refused.code, refused.params) == ("ingestion.time_exhausted", {"seconds": 1})


async def test_memory_is_limited(ingestion: Ingestion, tmp_path: Path) -> None:
    content = tmp_path / "wide.csv"
    with content.open("w") as file:
        file.write(",".join(f"c{i}" for i in range(2_000)) + "\n")
        row = ",".join("x" * 2_000 for _ in range(2_000)) + "\n"
        for _ in range(60):
            file.write(row)

    refused = await ingestion.run(content, "csv", memory_bytes_max=256 * MIB)

    assert isinstance(refused, Refused)
    assert refused.code == "ingestion.memory_exhausted"
