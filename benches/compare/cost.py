#!/usr/bin/env python3
"""What a million pictures cost: CPU time and memory measured here, prices from the table below. Prints docs/cost.md's tables.

    cargo build --release --locked
    benches/compare/cost.py --seconds 4 --rounds 3

Asks for one picture after the other, as a function is asked, so that waiting counts as little as it can. CPU time is
what the kernel has counted for the process (`/proc`), so other load on the machine matters little.
"""

import argparse
import http.client
import os
import statistics
import sys
import time
from pathlib import Path

import procs
import servers
from compare import HERE, ROOT, make_pictures
from rows import Op

# How often each is asked for, of a hundred, and what. 2 MP is what content systems keep, 12 MP what phones take.
MIX = (
    (35, "photo2", Op("fit", 320, 0, "webp"), "2 MP JPEG to WebP, 320 wide"),
    (25, "photo2", Op("fit", 640, 0, "webp"), "2 MP JPEG to WebP, 640 wide"),
    (12, "photo2", Op("fit", 1280, 0, "webp"), "2 MP JPEG to WebP, 1280 wide"),
    (8, "photo12", Op("fit", 400, 0, "webp"), "12 MP JPEG to WebP, 400 wide"),
    (5, "busy12", Op("fit", 1200, 0, "webp"), "12 MP detailed JPEG to WebP, 1200 wide"),
    (8, "photo2", Op("fit", 640, 0), "2 MP JPEG to JPEG, 640 wide"),
    (4, "alpha1024", Op("fit", 512, 0, "webp"), "1 MP PNG with alpha to WebP, 512 wide"),
    (3, "drawn", Op("fit", 256, 256), "drawn PNG to PNG, 256 wide"),
)

# Amazon's in us-east-1, USD, as they were known when this was written (November 2026); not looked up again.
REQUESTS_1M = 0.20
GB_SECOND = {"x86-64": 0.0000166667, "arm64": 0.0000133334}
FARGATE_VCPU_HOUR, FARGATE_GB_HOUR = 0.04048, 0.004445
CLOUDFRONT_GB, CLOUDFRONT_10K_HTTPS = 0.085, 0.0100
S3_GB_MONTH, S3_GET_1K = 0.023, 0.0004
# Serverless Image Handler's unit: so much kept in S3, and sent by CloudFront for a million pictures.
STORED_GB, SENT_GB = 15, 50
# 1769 MB are one vCPU.
MEMORY_GB = 1769 / 1024


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", type=Path, default=ROOT / "target/release/tintype")
    parser.add_argument("--seconds", type=float, default=4, help="for each row and round, default %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="default %(default)s")
    parser.add_argument("--wait-ms", type=float, default=30, help="for S3 and Lambda itself, default %(default)s")
    parser.add_argument("--busy", type=float, default=0.5, help="share of its CPU that a container uses, default %(default)s")
    parser.add_argument("--cache", type=Path, default=HERE / ".cache", help="as for compare.py")
    parser.add_argument("--photos", type=Path, help="as for compare.py")
    return parser.parse_args()


def measure(server, root, picture, op, first, seconds):
    """CPU ms, wall ms and bytes for each answer, over different names of the same pictures."""
    names = sorted(path.name for path in (root / picture).iterdir())
    connection = http.client.HTTPConnection("127.0.0.1", int(server.base.rpartition(":")[2]), timeout=60)
    before, start, answers, size = procs.cpu_ms(server.pid), time.monotonic(), 0, 0
    while time.monotonic() - start < seconds or answers < 4:
        connection.request("GET", server.url(op, f"{picture}/{names[(first + answers) % len(names)]}"))
        answer = connection.getresponse()
        size += len(answer.read())
        answers += 1
        if answer.status != 200:
            sys.exit(f"{picture} {op}: {answer.status}")
    wall = (time.monotonic() - start) * 1e3
    return (procs.cpu_ms(server.pid) - before) / answers, wall / answers, size / answers


def dollars(amount):
    return f"{amount:.2f}"


def main():
    given = arguments()
    given.cache.mkdir(parents=True, exist_ok=True)
    done = (given.cache / "pictures" / "complete").exists()
    root = make_pictures(given, None if done else servers.venv(given.cache))
    server = servers.start_ours(f"ours={given.binary},WORKERS=1", root, given.cache)
    found = {title: [] for _, _, _, title in MIX}
    try:
        for turn in range(given.rounds + 1):
            for _, picture, op, title in MIX:
                cell = measure(server, root, picture, op, turn * 613, given.seconds if turn else 0.5)
                if turn:  # the first turn warms up
                    found[title].append(cell)
        procs.reset_peak(server.pid)
        for _, picture, op, _ in MIX:
            measure(server, root, picture, op, 7, 0.5)
        peak_mb = procs.peak_rss_mb(server.pid)
    finally:
        server.stop()
    print(f"{os.cpu_count()} CPUs, {given.rounds} rounds of {given.seconds:g} s a row, medians.\n")
    print("| of 100 | picture | CPU ms | bytes |\n|---:|---|---:|---:|")
    cpu_ms = size = 0
    for share, _, _, title in MIX:
        cpu, _, row_size = (statistics.median(values) for values in zip(*found[title], strict=True))
        cpu_ms, size = cpu_ms + share / 100 * cpu, size + share / 100 * row_size
        print(f"| {share} | {title} | {cpu:.1f} | {row_size / 1e3:.1f} kB |")
    print(f"| 100 | **the mix** | **{cpu_ms:.1f}** | **{size / 1e3:.1f} kB** |\n")
    print(f"A million: **{cpu_ms * 1e3:,.0f} CPU seconds** ({cpu_ms * 1e3 / 3600:.1f} hours), {size / 1e3:.0f} GB sent; "
          f"at most {peak_mb:.0f} MB of memory with one worker.\n")

    billed_s = (cpu_ms + given.wait_ms) * 1e3
    print("| a million pictures made | arithmetic | USD |\n|---|---|---:|")
    for name, price in GB_SECOND.items():
        gb_s = billed_s * MEMORY_GB
        print(f"| Lambda, {name} | ({cpu_ms:.1f} + {given.wait_ms:g}) ms x 1M x {MEMORY_GB:.3f} GB = {gb_s:,.0f} GB s, "
              f"x {price:.10f} + {REQUESTS_1M:.2f} for requests | {dollars(gb_s * price + REQUESTS_1M)} |")
    hours = cpu_ms * 1e3 / 3600 / given.busy
    fargate = hours * (FARGATE_VCPU_HOUR + 2 * FARGATE_GB_HOUR)
    print(f"| Fargate, x86-64, 2 GB for each vCPU, {given.busy:.0%} busy | {cpu_ms * 1e3:,.0f} s / 3600 / {given.busy:g} = "
          f"{hours:.2f} vCPU hours, x ({FARGATE_VCPU_HOUR} + 2 x {FARGATE_GB_HOUR}) | {dollars(fargate)} |")
    cloudfront = SENT_GB * CLOUDFRONT_GB + 100 * CLOUDFRONT_10K_HTTPS
    stored = STORED_GB * S3_GB_MONTH + 1000 * S3_GET_1K
    print(f"| CloudFront, {SENT_GB} GB and 1M requests | {SENT_GB} x {CLOUDFRONT_GB} + 100 x {CLOUDFRONT_10K_HTTPS} | {dollars(cloudfront)} |")
    print(f"| S3, {STORED_GB} GB and 1M reads | {STORED_GB} x {S3_GB_MONTH} + 1000 x {S3_GET_1K} | {dollars(stored)} |")


if __name__ == "__main__":
    main()
