#!/usr/bin/env python3
"""Measures image servers side by side on the same pictures. README.md tells what is measured and how."""

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import time
from pathlib import Path

import load
import procs
import quality
import report
import servers
from rows import MADE, ROWS, Op

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
NAMES = ("ours", "thumbor", "oximg", "libvips")


def arguments():
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", default=",".join(NAMES), help="which of %(default)s")
    parser.add_argument(
        "--ours",
        action="append",
        metavar="NAME=BINARY[,KEY=VALUE...]",
        help="our binary, may be repeated; the pairs are its settings",
    )
    parser.add_argument(
        "--peer",
        action="append",
        nargs="+",
        default=[],
        metavar="WORD",
        help="NAME BASE_URL FIT [CROP]: a server that already runs; FIT and CROP are URL templates "
        "with {w} {h} {file} {format}, or FIT is `thumbor`",
    )
    names = ", ".join(row.name for row in ROWS)
    parser.add_argument("--rows", default="", help=f"comma-separated, default all: {names}")
    parser.add_argument("-c", "--concurrency", default="1,2,8,32", help="default %(default)s")
    parser.add_argument("--seconds", type=int, default=5, help="of load per cell and round, default %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="default %(default)s")
    parser.add_argument("--photos", type=Path, help="directory of photographs instead of Debian's mate-backgrounds")
    parser.add_argument("--cache", type=Path, default=HERE / ".cache", help="where installs and pictures are kept")
    parser.add_argument("--json", type=Path, help="where the results go, default results.json in the cache")
    parser.add_argument("--no-quality", action="store_true", help="leave out the quality columns")
    parser.add_argument("--no-extras", action="store_true", help="leave out memory hits and the 100 MP picture")
    given = parser.parse_args()
    given.ours = given.ours or [f"ours={target / 'release' / 'tintype'}"]
    given.cache = given.cache.resolve()
    return given


def note(text):
    print(text, file=sys.stderr, flush=True)


def photo_folder(given):
    if given.photos:
        return given.photos
    folder = given.cache / "mate-backgrounds"
    if not folder.exists():
        try:
            download = ["apt-get", "download", "-q", "mate-backgrounds"]
            subprocess.run(download, cwd=given.cache, check=True, stdout=sys.stderr)
            package = next(given.cache.glob("mate-backgrounds_*.deb"))
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
        except (OSError, StopIteration, subprocess.CalledProcessError):
            note("mate-backgrounds is not to be had: the samples stand in, and figures compare with no other run's")
            return ROOT / "config" / "samples"
    return folder


def make_pictures(given, python):
    out = given.cache / "pictures"
    if not (out / MADE).exists():
        note("making the pictures ...")
        subprocess.run([python, HERE / "pictures.py", out, photo_folder(given)], check=True)
    return out


def start_all(given, root):
    wanted = given.servers.split(",")
    starts = [lambda spec=spec: servers.start_ours(spec, root, given.cache) for spec in given.ours if "ours" in wanted]
    starts += [lambda: servers.start_thumbor(root, given.cache)] * ("thumbor" in wanted)
    starts += [lambda: servers.start_oximg(root, given.cache)] * ("oximg" in wanted)
    starts += [lambda words=words: servers.running_peer(*words) for words in given.peer]
    running = []
    for start in starts:
        try:
            running.append(start())
            note(f"{running[-1].name}: {running[-1].version or 'version unknown'}")
        except servers.Unavailable as reason:
            note(f"left out: {reason}")
    return running


def url_list(given, row, server, root):
    """The file of all URLs of a row for one server, in an order that is random but always the same."""
    urls = []
    for picture, op, weight in row.parts:
        names = sorted(path.name for path in (root / picture).iterdir())
        share = names * weight if len(row.parts) > 1 else names
        urls += [server.url(op, f"{picture}/{name}") for name in share]
    if not all(urls):
        return None
    random.Random(1).shuffle(urls)
    path = given.cache / "urls" / f"{row.name}-{server.name}"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(urls) + "\n")
    return path


def measure(given, row, concurrency, running, python, root):
    """All rounds of one row at one concurrency; servers take turns, in reverse in every other round."""
    lists = {server.name: url_list(given, row, server, root) for server in running}
    able = [server for server in running if lists[server.name]]
    found = {server.name: [] for server in able}
    for turn in range(given.rounds + 1):
        for server in able if turn % 2 == 0 else able[::-1]:
            first = turn * 613 + 97 * concurrency
            seconds = given.seconds if turn else 1  # the first turn warms up and does not count
            try:
                cell = load.run(server, lists[server.name], first, concurrency, seconds)
            except (OSError, subprocess.CalledProcessError) as problem:
                note(f"{server.name}: {problem}")
                continue
            if turn:
                found[server.name].append(cell)
        if python and concurrency == 1 and turn:
            found.setdefault("libvips", []).append(load.in_process_vips(python, row, root, seconds))
    return {name: report.merged(rounds) for name, rounds in found.items() if rounds}


def memory_hits(given, root):
    """One URL over and over, with our result cache on."""
    server = servers.start_ours(given.ours[0], root, given.cache, keep_results=True)
    try:
        hot = given.cache / "urls" / "hot"
        hot.parent.mkdir(exist_ok=True)
        hot.write_text(server.url(Op("fit", 300, 300), "photo2/0000.jpg") + "\n")
        load.run(server, hot, 0, 1, 1)
        return report.merged([load.run(server, hot, 0, 64, given.seconds) for _ in range(given.rounds)])
    finally:
        server.stop()


def huge_picture(running):
    """Peak memory above idle while one 100 MP baseline JPEG becomes 500 pixels, in MB."""
    peaks = {}
    for server in running:
        path = server.url(Op("fit", 500, 500), "originals/huge100.jpg")
        if server.pid is None or path is None:
            continue
        load.settle(server.pid)
        idle = procs.rss_mb(server.pid)
        procs.reset_peak(server.pid)
        started, cpu = time.monotonic(), procs.cpu_ms(server.pid)
        answer = server.get(path)
        if answer is None:
            continue
        peaks[server.name] = {
            "idle_mb": idle,
            "above_idle_mb": procs.peak_rss_mb(server.pid) - idle,
            "seconds": time.monotonic() - started,
            "cpu_ms": procs.cpu_ms(server.pid) - cpu,
            "bytes": len(answer),
        }
    return peaks


def extras(given, root):
    """What is measured on freshly started servers, so that earlier load does not hide in their memory."""
    found = {}
    running = start_all(given, root)
    try:
        for server in running:
            server.get(server.url(Op("fit", 300, 300), "photo2/0000.jpg"))
        found["huge"] = huge_picture(running)
    finally:
        for server in running:
            server.stop()
    if any(server.ours for server in running):
        found["memory_hits"] = memory_hits(given, root)
    return found


def show_extras(found):
    if "memory_hits" in found:
        hits = found["memory_hits"]
        print(f"\nMemory hits, 64 clients on one URL: {hits['rps']:.0f} req/s, p99 {hits['p99_ms']:.1f} ms.")
    for name, peak in found.get("huge", {}).items():
        print(
            f"100 MP JPEG to 500 px, {name}: {peak['above_idle_mb']:.0f} MB above {peak['idle_mb']:.0f} MB idle, "
            f"{peak['seconds']:.2f} s, {peak['cpu_ms']:.0f} CPU ms."
        )


def main():
    given = arguments()
    given.cache.mkdir(parents=True, exist_ok=True)
    python = servers.venv(given.cache)
    root = make_pictures(given, python)
    rows = [row for row in ROWS if not given.rows or row.name in given.rows.split(",")]
    vips = python if "libvips" in given.servers.split(",") else None
    cells, judged = {}, {}
    found = {} if given.no_extras else extras(given, root)
    running = start_all(given, root)
    try:
        for row in rows:
            for concurrency in map(int, given.concurrency.split(",")):
                note(f"{row.title}, {concurrency} at once ...")
                cells[row.name, concurrency] = measure(given, row, concurrency, running, vips, root)
        if not given.no_quality:
            note("judging quality ...")
            program = quality.build_judge(given.cache)
            for row in filter(lambda row: row.quality, rows):
                judged[row.name] = quality.of_row(row, running, vips, root, given.cache / "answers", program)
    finally:
        for server in running:
            server.stop()
    ours = next((server.name for server in running if server.ours), None)
    versions = {server.name: server.version for server in running}
    if vips:
        version = subprocess.run([vips, HERE / "vips_row.py", "--version"], capture_output=True, text=True, check=True)
        versions["libvips"] = version.stdout.strip()
    described = "; ".join(f"{name}: {version}" for name, version in versions.items())
    print(f"{os.cpu_count()} CPUs, {platform.platform()}; {described}\n")
    print(report.table(cells, judged, ours))
    show_extras(found)
    output = given.json or given.cache / "results.json"
    nested = [{"row": row, "concurrency": c, "servers": by_name} for (row, c), by_name in cells.items()]
    output.write_text(json.dumps({"versions": versions, "cells": nested, "quality": judged, **found}, indent=1))
    note(f"written: {output}")


if __name__ == "__main__":
    main()
