"""The pipeline of a shell expert for JSON: ripgrep chooses lines, jq takes fields, mawk counts."""

JSON = r"""
"$RG" --no-filename -N '"level":"ERROR"' "$@" |
jq -r 'select(.level == "ERROR") | [.service, .timestamp[0:16]] | @tsv' |
mawk '{ n[$0]++ } END { for (k in n) print k "\t" n[k] }'
"""


def command(work: str, paths: list[str]) -> list[str] | None:
    return ["sh", "-c", JSON, "sh", *paths] if work == "json" else None
