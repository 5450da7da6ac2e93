"""DataFusion: lines as a CSV file of one column, whose delimiter and quote no log holds."""

from collections.abc import Callable

from datafusion import SessionContext, __version__

Rows = list[tuple]

IS_REPORT = """(contains(line, 'REPORT RequestId:') OR contains(line, '"platform.report"'))"""
DURATION = """CAST(regexp_match(line, '(?:\tDuration: |"durationMs":)([0-9.]+)')[1] AS DOUBLE)"""
INIT = """regexp_match(line, '(?:Init Duration: |\tRestore Duration: |"(?:init|restore)DurationMs":)([0-9.]+)')[1]"""
REQUEST = """regexp_match(line, '(?:RequestId: |"requestId":"|Z\t)([0-9a-f-]{36})')[1]"""
# Lines that continue an event have no time.
IS_EVENT = "substr(line, 24, 2) = 'Z '"
GZIP_MARK = b"\x1f\x8b"


def ask(context: SessionContext, sql: str) -> Rows:
    return [tuple(row.values()) for row in context.sql(sql).to_pylist()]


def is_gzip(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(2) == GZIP_MARK


def place(paths: list[str]) -> str:
    return paths[0] if len(paths) == 1 else paths[0].rsplit("/", 1)[0] + "/"


def with_lines(paths: list[str], name: str = "lines", context: SessionContext | None = None) -> SessionContext:
    context = context or SessionContext()
    compression = "'format.compression' 'gzip'," if is_gzip(paths[0]) else ""
    context.sql(f"""
        CREATE EXTERNAL TABLE {name} (line VARCHAR) STORED AS CSV LOCATION '{place(paths)}' OPTIONS ({compression}
            'format.has_header' 'false', 'format.delimiter' '\x01', 'format.quote' '\x02')""")
    return context


def ranked(context: SessionContext, source: str) -> Rows:
    # It has no exact percentile by nearest rank, so the rank is taken by hand.
    return ask(context, f"""
        SELECT second, p, n, n * p / 1000.0 AS concurrency FROM (
            SELECT second, durations[(995 * n + 999) / 1000] AS p, n FROM (
                SELECT second, array_agg(duration ORDER BY duration) AS durations, count(*) AS n
                FROM ({source}) GROUP BY second))
        ORDER BY concurrency DESC, second DESC LIMIT 20""")


def headline(paths: list[str]) -> Rows:
    source = f"SELECT substr(line, 1, 19) AS second, {DURATION} AS duration FROM lines WHERE {IS_REPORT}"
    return ranked(with_lines(paths), source)


def headline_parquet(paths: list[str]) -> Rows:
    context = SessionContext()
    context.register_parquet("logs", paths[0])
    return ranked(context, """
        SELECT date_trunc('second', "@timestamp") AS second, "@duration" AS duration FROM logs WHERE "@type" = 'REPORT'""")


def errors(paths: list[str]) -> Rows:
    return ask(with_lines(paths), """
        SELECT date_bin(INTERVAL '5 minutes', CAST(minute || ':00' AS TIMESTAMP)), sum(n) FROM (
            SELECT substr(line, 1, 16) AS minute, count(*) AS n FROM lines WHERE contains(line, 'ERROR') GROUP BY 1)
        GROUP BY 1""")


def by_log(paths: list[str]) -> Rows:
    context = SessionContext()
    selects = []
    for number, path in enumerate(paths):
        with_lines([path], f"log{number}", context)
        group = "/aws/lambda/" + path.rsplit("/", 1)[1].removesuffix(".log")
        selects.append(f"""
            SELECT '{group}' AS log, count(*), avg({DURATION}), max(1000000 *
                CAST(regexp_match(line, '(?:Max Memory Used: |"maxMemoryUsedMB":)([0-9]+)')[1] AS BIGINT))
            FROM log{number} WHERE {IS_REPORT}""")
    return ask(context, " UNION ALL ".join(selects))


def parse(paths: list[str]) -> Rows:
    return ask(with_lines(paths), """
        SELECT f[1], f[2], count(*) FROM (
            SELECT regexp_match(line, 'user=(.*?) action=(.*?) ') AS f
            FROM lines WHERE contains(line, 'user=') AND contains(line, ' action='))
        GROUP BY 1, 2""")


def json(paths: list[str]) -> Rows:
    context = SessionContext()
    context.sql(f"""
        CREATE EXTERNAL TABLE docs (level VARCHAR, service VARCHAR, timestamp VARCHAR)
        STORED AS JSON LOCATION '{paths[0].rsplit("/", 1)[0]}/*.jsonl'""")
    return ask(context, """
        SELECT service, substr(timestamp, 1, 16), count(*) FROM docs WHERE level = 'ERROR' GROUP BY 1, 2""")


def concurrency(paths: list[str]) -> Rows:
    return ask(with_lines(paths), f"""
        WITH report AS (
            SELECT CAST(arrow_cast(CAST(substr(line, 1, 23) AS TIMESTAMP), 'Timestamp(Microsecond, None)') AS BIGINT) AS stop,
                {DURATION} AS duration, coalesce(CAST({INIT} AS DOUBLE), 0) AS init
            FROM lines WHERE {IS_REPORT}),
        span AS (
            SELECT stop - CAST(round(duration * 1000) AS BIGINT) - CAST(round(init * 1000) AS BIGINT) AS start, stop
            FROM report),
        edge AS (
            SELECT start AS t, 1 AS step FROM span UNION ALL SELECT stop, -1 FROM span UNION ALL
            -- So that a second knows what runs when it begins.
            SELECT unnest(generate_series(first, last, 1000000)), 0
            FROM (SELECT min(start) / 1000000 * 1000000 AS first, max(stop) AS last FROM span)),
        instant AS (SELECT t, sum(step) AS step FROM edge GROUP BY t),
        level AS (SELECT t, sum(step) OVER (ORDER BY t ROWS UNBOUNDED PRECEDING) AS running FROM instant)
        SELECT to_timestamp(t / 1000000), max(running) AS most FROM level GROUP BY 1 HAVING max(running) > 0""")


def slowest(paths: list[str]) -> Rows:
    return ask(with_lines(paths), f"""
        SELECT substr(line, 1, 23), {REQUEST}, duration
        FROM (SELECT line, {DURATION} AS duration FROM lines WHERE {IS_REPORT})
        ORDER BY duration DESC LIMIT 20""")


def requests(paths: list[str]) -> Rows:
    return ask(with_lines(paths), f"""
        SELECT {REQUEST} AS request, count(*) AS n
        FROM lines WHERE {IS_EVENT} GROUP BY 1 ORDER BY n DESC LIMIT 10""")


def tiny(paths: list[str]) -> Rows:
    return ask(with_lines(paths), f"SELECT count(*) FROM lines WHERE {IS_EVENT}")


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
    "version": lambda paths: [(__version__,)],
    "tiny": tiny,
}
