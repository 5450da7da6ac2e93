"""igzip: the unpacking alone. No answer, but a baseline."""


def command(igzip: str, work: str, paths: list[str]) -> list[str] | None:
    return ["sh", "-c", '"$0" -dc "$@" > /dev/null', igzip, *paths] if work == "headline-gz" else None
