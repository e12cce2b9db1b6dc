"""A missing value is a record too, even where it is all that a line has."""

import csv
import io

import pyarrow as pa

from exchange_market.delivery.encodings import RowFormat, encode_rows


def test_every_row_of_one_column_is_read_back_by_a_csv_reader() -> None:
    schema = pa.schema([("dep_time", pa.int64())])

    body = encode_rows(RowFormat.CSV, schema, [(517,), (None,), (533,)], None)

    assert body == b'dep_time\r\n517\r\n""\r\n533\r\n'
    assert list(csv.reader(io.StringIO(body.decode()))) == [["dep_time"], ["517"], [""], ["533"]]
