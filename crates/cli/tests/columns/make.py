"""Makes the files of this folder, with pyarrow 26, polars 2.1 and duckdb 2.0: the same four rows, as each tool writes them."""

import datetime
import decimal

import duckdb
import polars
import pyarrow
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet

START = datetime.datetime(2026, 3, 4, tzinfo=datetime.timezone.utc)
rows = [
    {
        "time": START + datetime.timedelta(milliseconds=row * 1500),
        "level": ["INFO", "WARN", None, "INFO"][row],
        "price": decimal.Decimal(["0.05", "-12.50", "1000000.00", "7.00"][row]),
        "user": None if row == 2 else {"id": row, "tags": ["x", f"t{row}"]},
        "counts": [[1, 2], [], None, [3]][row],
    }
    for row in range(4)
]
user = pyarrow.struct([("id", pyarrow.int64()), ("tags", pyarrow.list_(pyarrow.string()))])
schema = pyarrow.schema(
    [
        ("time", pyarrow.timestamp("us", "UTC")),
        ("level", pyarrow.dictionary(pyarrow.int32(), pyarrow.string())),
        ("price", pyarrow.decimal128(12, 2)),
        ("user", user),
        ("counts", pyarrow.list_(pyarrow.int64())),
    ]
)
table = pyarrow.Table.from_pylist(rows, schema=schema)

with pyarrow.ipc.new_file("pyarrow.arrow", schema) as writer:
    writer.write_table(table, max_chunksize=3)
with pyarrow.ipc.new_stream("pyarrow.arrows", schema) as writer:
    writer.write_table(table, max_chunksize=3)
pyarrow.feather.write_feather(table, "pyarrow.feather")
pyarrow.parquet.write_table(table, "pyarrow.parquet")

frame = polars.from_arrow(table)
frame.write_ipc("polars.arrow", record_batch_size=3)
frame.write_ipc("polars-zstd.arrow", compression="zstd")
frame.write_ipc_stream("polars.arrows")
frame.write_parquet("polars.parquet")

duckdb.sql("set timezone = 'UTC'")
plain = table.set_column(1, "level", table["level"].cast(pyarrow.string()))
duckdb.sql("copy plain to 'duckdb.parquet'")
