"""The pipelines of a shell expert: ripgrep chooses lines, mawk and sort make the answer. Rows are separated by tabs."""

# By second and duration, so that mawk sees the durations of a second in their order and takes the nearest rank.
HEADLINE = r"""
"$RG" --no-filename -N 'REPORT RequestId:|"platform\.report"' "$@" |
mawk '{ at = index($0, "\tDuration: "); skip = 11
        if (!at) { at = index($0, "\"durationMs\":"); skip = 13 }
        print substr($0, 1, 19), substr($0, at + skip, 16) + 0 }' OFMT=%.15g |
LC_ALL=C sort -k1,1 -k2,2n |
mawk 'function flush() { if (n) { p = d[int((995 * n + 999) / 1000)]; printf "%s\t%.15g\t%d\t%.17g\n", s, p, n, n * p / 1000 } }
      $1 != s { flush(); s = $1; n = 0 } { d[++n] = $2 } END { flush() }' |
LC_ALL=C sort -t "$(printf '\t')" -k4,4gr -k1,1r | head -20
"""
ERRORS = r"""
"$RG" --no-filename -N ERROR "$@" |
mawk '{ m = substr($0, 15, 2); n[substr($0, 1, 14) sprintf("%02d", m - m % 5)]++ } END { for (k in n) print k "\t" n[k] }'
"""
BY_LOG = r"""
"$RG" --with-filename -N 'REPORT RequestId:|"platform\.report"' "$@" |
mawk '{ end = index($0, ".log:"); log_ = substr($0, 1, end - 1); sub(/.*\//, "", log_)
        at = index($0, "\tDuration: "); skip = 11; mat = index($0, "Max Memory Used: "); mskip = 17
        if (!at) { at = index($0, "\"durationMs\":"); skip = 13; mat = index($0, "\"maxMemoryUsedMB\":"); mskip = 18 }
        n[log_]++; d[log_] += substr($0, at + skip, 16); m = substr($0, mat + mskip, 8) + 0; if (m > top[log_]) top[log_] = m }
      END { for (k in n) printf "/aws/lambda/%s\t%d\t%.17g\t%d\n", k, n[k], d[k] / n[k], top[k] * 1000000 }'
"""
PARSE = r"""
"$RG" --no-filename -N --only-matching --replace '$1	$2' 'user=(.*?) action=(.*?) ' "$@" |
mawk '{ n[$0]++ } END { for (k in n) print k "\t" n[k] }'
"""
SLOWEST = r"""
"$RG" --no-filename -N 'REPORT RequestId:|"platform\.report"' "$@" |
mawk '{ at = index($0, "\tDuration: "); skip = 11; id = 44
        if (!at) { at = index($0, "\"durationMs\":"); skip = 13; id = index($0, "\"requestId\":\"") + 13 }
        print substr($0, 1, 23) "\t" substr($0, id, 36) "\t" substr($0, at + skip, 16) + 0 }' OFMT=%.15g |
LC_ALL=C sort -t "$(printf '\t')" -k3,3nr | head -20
"""
REQUESTS = r"""
mawk 'substr($0, 24, 2) != "Z " { next }
      match($0, /RequestId: |"requestId":"|Z\t[0-9a-f]/) {
        at = RSTART + RLENGTH; if (substr($0, RSTART, 1) == "Z") at--; n[substr($0, at, 36)]++; next }
      { n[""]++ } END { for (k in n) print k "\t" n[k] }' "$@" |
LC_ALL=C sort -t "$(printf '\t')" -k2,2nr | head -10
"""
TINY = r"""mawk 'substr($0, 24, 2) == "Z " { n++ } END { print n }' "$@" """

# Without the help of others.
ALONE = {"tiny"}

PIPELINES = {
    "headline": HEADLINE,
    "headline-one": HEADLINE,
    "errors": ERRORS,
    "by-log": BY_LOG,
    "parse": PARSE,
    "slowest": SLOWEST,
    "requests": REQUESTS,
    "tiny": TINY,
}


def command(work: str, paths: list[str]) -> list[str] | None:
    return ["sh", "-c", PIPELINES[work], "sh", *paths] if work in PIPELINES else None
