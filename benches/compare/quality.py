"""The quality column: SSIMULACRA2 of answers against an ideal reduction, and ours at the peers' bytes."""

import json
import math
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
CURVE = (40, 50, 60, 70, 75, 80, 85, 90, 95)


def build_judge(cache):
    target = cache / "judge-target"
    command = ["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", HERE / "judge" / "Cargo.toml"]
    subprocess.run([*command, "--target-dir", target], check=True)
    return target / "release" / "judge"


def judge(program, source, answers):
    """Score, width and height of each answer."""
    output = subprocess.run([program, source, *answers], capture_output=True, text=True, check=True).stdout
    lines = (line.split("\t") for line in output.splitlines())
    return [(float(score), int(width), int(height)) for score, width, height in lines]


def at_bytes(curve, wanted):
    """The score on a curve of (bytes, score), interpolated over the logarithm of bytes; None outside it."""
    for (low, low_score), (high, high_score) in zip(curve, curve[1:]):
        if low <= wanted <= high and low < high:
            part = math.log(wanted / low) / math.log(high / low)
            return low_score + part * (high_score - low_score)
    return None


def of_row(row, servers, python, root, scratch, program):
    """For each server its bytes and score at default settings, and ours at the same bytes."""
    picture, op, _ = row.parts[0]
    source = sorted((root / picture).iterdir())[0]
    file = f"{picture}/{source.name}"
    scratch.mkdir(exist_ok=True)
    results, curve = {}, []

    def keep(name, data):
        path = scratch / name
        path.write_bytes(data)
        return path

    for server in servers:
        url = server.url(op, file)
        if url and (answer := server.get(url)):
            results[server.name] = keep(f"{row.name}-{server.name}", answer)
        if server.ours and not curve and source.suffix != ".png":
            answers = [server.get(server.url(op, file, q)) for q in CURVE]
            curve = [keep(f"{row.name}-q{q}", answer) for q, answer in zip(CURVE, answers) if answer]
    if python:
        vips = scratch / f"{row.name}-libvips"
        job = {"source": str(source), "op": vars(op), "quality": 80, "out": str(vips)}
        subprocess.run([python, HERE / "vips_row.py", "--once", json.dumps(job)], check=True)
        results["libvips"] = vips
    scores = judge(program, source, [*results.values(), *curve])
    ours = sorted((path.stat().st_size, score) for path, (score, *_) in zip(curve, scores[len(results):]))
    return {
        name: {
            "bytes": path.stat().st_size,
            "score": score,
            "size": f"{width}x{height}",
            "ours_at_these_bytes": at_bytes(ours, path.stat().st_size),
        }
        for (name, path), (score, width, height) in zip(results.items(), scores)
    }
