"""Polars: lazy frames over lines, run by its streaming engine."""

from collections.abc import Callable

import polars as pl

Rows = list[tuple]

LINE = pl.col("line")
IS_REPORT = LINE.str.contains("REPORT RequestId:", literal=True) | LINE.str.contains('"platform.report"', literal=True)
DURATION = LINE.str.extract(r'(?:\tDuration: |"durationMs":)([0-9.]+)').cast(pl.Float64)
INIT = LINE.str.extract(r'(?:Init Duration: |\tRestore Duration: |"(?:init|restore)DurationMs":)([0-9.]+)')
REQUEST = LINE.str.extract(r'(?:RequestId: |"requestId":"|Z\t)([0-9a-f-]{36})')
# Lines that continue an event have no time.
IS_EVENT = LINE.str.slice(23, 2) == "Z "
SECOND = 1_000_000


def lines(paths: list[str], **more: str) -> pl.LazyFrame:
    return pl.scan_lines(paths, name="line", **more)


def rows(frame: pl.LazyFrame) -> Rows:
    return frame.collect(engine="streaming").rows()


def ranked(reports: pl.LazyFrame) -> Rows:
    # None of its interpolations is the nearest rank from above, so the rank is taken by hand.
    rank = (995 * pl.len() + 999) // 1000 - 1
    return rows(
        reports.group_by("second")
        .agg(pl.col("duration").sort().get(rank).alias("p"), pl.len().alias("n"))
        .with_columns((pl.col("n") * pl.col("p") / 1000.0).alias("concurrency"))
        .sort("concurrency", "second", descending=True)
        .head(20)
    )


def headline(paths: list[str]) -> Rows:
    return ranked(lines(paths).filter(IS_REPORT).select(LINE.str.head(19).alias("second"), DURATION.alias("duration")))


def headline_parquet(paths: list[str]) -> Rows:
    second = pl.col("@timestamp").dt.truncate("1s").alias("second")
    return ranked(pl.scan_parquet(paths).filter(pl.col("@type") == "REPORT").select(second, duration="@duration"))


def errors(paths: list[str]) -> Rows:
    found = lines(paths).filter(LINE.str.contains("ERROR", literal=True))
    minutes = found.group_by(LINE.str.head(16).alias("minute")).agg(pl.len().alias("n"))
    bins = pl.col("minute").str.to_datetime("%Y-%m-%dT%H:%M").dt.truncate("5m")
    return rows(minutes.group_by(bins).agg(pl.col("n").sum()))


def by_log(paths: list[str]) -> Rows:
    memory = LINE.str.extract(r'(?:Max Memory Used: |"maxMemoryUsedMB":)([0-9]+)').cast(pl.Int64) * 1_000_000
    log = "/aws/lambda/" + pl.col("path").str.extract(r"([^/]*)\.log$")
    values = lines(paths, include_file_paths="path").filter(IS_REPORT).select("path", d=DURATION, m=memory)
    found = values.group_by("path").agg(pl.len().alias("n"), pl.col("d").mean(), pl.col("m").max())
    return rows(found.select(log, "n", "d", "m"))


def parse(paths: list[str]) -> Rows:
    text = LINE.str.contains("user=", literal=True) & LINE.str.contains(" action=", literal=True)
    groups = LINE.str.extract_groups("user=(?<user>.*?) action=(?<action>.*?) ").alias("f")
    return rows(lines(paths).filter(text).select(groups).unnest("f").group_by("user", "action").agg(pl.len()))


def json(paths: list[str]) -> Rows:
    schema = {"level": pl.String, "service": pl.String, "timestamp": pl.String}
    found = pl.scan_ndjson(paths, schema=schema).filter(pl.col("level") == "ERROR")
    return rows(found.group_by("service", pl.col("timestamp").str.head(16)).agg(pl.len()))


def concurrency(paths: list[str]) -> Rows:
    stop = LINE.str.head(23).str.to_datetime("%Y-%m-%dT%H:%M:%S%.3f", time_unit="us").cast(pl.Int64)
    micros = [(part * 1000).round().cast(pl.Int64) for part in (DURATION, INIT.cast(pl.Float64).fill_null(0.0))]
    span = lines(paths).filter(IS_REPORT).select(stop=stop, start=stop - micros[0] - micros[1])
    span = span.collect(engine="streaming").lazy()
    # The steps of 0 are there so that a second knows what runs when it begins.
    ticks = span.select(
        pl.int_ranges(pl.col("start").min() // SECOND * SECOND, pl.col("stop").max(), SECOND).explode().alias("t"), step=0
    )
    edges = pl.concat([span.select(t="start", step=1), span.select(t="stop", step=-1), ticks], how="vertical_relaxed")
    level = edges.group_by("t").agg(pl.col("step").sum()).sort("t").select("t", running=pl.col("step").cum_sum())
    second = pl.from_epoch(pl.col("t") // SECOND).alias("second")
    return rows(level.group_by(second).agg(pl.col("running").max()).filter(pl.col("running") > 0))


def slowest(paths: list[str]) -> Rows:
    values = lines(paths).filter(IS_REPORT).select(LINE.str.head(23).alias("time"), request=REQUEST, duration=DURATION)
    return rows(values.top_k(20, by="duration").sort("duration", descending=True))


def requests(paths: list[str]) -> Rows:
    found = lines(paths).filter(IS_EVENT).group_by(REQUEST.alias("request")).agg(pl.len().alias("n"))
    return rows(found.top_k(10, by="n").sort("n", descending=True))


def tiny(paths: list[str]) -> Rows:
    return rows(lines(paths).filter(IS_EVENT).select(pl.len()))


WORKS: dict[str, Callable[[list[str]], Rows]] = {
    "headline": headline,
    "headline-one": headline,
    "headline-gz": headline,
    "headline-parquet": headline_parquet,
    "errors": errors,
    "by-log": by_log,
    "parse": parse,
    "json": json,
    "concurrency": concurrency,
    "slowest": slowest,
    "requests": requests,
    "version": lambda paths: [(pl.__version__,)],
    "tiny": tiny,
}
