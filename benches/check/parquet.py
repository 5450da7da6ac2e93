"""Reads a file that `insq convert` wrote with DuckDB and PyArrow, and compares counts and sums with each other and with
what insq says of it.

    pip install duckdb pyarrow
    python3 benches/check/parquet.py INSQ FILE.parquet
"""

import json
import subprocess
import sys

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq

SUMS = ["@duration", "@billedDuration", "@initDuration", "@memorySize", "@maxMemoryUsed"]
COUNTS = ["@timestamp", "@message", "@requestId", "@type", "@logStream"]


def of_insq(binary, path):
    calls = [f"count({name}) as c{i}" for i, name in enumerate(COUNTS)]
    calls += [f"sum({name}) as s{i}" for i, name in enumerate(SUMS)]
    query = "stats count(*) as rows, " + ", ".join(calls)
    out = subprocess.run([binary, "-o", "jsonl", query, path], capture_output=True, text=True, check=True).stdout
    row = json.loads(out)
    return [row["rows"]] + [row[f"c{i}"] for i in range(len(COUNTS))] + [row[f"s{i}"] for i in range(len(SUMS))]


def of_duckdb(path):
    calls = [f'count("{name}")' for name in COUNTS] + [f'fsum("{name}")' for name in SUMS]
    relation = duckdb.sql(f"select count(*), {', '.join(calls)} from read_parquet('{path}')")
    return list(relation.fetchall()[0])


def of_pyarrow(path):
    table = pq.read_table(path, columns=sorted(set(COUNTS + SUMS)))
    counts = [len(table) - table[name].null_count for name in COUNTS]
    return [len(table)] + counts + [pc.sum(table[name]).as_py() for name in SUMS]


def main():
    binary, path = sys.argv[1:]
    answers = {"insq": of_insq(binary, path), "duckdb": of_duckdb(path), "pyarrow": of_pyarrow(path)}
    for name, values in answers.items():
        print(f"{name:8} {values}")
    expected = answers["insq"]
    for name, values in answers.items():
        for found, wanted in zip(values, expected):
            # Sums of floating-point numbers are exact in insq alone.
            if abs((found or 0) - (wanted or 0)) > 1e-9 * abs(wanted or 0):
                sys.exit(f"{name} gives {found} instead of {wanted}")
    print("equal")


main()
