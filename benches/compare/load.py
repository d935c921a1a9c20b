"""One measured cell: a server, a row, a concurrency, some seconds of wrk."""

import json
import os
import subprocess
import time
from pathlib import Path

import procs

HERE = Path(__file__).resolve().parent


def settle(pid, limit_s=60):
    """Waits until the tree has been idle for a moment: a server may still work for clients that left."""
    if pid is None:
        time.sleep(0.5)
        return
    until = time.monotonic() + limit_s
    before = procs.cpu_ms(pid)
    while time.monotonic() < until:
        time.sleep(0.2)
        now = procs.cpu_ms(pid)
        if now - before <= 10:
            return
        before = now


def run(server, list_file, first, concurrency, seconds):
    pid = server.pid
    if pid:
        procs.reset_peak(pid)
        cpu_before = procs.cpu_ms(pid)
    command = ["wrk", "-t1", f"-c{concurrency}", f"-d{seconds}s", "--timeout", "60s"]
    command += ["-s", HERE / "wrk.lua", server.base, "--", list_file, str(first)]
    output = subprocess.run(command, capture_output=True, text=True, check=True)
    cpu = procs.cpu_ms(pid) - cpu_before if pid else None
    cell = json.loads(output.stderr.strip().splitlines()[-1])
    cell["rps"] = cell["requests"] / cell["seconds"]
    if pid:
        # wrk leaves while requests are being worked on: on average each of these is half done.
        half_done = min(concurrency, os.cpu_count() or 1) / 2
        cell["cpu_ms"] = cpu / (cell["requests"] + half_done)
        cell["peak_rss_mb"] = procs.peak_rss_mb(pid)
    settle(pid)
    return cell


def in_process_vips(python, row, root, seconds):
    """The same work by libvips, without any server around it."""
    parts = [(str(root / picture), vars(op), weight) for picture, op, weight in row.parts]
    command = [python, HERE / "vips_row.py", json.dumps({"parts": parts, "seconds": seconds})]
    environment = os.environ | {"VIPS_CONCURRENCY": "1"}
    return json.loads(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
