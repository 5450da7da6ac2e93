"""Makes logs that grow in one respect and stay as they are in all others."""

import json
import pathlib
import random
from collections.abc import Iterator

SECONDS = 3600
CHUNK_LINES = 100_000
# Shares no factor with the numbers of groups, so that keys come in no order and each as often as the others.
STRIDE = 7_368_787


def stamp(number: int, of: int) -> str:
    """The time of an event among so many in an hour."""
    millis = number * SECONDS * 1000 // of
    return f"2026-03-10T09:{millis // 60_000:02}:{millis // 1000 % 60:02}.{millis % 1000:03}Z"


def write(path: pathlib.Path, lines: Iterator[str]) -> None:
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Under another name until it is complete, for whoever interrupts this.
    unfinished = path.with_suffix(".part")
    with open(unfinished, "w", encoding="ascii") as out:
        chunk = []
        for line in lines:
            chunk.append(line)
            if len(chunk) == CHUNK_LINES:
                out.writelines(chunk)
                chunk.clear()
        out.writelines(chunk)
    unfinished.rename(path)


def groups(path: pathlib.Path, events: int, groups: int) -> None:
    """Events with so many different keys."""
    write(path, (f"{stamp(at, events)} key=k{at * STRIDE % groups:08}\n" for at in range(events)))


def requests(path: pathlib.Path, count: int) -> None:
    """REPORT lines, each of another request."""
    source = random.Random(count)

    def report(at: int) -> str:
        bits = f"{source.getrandbits(128):032x}"
        request = "-".join([bits[:8], bits[8:12], bits[12:16], bits[16:20], bits[20:]])
        figures = f"Duration: {at % 977}.12 ms\tBilled Duration: 977 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t"
        return f"{stamp(at, count)} REPORT RequestId: {request}\t{figures}\n"

    write(path, map(report, range(count)))


def wide_json(path: pathlib.Path, size: int, fields: int) -> int:
    """JSON events of so many fields, about so many bytes together; gives how many events that is."""
    source = random.Random(fields)
    names = [f"field{number}" for number in range(2, fields)]

    def event(at: int, of: int) -> str:
        document = {"timestamp": stamp(at, of), "level": ("ERROR" if at % 50 == 0 else "INFO")}
        document |= {name: source.randrange(1_000_000) for name in names[:-1]}
        document["last"] = at % 100
        return json.dumps(document, separators=(",", ":")) + "\n"

    events = max(size // len(event(0, 1)), 1)
    write(path, (event(at, events) for at in range(events)))
    return events


def scattered(folder: pathlib.Path, log: list[str], files: int) -> None:
    """The lines of a log over so many files, in their order and about equally many in each."""
    if folder.exists():
        return
    unfinished = folder.with_name(folder.name + ".part")
    unfinished.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        part = log[len(log) * number // files : len(log) * (number + 1) // files]
        below = unfinished / f"{number // 1000:03}"
        below.mkdir(exist_ok=True)
        (below / f"{number:06}.log").write_text("".join(part), encoding="utf-8")
    unfinished.rename(folder)
