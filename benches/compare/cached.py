#!/usr/bin/env python3
"""What is answered again and again: our memory hits and 304s beside nginx with the same bytes in a file.

Both get the same load by turns, so that a machine that slows down slows both. CPU time per request suffers least from
a machine that is busy with other things. Needs wrk, nginx and a release build.
"""

import argparse
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import procs

ROOT = Path(__file__).resolve().parents[2]
PICTURE = "/unsafe/300x200/photo.jpg"
NGINX = """daemon off;
worker_processes auto;
pid nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  open_file_cache max=100;
  types { image/jpeg jpg; }
  server {
    listen 127.0.0.1:PORT reuseport;
    root files;
    expires 1d;
  }
}
"""


def wait_for(port):
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit(f"nothing listens on port {port}")


def start_ours(binary, port, settings):
    environment = {"TINTYPE_HOST": "127.0.0.1", "PORT": str(port), "ALLOW_UNSAFE_URL": "true", "LOG_LEVEL": "warn"}
    environment |= {"LOADER": "file", "FILE_LOADER_ROOT_PATH": str(ROOT / "config/samples")}
    environment |= dict(pair.split("=", 1) for pair in settings)
    return subprocess.Popen([binary, "serve"], env=environment, stdout=subprocess.DEVNULL)


def start_nginx(folder, port, body):
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    (folder / "files").mkdir()
    (folder / "files/photo.jpg").write_bytes(body)
    folder.chmod(0o755)  # workers of root's nginx are somebody else
    (folder / "nginx.conf").write_text(NGINX.replace("PORT", str(port)))
    return subprocess.Popen([program, "-p", folder, "-e", "stderr", "-c", "nginx.conf"])


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read(), answer.headers["ETag"]


def load(pid, url, etag, seconds, clients):
    """Requests per second, the 99th percentile in milliseconds, microseconds of CPU time per request."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--latency"]
    command += ["-H", f"If-None-Match: {etag}"] if etag else []
    before = procs.cpu_ms(pid)
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    cpu_us = (procs.cpu_ms(pid) - before) * 1e3 / int(re.search(r"(\d+) requests in", text)[1])
    failed = re.search(r"Socket errors.*|Non-2xx or 3xx.*", text)
    if failed:
        raise SystemExit(f"{url}: {failed[0]}")
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    p99_ms = float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), p99_ms, cpu_us


def measure(name, targets, options):
    samples = {server: [] for server, *_ in targets}
    for turn in range(options.rounds):
        for server, *target in targets if turn % 2 == 0 else reversed(targets):
            samples[server].append(load(*target, options.seconds, options.c))
    cells = [name]
    for found in samples.values():
        rate, p99_ms, cpu_us = (statistics.median(column) for column in zip(*found, strict=True))
        cells += [f"{rate:.0f}", f"{p99_ms:.2f}", f"{cpu_us:.1f}"]
    ratios = [ours[0] / nginx[0] for ours, nginx in zip(samples["ours"], samples["nginx"], strict=True)]
    cells.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    print("|", " | ".join(cells), "|", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=ROOT / "target/release/tintype")
    parser.add_argument("--port", type=int, default=9390, help="ours; nginx takes the next one")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("-c", type=int, default=64, help="clients")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of ours")
    options = parser.parse_args()
    running = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            running.append(start_ours(options.binary, options.port, options.set))
            wait_for(options.port)
            ours = f"http://127.0.0.1:{options.port}{PICTURE}"
            body, our_etag = fetch(ours)
            running.append(start_nginx(Path(folder), options.port + 1, body))
            wait_for(options.port + 1)
            nginx = f"http://127.0.0.1:{options.port + 1}/photo.jpg"
            same, its_etag = fetch(nginx)
            if same != body:
                raise SystemExit("nginx does not give the same bytes")
            print(f"{len(body)} bytes, {options.c} clients, medians of {options.rounds} rounds of {options.seconds} s\n")
            columns = "req/s | p99 ms | CPU us/req"
            print(f"| answer | ours, {columns} | nginx, {columns} | req/s, ours / nginx |\n|{'---|' * 8}")
            pids = [process.pid for process in running]
            measure("200 from memory", [("ours", pids[0], ours, None), ("nginx", pids[1], nginx, None)], options)
            measure("304", [("ours", pids[0], ours, our_etag), ("nginx", pids[1], nginx, its_etag)], options)
        finally:
            for process in running:
                process.terminate()
                process.wait()


if __name__ == "__main__":
    main()
