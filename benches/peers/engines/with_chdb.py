"""chDB, which is ClickHouse in the process: lines by its format LineAsString."""

import json
from collections.abc import Callable

import chdb

Rows = list[list]


def ask(sql: str) -> Rows:
    return [json.loads(row) for row in str(chdb.query(sql, "JSONCompactEachRow")).splitlines()]


def files(paths: list[str]) -> str:
    return paths[0] if len(paths) == 1 else paths[0].rsplit("/", 1)[0] + "/*"


def lines(paths: list[str]) -> str:
    return f"file('{files(paths)}', 'LineAsString', 'line String')"


IS_REPORT = """multiSearchAny(line, ['REPORT RequestId:', '"platform.report"'])"""
DURATION = r"""toFloat64(extract(line, '(?:\tDuration: |"durationMs":)([0-9.]+)'))"""
INIT = r"""extract(line, '(?:Init Duration: |\tRestore Duration: |"(?:init|restore)DurationMs":)([0-9.]+)')"""
REQUEST = r"""extract(line, '(?:RequestId: |"requestId":"|Z\t)([0-9a-f-]{36})')"""
# Lines that continue an event have no time.
IS_EVENT = "substring(line, 24, 2) = 'Z '"


def ranked(source: str) -> Rows:
    # Its quantileExact takes the next higher rank where the rank is whole, so the rank is taken by hand.
    return ask(f"""
        SELECT second, arraySort(groupArray(duration))[intDiv(995 * count() + 999, 1000)] AS p, count() AS n,
            n * p / 1000.0 AS concurrency
        FROM ({source}) GROUP BY second ORDER BY concurrency DESC, second DESC LIMIT 20""")


def headline(paths: list[str]) -> Rows:
    return ranked(f"SELECT substring(line, 1, 19) AS second, {DURATION} AS duration FROM {lines(paths)} WHERE {IS_REPORT}")


def headline_parquet(paths: list[str]) -> Rows:
    return ranked(f"""
        SELECT toStartOfSecond(`@timestamp`) AS second, assumeNotNull(`@duration`) AS duration
        FROM file('{files(paths)}', 'Parquet') WHERE `@type` = 'REPORT'""")


def errors(paths: list[str]) -> Rows:
    return ask(f"""
        SELECT toStartOfFiveMinutes(toDateTime(minute || ':00', 'UTC')), sum(n) FROM (
            SELECT substring(line, 1, 16) AS minute, count() AS n
            FROM {lines(paths)} WHERE position(line, 'ERROR') > 0 GROUP BY minute)
        GROUP BY 1""")


def by_log(paths: list[str]) -> Rows:
    return ask(f"""
        SELECT '/aws/lambda/' || replaceOne(_file, '.log', ''), count(), avg({DURATION}), max(1000000 *
            toUInt64(extract(line, '(?:Max Memory Used: |"maxMemoryUsedMB":)([0-9]+)')))
        FROM {lines(paths)} WHERE {IS_REPORT} GROUP BY _file""")


def parse(paths: list[str]) -> Rows:
    return ask(f"""
        SELECT f[1], f[2], count()
        FROM (SELECT extractGroups(line, 'user=(.*?) action=(.*?) ') AS f
              FROM {lines(paths)} WHERE position(line, 'user=') > 0 AND position(line, ' action=') > 0)
        GROUP BY 1, 2""")


def json_lines(paths: list[str]) -> Rows:
    columns = "level String, service Nullable(String), timestamp String"
    return ask(f"""
        SELECT service, substring(timestamp, 1, 16), count()
        FROM file('{files(paths)}', 'JSONEachRow', '{columns}')
        WHERE level = 'ERROR' GROUP BY 1, 2
        SETTINGS input_format_skip_unknown_fields = 1""")


def concurrency(paths: list[str]) -> Rows:
    return ask(f"""
        WITH span AS (
            SELECT toUnixTimestamp64Micro(toDateTime64(replaceOne(substring(line, 1, 23), 'T', ' '), 6, 'UTC')) AS stop,
                stop - toInt64(round({DURATION} * 1000)) - toInt64(round(toFloat64OrZero({INIT}) * 1000)) AS start
            FROM {lines(paths)} WHERE {IS_REPORT}),
        edge AS (
            -- The steps of 0 are there so that a second knows what runs when it begins.
            SELECT arrayJoin(arrayConcat([(start, 1), (stop, -1)],
                arrayMap(s -> (s * 1000000, 0), range(intDiv(start, 1000000), intDiv(stop, 1000000) + 1)))) AS e
            FROM span),
        instant AS (SELECT e.1 AS t, sum(e.2) AS step FROM edge GROUP BY t),
        level AS (SELECT t, sum(step) OVER (ORDER BY t ROWS UNBOUNDED PRECEDING) AS running FROM instant)
        SELECT toDateTime(intDiv(t, 1000000), 'UTC') AS second, max(running) AS most
        FROM level GROUP BY second HAVING most > 0""")


def slowest(paths: list[str]) -> Rows:
    return ask(f"""
        SELECT substring(line, 1, 23), {REQUEST}, {DURATION} AS duration
        FROM {lines(paths)} WHERE {IS_REPORT} ORDER BY duration DESC LIMIT 20""")


def requests(paths: list[str]) -> Rows:
    return ask(f"""
        SELECT {REQUEST} AS request, count() AS n
        FROM {lines(paths)} WHERE {IS_EVENT} GROUP BY request ORDER BY n DESC LIMIT 10""")


def tiny(paths: list[str]) -> Rows:
    return ask(f"SELECT count() FROM {lines(paths)} WHERE {IS_EVENT}")


WORKS: dict[str, Callable[[list[str]], Rows]] = {
    "headline": headline,
    "headline-one": headline,
    "headline-gz": headline,
    "headline-parquet": headline_parquet,
    "errors": errors,
    "by-log": by_log,
    "parse": parse,
    "json": json_lines,
    "concurrency": concurrency,
    "slowest": slowest,
    "requests": requests,
    "version": lambda paths: [[chdb.__version__]],
    "tiny": tiny,
}
