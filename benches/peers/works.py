"""What is asked: every work with its query, its input and what an equal answer is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    name: str
    title: str
    # The part of the corpus that it reads; see corpus.py.
    corpus: str
    # In the language of insq.
    query: str
    # The column that ranks the rows of a "first N"; rows that are equal in it at the cut may differ between engines.
    ranked: int | None = None
    # Relative; sums of floating-point numbers depend on their order in all engines but insq, and Polars divides by
    # multiplying with the reciprocal.
    tolerance: float = 0.0
    # A function of insq that this build must know.
    needs: str | None = None


# One unit in the last place of a double, and a little more.
LAST_DIGIT = 4e-16

HEADLINE = (
    'filter @type = "REPORT" | stats pct(@duration, 99.5) as duration, count(*) as count, '
    "(count(*) * pct(@duration, 99.5) / 1000.0) as concurrency by bin(1s) | sort concurrency desc | limit 20"
)

WORKS = [
    Work("headline", "Headline query, plain files", "many", HEADLINE, ranked=3, tolerance=LAST_DIGIT),
    Work("headline-one", "Headline query, one plain file", "one", HEADLINE, ranked=3, tolerance=LAST_DIGIT),
    Work("headline-gz", "Headline query, gzip files", "gz", HEADLINE, ranked=3, tolerance=LAST_DIGIT),
    Work(
        "headline-parquet",
        "Headline query, the Parquet file of `insq convert`",
        "parquet",
        HEADLINE,
        ranked=3,
        tolerance=LAST_DIGIT,
    ),
    Work("errors", "Search and count", "many", "filter @message like /ERROR/ | stats count(*) by bin(5m)"),
    Work(
        "by-log",
        "Reports by log group",
        "functions",
        'SOURCE logGroups(namePrefix: ["/aws/lambda/"]) | filter @type = "REPORT" '
        "| stats count(*), avg(@duration), max(@maxMemoryUsed) by @log",
        tolerance=1e-9,
    ),
    Work(
        "parse",
        "Fields cut out of text",
        "many",
        'parse @message "user=* action=* " as user, action | filter ispresent(user) | stats count(*) by user, action',
    ),
    Work("json", "JSON lines", "json", 'filter level = "ERROR" | stats count(*) by service, bin(1m)'),
    Work(
        "concurrency",
        "Exact concurrency, second by second",
        "many",
        'filter @type = "REPORT" | stats concurrency_max() as most by bin(1s) | filter most > 0',
        needs="concurrency_max",
    ),
    Work(
        "slowest",
        "The slowest invocations",
        "many",
        'filter @type = "REPORT" | fields @timestamp, @requestId, @duration | sort @duration desc | limit 20',
        ranked=2,
    ),
    Work(
        "requests",
        "The requests with most events",
        "many",
        "stats count(*) as n by @requestId | sort n desc | limit 10",
        ranked=1,
    ),
    Work("version", "Start: `--version`, or loading the module", "tiny", ""),
    Work("tiny", "Start: count the events of a file of 1 KB", "tiny", "stats count(*)"),
]
