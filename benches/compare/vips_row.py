"""libvips in process, one thread, cache off: `thumbnail_buffer` and its savers at quality 80."""

import itertools
import json
import resource
import sys
import time
from pathlib import Path

import pyvips

FREE_HEIGHT = 10_000_000


def shrink(source, op, quality=80):
    size = {"height": op["height"] or FREE_HEIGHT, "size": "down"}
    if op["kind"] == "crop":
        size = {"height": op["height"], "crop": "centre"}
    small = pyvips.Image.thumbnail_buffer(source, op["width"], **size)
    kind = op["format"] or ("png" if source.startswith(b"\x89PNG") else "jpeg")
    if kind == "png":
        return small.pngsave_buffer()
    if kind == "webp":
        return small.webpsave_buffer(Q=quality)
    return small.jpegsave_buffer(Q=quality)


def main(job):
    pyvips.cache_set_max(0)
    work = []
    for folder, op, weight in job["parts"]:
        work += [(sorted(Path(folder).iterdir())[0].read_bytes(), op)] * weight
    for source, op in work:
        shrink(source, op)
    seconds, latencies = job["seconds"], []
    cpu, start = time.process_time(), time.perf_counter()
    for source, op in itertools.cycle(work):
        before = time.perf_counter()
        shrink(source, op)
        latencies.append((time.perf_counter() - before) * 1000)
        if time.perf_counter() - start >= seconds and len(latencies) % len(work) == 0:
            break
    elapsed, count = time.perf_counter() - start, len(latencies)
    latencies.sort()
    print(json.dumps({
        "requests": count,
        "seconds": elapsed,
        "rps": count / elapsed,
        "p50_ms": latencies[count // 2],
        "p99_ms": latencies[count * 99 // 100],
        "cpu_ms": (time.process_time() - cpu) * 1000 / count,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "bad_status": 0,
        "broken": 0,
    }))


if __name__ == "__main__":
    if sys.argv[1] == "--once":
        given = json.loads(sys.argv[2])
        answer = shrink(Path(given["source"]).read_bytes(), given["op"], given["quality"])
        Path(given["out"]).write_bytes(answer)
    elif sys.argv[1] == "--version":
        print("libvips", ".".join(str(pyvips.version(part)) for part in range(3)), "pyvips", pyvips.__version__)
    else:
        main(json.loads(sys.argv[1]))
