#!/usr/bin/env python3
"""Computes the rows of queries/headline.insq a second way, to check insq against.

Shares no code with insq and needs nothing but Python. Reads export lines (`<time>Z <message>`) and
documents of filter-log-events, plain or gzip, from files and folders; prints CSV.
"""

import argparse
import calendar
import csv
import json
import math
import os
import re
import sys
import time
import zlib
from decimal import Decimal
from fractions import Fraction

CHUNK_BYTES = 64 << 20
# The object that the service leaves beside its exports; it is no log.
WRITE_TEST = "aws-logs-write-test"

TEXT_REPORT = re.compile(rb"REPORT RequestId: \S+[ \t]*(?:Duration: ([0-9]+(?:\.[0-9]+)?) ms)?")
JSON_REPORT = re.compile(rb'"platform\.report"')
TIME = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z ")
TIME_BYTES = len("2026-03-10T09:00:00.000Z ")


def files_below(paths):
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                if name != WRITE_TEST:
                    yield os.path.join(folder, name)


def inflated(file):
    """Pieces of a gzip file of any number of members; of a damaged one, the pieces before the damage."""
    decoder = zlib.decompressobj(wbits=31)
    while piece := file.read(1 << 20):
        while piece:
            try:
                yield decoder.decompress(piece)
            except zlib.error as error:
                print(f"{file.name}: {error}; left out from about there", file=sys.stderr)
                return
            piece = decoder.unused_data
            if decoder.eof:
                if not piece.startswith(b"\x1f"):
                    piece = b""
                decoder = zlib.decompressobj(wbits=31)


def pieces(path):
    """The content of a file in chunks that end with a line."""
    with open(path, "rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        source = inflated(file) if is_gzip else iter(lambda: file.read(CHUNK_BYTES), b"")
        held, held_bytes = [], 0
        for piece in source:
            held.append(piece)
            held_bytes += len(piece)
            if held_bytes >= CHUNK_BYTES:
                chunk = b"".join(held)
                end = chunk.rfind(b"\n") + 1
                if end:
                    yield chunk[:end]
                held, held_bytes = [chunk[end:]], len(chunk) - end
        yield b"".join(held)


def line_time(chunk, message_start):
    """The second, as text, of the export line whose message begins there; None when there is no such line."""
    start = message_start - TIME_BYTES
    if start < 0 or (start > 0 and chunk[start - 1] != 0x0A):
        return None
    found = TIME.fullmatch(chunk, start, message_start)
    return found.group(1) if found else None


def reports_of_lines(chunk):
    """Second and duration of every REPORT among export lines; a duration may be None."""
    for found in TEXT_REPORT.finditer(chunk):
        second = line_time(chunk, found.start())
        if second:
            yield second, float(found.group(1)) if found.group(1) else None
    for found in JSON_REPORT.finditer(chunk):
        start = chunk.rfind(b"\n", 0, found.start()) + 1 + TIME_BYTES
        second = line_time(chunk, start)
        if second is None or chunk[start : start + 1] != b"{":
            continue
        end = chunk.find(b"\n", start)
        yield from json_report(second, chunk[start : end if end >= 0 else len(chunk)])


def json_report(second, message):
    try:
        event = json.loads(message)
    except ValueError:
        return
    if isinstance(event, dict) and event.get("type") == "platform.report":
        duration = event.get("record", {}).get("metrics", {}).get("durationMs")
        yield second, None if duration is None else float(duration)


def reports_of_document(text):
    """The same for documents of filter-log-events, one or several in a file."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at] in " \t\r\n":
            at += 1
            continue
        document, at = decoder.raw_decode(text, at)
        for event in document.get("events", []):
            second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(event["timestamp"] // 1000)).encode()
            message = event["message"].encode()
            if found := TEXT_REPORT.match(message):
                yield second, float(found.group(1)) if found.group(1) else None
            elif message.startswith(b"{") and JSON_REPORT.search(message):
                yield from json_report(second, message)


def reports(path):
    chunks = pieces(path)
    first = next(chunks, b"")
    if first.lstrip()[:1] == b"{":
        document = b"".join([first, *chunks])
        try:
            yield from reports_of_document(document.decode("utf-8", "replace"))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            print(f"{path}: {error}; what came before was used", file=sys.stderr)
        return
    yield from reports_of_lines(first)
    for chunk in chunks:
        yield from reports_of_lines(chunk)


def nearest_rank(values, percent):
    """The smallest value with at least `percent` % of the values at or below it."""
    # In fractions, because 0.995 * 200 need not be 199 in floating point.
    rank = max(math.ceil(percent * len(values) / 100), 1)
    return sorted(values)[rank - 1]


def mean(values):
    """The mean of the decimals that the log wrote: their sum is taken in millionths, so it is exact."""
    return sum(round(value * 1_000_000) for value in values) / 1_000_000 / len(values)


def shown(number):
    """Shortest digits that read back as the same double; whole numbers without a point."""
    if number is None:
        return ""
    text = format(Decimal(repr(float(number))), "f")
    return text[:-2] if text.endswith(".0") else text


def rows(paths, bin_seconds, measure):
    bins, begins = {}, {}
    for path in files_below(paths):
        for second, duration in reports(path):
            begin = begins.get(second)
            if begin is None:
                epoch = calendar.timegm(time.strptime(second.decode(), "%Y-%m-%dT%H:%M:%S"))
                begin = begins[second] = epoch - epoch % bin_seconds
            group = bins.get(begin)
            if group is None:
                group = bins[begin] = [0, []]
            group[0] += 1
            if duration is not None:
                group[1].append(duration)
    for begin, (count, durations) in bins.items():
        duration = measure(durations) if durations else None
        # In this order, because floating-point products depend on it.
        concurrency = None if duration is None else (count * duration) / 1000.0
        yield begin, duration, count, concurrency


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", help="files or folders")
    parser.add_argument("--form", choices=["pct", "avg"], default="pct", help="percentile (default) or mean")
    parser.add_argument("--percent", default="99.5", help="which percentile (default: 99.5)")
    parser.add_argument("--bin", type=int, default=1, metavar="SECONDS", help="width of a bin (default: 1)")
    parser.add_argument("--limit", type=int, help="print that many rows only")
    options = parser.parse_args()

    percent = Fraction(options.percent)
    measure = mean if options.form == "avg" else lambda values: nearest_rank(values, percent)
    result = list(rows(options.paths, options.bin, measure))
    # Highest concurrency first, then the newest; bins without any come last.
    result.sort(key=lambda row: (row[3] is not None, row[3] or 0.0, row[0]), reverse=True)

    width = f"{options.bin}s" if options.bin % 60 else f"{options.bin // 60}m"
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow([f"bin({width})", "duration", "count", "concurrency"])
    for begin, duration, count, concurrency in result[: options.limit]:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime(begin))
        out.writerow([stamp, shown(duration), count, shown(concurrency)])


if __name__ == "__main__":
    main()
