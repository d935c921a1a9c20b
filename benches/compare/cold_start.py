#!/usr/bin/env python3
"""How fast the program starts as a function: from its start to its first question for work, and to its first answer.

    cargo build --release --locked
    benches/compare/cold_start.py --starts 20

Stands in for Lambda's Runtime API. The file is in the page cache after the first start, as it is not at Lambda, whose
own part of a cold start (fetching and unpacking the archive) is not in these figures either.
"""

import argparse
import http.server
import json
import os
import statistics
import subprocess
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EVENT = ROOT / "tests/fixtures/lambda/function-url.json"


class Api(http.server.BaseHTTPRequestHandler):
    """Gives one event and then no more."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        now = time.monotonic()
        if self.server.asked:
            self.server.over.wait()
            return
        self.server.asked = now
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "1")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + 29) * 1e3)))
        self.send_header("Content-Length", str(len(self.server.event)))
        self.end_headers()
        self.wfile.write(self.server.event)

    def do_POST(self):
        self.server.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answered = time.monotonic()
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.over.set()

    def log_message(self, *_):
        pass


def start(binary, settings):
    """Milliseconds to the first question, and to the first answer; CPU ms; the most memory in MB."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.daemon_threads = True
    server.asked, server.answered, server.over = None, None, threading.Event()
    event = json.loads(EVENT.read_text())
    event["rawPath"] = "/unsafe/fit-in/300x200/photo.jpg"
    server.event = json.dumps(event).encode()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}", "ALLOW_UNSAFE_URL": "true"}
    environment |= {"LOADER": "file", "FILE_LOADER_ROOT_PATH": str(ROOT / "config/samples")} | settings
    begin = time.monotonic()
    process = subprocess.Popen([binary], env=environment, stdout=subprocess.DEVNULL)
    if not server.over.wait(20):
        raise SystemExit("no answer within 20 s")
    status = json.loads(server.body)["statusCode"]
    process.terminate()
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    server.shutdown()
    server.server_close()
    if status != 200:
        raise SystemExit(f"answered {status}")
    cpu = (used.ru_utime + used.ru_stime) * 1e3
    return (server.asked - begin) * 1e3, (server.answered - begin) * 1e3, cpu, used.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default=ROOT / "target/release/tintype")
    parser.add_argument("--starts", type=int, default=20)
    parser.add_argument("settings", nargs="*", metavar="KEY=VALUE")
    given = parser.parse_args()
    settings = dict(pair.split("=", 1) for pair in given.settings)
    start(given.binary, settings)  # reads the file in
    found = [start(given.binary, settings) for _ in range(given.starts)]
    for name, values in zip(("first question, ms", "first answer, ms", "CPU, ms", "memory, MB"), zip(*found), strict=True):
        low, middle, high = min(values), statistics.median(values), max(values)
        print(f"{name:20} median {middle:6.1f}   least {low:6.1f}   most {high:6.1f}")


if __name__ == "__main__":
    main()
