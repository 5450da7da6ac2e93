"""Whether two answers are equal, whatever the engines call their columns and however they write numbers and times."""

import calendar
import math
import re

from works import Work

Cell = float | str | None
Row = tuple[Cell, ...]

TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z?")


def cell(value: object) -> Cell:
    """A number, a text or nothing. Times become seconds, so that all ways to write them are one."""
    if value is None or value == "":
        return None
    text = str(value)
    if found := TIME.fullmatch(text):
        *fields, fraction = found.groups(default="0")
        return calendar.timegm(tuple(map(int, fields)) + (0, 0, 0)) + float("0." + fraction)
    try:
        return float(text)
    except ValueError:
        return text


def rows(raw: list[list[object]]) -> list[Row]:
    return [tuple(cell(value) for value in row) for row in raw]


def cells_agree(one: Cell, other: Cell, tolerance: float) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=0.0)
    return one == other


def sortable(row: Row) -> tuple[tuple[str, str | float], ...]:
    return tuple((type(value).__name__, "" if value is None else value) for value in row)


def difference(work: Work, expected: list[Row], found: list[Row]) -> str | None:
    """Where an answer leaves the expected one; None when they are equal."""
    if len(expected) != len(found):
        return f"{len(found)} rows instead of {len(expected)}"
    if work.ranked is not None:
        return ranked_difference(work.ranked, work.tolerance, expected, found)
    return unordered_difference(work.tolerance, expected, found)


def unordered_difference(tolerance: float, expected: list[Row], found: list[Row]) -> str | None:
    for one, other in zip(sorted(expected, key=sortable), sorted(found, key=sortable)):
        if len(one) != len(other) or not all(cells_agree(a, b, tolerance) for a, b in zip(one, other)):
            return f"{other} instead of {one}"
    return None


def ranked_difference(by: int, tolerance: float, expected: list[Row], found: list[Row]) -> str | None:
    """The ranks must be equal, and the rows of each rank but the last, which the limit may cut anywhere."""
    for one, other in zip(expected, found):
        if not cells_agree(one[by], other[by], tolerance):
            return f"{other} instead of {one}"
    last = expected[-1][by] if expected else None
    above = [[row for row in answer if not cells_agree(row[by], last, tolerance)] for answer in (expected, found)]
    if len(above[0]) != len(above[1]):
        return f"{len(above[1])} rows above the last rank instead of {len(above[0])}"
    return unordered_difference(tolerance, *above)


def verdicts(work: Work, answers: dict[str, list[Row]], ours: str) -> dict[str, str | None]:
    """What is wrong with each answer. The one that most engines agree on is taken for right, and in doubt not `ours`,
    so that insq is never the measure of itself."""
    agreeing = {
        name: sum(difference(work, answer, other) is None for other in answers.values()) for name, answer in answers.items()
    }
    right = max(answers, key=lambda name: (agreeing[name], name != ours))
    return {name: difference(work, answers[right], answer) for name, answer in answers.items()}
