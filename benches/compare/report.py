"""One markdown table out of all cells, and the JSON beside it."""

from statistics import median

COLUMNS = (
    "row | c | server | req/s | p50 ms | p99 ms | CPU ms/req | peak RSS MB | bytes | SSIMULACRA2 "
    "| ours at these bytes | ours/its CPU | ours/its req/s"
)


def number(value, digits=1):
    return "" if value is None else f"{value:.{digits}f}"


def merged(rounds):
    """The median of each figure over the rounds; failures add up."""
    figures = ("rps", "p50_ms", "p99_ms", "cpu_ms", "peak_rss_mb")
    cell = {key: median(found) for key in figures if (found := [one[key] for one in rounds if key in one])}
    cell["requests"] = sum(one["requests"] for one in rounds)
    cell["failed"] = sum(one["bad_status"] + one["broken"] for one in rounds)
    return cell


def line(row, concurrency, name, cell, quality, ours):
    def ratio(key):
        return ours[key] / cell[key] if ours and ours is not cell and cell.get(key) and ours.get(key) else None

    judged = quality.get(row, {}).get(name, {})
    shown = [
        row,
        str(concurrency),
        name + (f" ({cell['failed']} failed)" if cell["failed"] else ""),
        number(cell["rps"]),
        number(cell["p50_ms"]),
        number(cell["p99_ms"]),
        number(cell.get("cpu_ms"), 2),
        number(cell.get("peak_rss_mb"), 0),
        str(judged.get("bytes", "")),
        number(judged.get("score"), 2),
        number(judged.get("ours_at_these_bytes"), 2),
        number(ratio("cpu_ms"), 2),
        number(ratio("rps"), 2),
    ]
    return f"| {' | '.join(shown)} |"


def table(cells, quality, ours_name):
    """`cells` maps (row, concurrency) to a dict of server name to merged cell."""
    lines = [f"| {COLUMNS} |", "|" + " --- |" * (COLUMNS.count("|") + 1)]
    for (row, concurrency), servers in cells.items():
        ours = servers.get(ours_name)
        lines += [line(row, concurrency, name, cell, quality, ours) for name, cell in servers.items()]
    return "\n".join(lines)
