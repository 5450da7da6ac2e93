"""DuckDB: lines as a CSV file of one column, whose delimiter no log holds."""

from collections.abc import Callable

import duckdb

Rows = list[tuple]


def ask(sql: str) -> Rows:
    return duckdb.sql(sql).fetchall()


def lines(paths: list[str], more: str = "") -> str:
    return (
        f"read_csv({paths}, columns = {{'line': 'VARCHAR'}}, delim = '\x01', quote = '', escape = '', "
        f"header = false, auto_detect = false{more})"
    )


IS_REPORT = """(contains(line, 'REPORT RequestId:') OR contains(line, '"platform.report"'))"""
DURATION = r"""regexp_extract(line, '(?:\tDuration: |"durationMs":)([0-9.]+)', 1)::DOUBLE"""
INIT = r"""regexp_extract(line, '(?:Init Duration: |\tRestore Duration: |"(?:init|restore)DurationMs":)([0-9.]+)', 1)"""
REQUEST = r"""(?:RequestId: |"requestId":"|Z\t)([0-9a-f-]{36})"""
# Lines that continue an event have no time.
IS_EVENT = "line[24:25] = 'Z '"


def ranked(source: str) -> Rows:
    # quantile_disc is the nearest rank, as is pct of insq.
    return ask(f"""
        SELECT second, quantile_disc(duration, 0.995) AS p, count(*) AS n, n * p / 1000.0 AS concurrency
        FROM ({source}) GROUP BY second ORDER BY concurrency DESC, second DESC LIMIT 20""")


def headline(paths: list[str]) -> Rows:
    return ranked(f"SELECT line[1:19] AS second, {DURATION} AS duration FROM {lines(paths)} WHERE {IS_REPORT}")


def headline_parquet(paths: list[str]) -> Rows:
    return ranked(f"""
        SELECT date_trunc('second', "@timestamp") AS second, "@duration" AS duration
        FROM read_parquet({paths}) WHERE "@type" = 'REPORT'""")


def errors(paths: list[str]) -> Rows:
    return ask(f"""
        SELECT time_bucket(INTERVAL 5 minutes, minute::TIMESTAMP), sum(n)
        FROM (SELECT line[1:16] AS minute, count(*) AS n FROM {lines(paths)} WHERE contains(line, 'ERROR') GROUP BY ALL)
        GROUP BY ALL""")


def by_log(paths: list[str]) -> Rows:
    return ask(f"""
        SELECT '/aws/lambda/' || parse_filename(filename, true), count(*), avg({DURATION}), max(1000000 *
            regexp_extract(line, '(?:Max Memory Used: |"maxMemoryUsedMB":)([0-9]+)', 1)::BIGINT)
        FROM {lines(paths, ", filename = true")} WHERE {IS_REPORT} GROUP BY filename""")


def parse(paths: list[str]) -> Rows:
    return ask(f"""
        SELECT f.user, f.action, count(*)
        FROM (SELECT regexp_extract(line, 'user=(.*?) action=(.*?) ', ['user', 'action']) AS f
              FROM {lines(paths)} WHERE contains(line, 'user=') AND contains(line, ' action='))
        GROUP BY ALL""")


def json(paths: list[str]) -> Rows:
    columns = "{'level': 'VARCHAR', 'service': 'VARCHAR', 'timestamp': 'VARCHAR'}"
    return ask(f"""
        SELECT service, timestamp[1:16], count(*)
        FROM read_json({paths}, format = 'newline_delimited', columns = {columns})
        WHERE level = 'ERROR' GROUP BY ALL""")


def concurrency(paths: list[str]) -> Rows:
    return ask(f"""
        WITH report AS (
            SELECT epoch_us(line[1:23]::TIMESTAMP) AS stop, {DURATION} AS duration,
                coalesce(TRY_CAST({INIT} AS DOUBLE), 0) AS init
            FROM {lines(paths)} WHERE {IS_REPORT}),
        span AS (SELECT stop - round(duration * 1000)::BIGINT - round(init * 1000)::BIGINT AS start, stop FROM report),
        edge AS (
            SELECT start AS t, 1 AS step FROM span UNION ALL SELECT stop, -1 FROM span UNION ALL
            -- So that a second knows what runs when it begins.
            SELECT unnest(range(min(start) // 1000000 * 1000000, max(stop), 1000000)), 0 FROM span),
        instant AS (SELECT t, sum(step) AS step FROM edge GROUP BY t),
        level AS (SELECT t, sum(step) OVER (ORDER BY t ROWS UNBOUNDED PRECEDING) AS running FROM instant)
        SELECT make_timestamp(t // 1000000 * 1000000), max(running)::BIGINT AS most
        FROM level GROUP BY ALL HAVING most > 0""")


def slowest(paths: list[str]) -> Rows:
    return ask(f"""
        SELECT line[1:23], regexp_extract(line, '{REQUEST}', 1), duration
        FROM (SELECT line, {DURATION} AS duration FROM {lines(paths)} WHERE {IS_REPORT})
        ORDER BY duration DESC LIMIT 20""")


def requests(paths: list[str]) -> Rows:
    return ask(f"""
        SELECT regexp_extract(line, '{REQUEST}', 1) AS request, count(*) AS n
        FROM {lines(paths)} WHERE {IS_EVENT} GROUP BY request ORDER BY n DESC LIMIT 10""")


def tiny(paths: list[str]) -> Rows:
    return ask(f"SELECT count(*) FROM {lines(paths)} WHERE {IS_EVENT}")


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
    "version": lambda paths: [(duckdb.__version__,)],
    "tiny": tiny,
}
