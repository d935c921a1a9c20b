#!/usr/bin/env python3
"""Measures what a million pictures take: the table of docs/sizing.md, made from config/samples on this machine.

    cargo build --release --locked
    benches/compare/sizing.py            # prints the table; about two minutes
    benches/compare/sizing.py --write    # puts it into docs/sizing.md

Needs Python and nothing else. Results are not kept, and each picture comes under many names, so that no answer comes
from a cache.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import procs

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "sizing.md"
START, END = "<!-- sizing.py: begin -->\n", "<!-- sizing.py: end -->\n"
NAMES = 400


@dataclass(frozen=True)
class Kind:
    title: str
    picture: str
    options: str


KINDS = (
    Kind("thumbnail, 300x200", "photo.jpg", "300x200"),
    Kind("a portrait to 300x200 with `smart`, seen before", "portrait.jpg", "300x200/smart"),
    Kind("width of a column, 800 px", "photo.jpg", "fit-in/800x0"),
    Kind("the same as WebP", "photo.jpg", "fit-in/800x0/filters:format(webp)"),
    Kind("the same as AVIF", "photo.jpg", "fit-in/800x0/filters:format(avif)"),
    Kind("PNG with transparency, 256 px", "transparent.png", "fit-in/256x256"),
    Kind("12 MP photograph to 400x300", "large.jpg", "400x300"),
    Kind("12 MP photograph to 1600 px", "large.jpg", "fit-in/1600x0"),
    Kind("animated GIF, 200 px", "animation.gif", "fit-in/200x200"),
)


def start(program, folder):
    """The server, when it listens, and its address."""
    environment = {
        "LOADER": "file", "FILE_LOADER_ROOT_PATH": str(folder), "ALLOW_UNSAFE_URL": "true", "CACHE_MAX_BYTES": "0",
        "TINTYPE_HOST": "127.0.0.1", "TINTYPE_PORT": "0", "LOG_LEVEL": "info,access=off",
    }
    process = subprocess.Popen([program], env=environment, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if found := re.search(r"listening on (http://[\d.:]+)", line):
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return process, found[1]
    sys.exit("the server did not start")


def pictures(folder, base):
    """Every picture under many names. The large one is the photograph enlarged: about as many bytes as a camera writes."""
    for picture in sorted({kind.picture for kind in KINDS} - {"large.jpg"}):
        shutil.copy(ROOT / "config" / "samples" / picture, folder / picture)
    large = f"{base}/unsafe/4000x3000/filters:noise(12,7):quality(88)/photo.jpg"
    (folder / "large.jpg").write_bytes(urllib.request.urlopen(large, timeout=60).read())
    for picture in {kind.picture for kind in KINDS}:
        for number in range(NAMES):
            os.link(folder / picture, folder / f"{number}-{picture}")


def load(base, kind, seconds, clients, first):
    """Requests that were answered, and bytes of all answers."""
    until, lock = time.monotonic() + seconds, threading.Lock()
    state = {"next": first, "answers": 0, "bytes": 0}

    def client():
        while time.monotonic() < until:
            with lock:
                number = state["next"] = state["next"] + 1
            url = f"{base}/unsafe/{kind.options}/{number % NAMES}-{kind.picture}"
            body = urllib.request.urlopen(url, timeout=60).read()
            with lock:
                state["answers"] += 1
                state["bytes"] += len(body)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return state


def measure(given, kind, base, pid):
    load(base, kind, 1, given.clients, 0)
    procs.reset_peak(pid)
    before = procs.cpu_ms(pid)
    state = load(base, kind, given.seconds, given.clients, 7)
    cpu_ms = (procs.cpu_ms(pid) - before) / state["answers"]
    return cpu_ms, state["bytes"] / state["answers"], procs.peak_rss_mb(pid)


def table(rows):
    lines = [
        "| picture | CPU milliseconds each | CPU hours per million | pictures a second on one core | GB sent per million | memory at the peak |",
        "|---|---|---|---|---|---|",
    ]
    for kind, cpu_ms, size, peak in rows:
        lines.append(
            f"| {kind.title} | {cpu_ms:.1f} | {cpu_ms / 3.6:.1f} | {1000 / cpu_ms:.0f} | {size / 1000:.1f} | {peak:.0f} MB |"
        )
    return "\n".join(lines) + "\n"


def machine():
    names = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return f"{os.cpu_count()} cores of {names[0] if names else platform.machine()}, {platform.system()} {platform.release().split('-')[0]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "target" / "release" / "tintype", type=Path)
    parser.add_argument("--seconds", type=float, default=10, help="of load for each row, default %(default)s")
    parser.add_argument("--clients", type=int, default=2, help="that ask at a time, default %(default)s")
    parser.add_argument("--write", action="store_true", help="put the table into docs/sizing.md")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        process, base = start(given.program, folder)
        try:
            pictures(Path(folder), base)
            for kind in KINDS:
                rows.append((kind, *measure(given, kind, base, process.pid)))
                print(table(rows[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
        finally:
            process.terminate()
            process.wait(20)
    text = table(rows) + f"\nMeasured with {given.clients} clients on {machine()}.\n"
    if not given.write:
        print(text)
        return
    before, rest = PAGE.read_text().split(START)
    PAGE.write_text(before + START + text + END + rest.split(END)[1])


if __name__ == "__main__":
    main()
