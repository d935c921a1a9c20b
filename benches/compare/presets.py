#!/usr/bin/env python3
"""What JPEG_SHRINK_MARGIN's presets cost in quality: `fine` next to libvips' thumbnails, `fast` next to sharp.

    cargo build --release --locked
    benches/compare/presets.py             # needs node and npm for sharp; 5 minutes

Twelve photographs, each fit into three boxes at quality 80, judged as README.md tells. sharp is installed from npm and
left at its defaults: it decodes as small as there is at least one pixel for each that is wanted. Photographs are the
twelve largest JPEGs of Debian's lomiri-wallpapers-16.04 (CC0, CC BY and CC BY-SA), or those below `--photos`.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import quality
import servers
from rows import Op

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PACKAGE = "lomiri-wallpapers-16.04"
PHOTOS = 12
BOXES = (200, 400, 1200)
PAIRS = (("fine", "libvips"), ("fast", "sharp"))


def arguments():
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=target / "release" / "tintype", help="default %(default)s")
    parser.add_argument("--photos", type=Path, help="a directory of photographs instead of Debian's")
    parser.add_argument("--cache", type=Path, default=HERE / ".cache", help="where installs and pictures are kept")
    given = parser.parse_args()
    given.cache = given.cache.resolve()
    return given


def photo_folder(given):
    if given.photos:
        return given.photos
    folder = given.cache / PACKAGE
    if not folder.exists():
        subprocess.run(["apt-get", "download", "-q", PACKAGE], cwd=given.cache, check=True, stdout=sys.stderr)
        subprocess.run(["dpkg-deb", "-x", next(given.cache.glob(f"{PACKAGE}_*.deb")), folder], check=True)
    return folder


def photographs(given):
    """The largest, copied to where servers look, under names that are good in URLs."""
    root = given.cache / "presets"
    root.mkdir(parents=True, exist_ok=True)
    found = [path for path in photo_folder(given).rglob("*.jp*g") if path.is_file()]
    found = sorted(found, key=lambda path: path.stat().st_size)[-PHOTOS:]
    return root, [Path(shutil.copy(path, root / path.name.replace(" ", "_"))) for path in sorted(found)]


def sharp(cache):
    """Runs sharp.mjs beside an installed sharp."""
    folder = cache / "sharp"
    if not (folder / "node_modules" / "sharp").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text("{}")
        subprocess.run(["npm", "install", "--silent", "--no-fund", "--prefix", folder, "sharp"], check=True)
    script = Path(shutil.copy(HERE / "sharp.mjs", folder))
    return ["node", script]


def answers(given, root, photos):
    """For each of us and of the others a function that makes a file of a photograph, and versions."""
    python = servers.venv(given.cache)
    node = sharp(given.cache)

    def ours(server):
        return lambda photo, op, out: out.write_bytes(server.get(server.url(op, photo.name)))

    def tool(command, switch):
        def make(photo, op, out):
            job = {"source": str(photo), "op": vars(op), "quality": 80, "out": str(out)}
            subprocess.run([*command, *switch, json.dumps(job)], check=True)

        return make

    running = {
        name: servers.start_ours(f"{name}={given.binary},JPEG_SHRINK_MARGIN={name}", root, given.cache)
        for name in ("fine", "fast")
    }
    makers = {name: ours(server) for name, server in running.items()}
    makers["libvips"] = tool([python, HERE / "vips_row.py"], ["--once"])
    makers["sharp"] = tool(node, ["--once"])
    shown = [[python, HERE / "vips_row.py", "--version"], [*node, "--version"]]
    versions = [subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() for words in shown]
    return running, makers, [running["fine"].version, *versions]


def row(title, scores):
    cells = [title]
    for our_name, their_name in PAIRS:
        ours, theirs = scores[our_name], scores[their_name]
        cells += [f"{ours:.2f}", f"{theirs:.2f}", f"{ours - theirs:+.2f}"]
    return "| " + " | ".join(cells) + " |"


def main():
    given = arguments()
    given.cache.mkdir(parents=True, exist_ok=True)
    root, photos = photographs(given)
    program = quality.build_judge(given.cache)
    scratch = given.cache / "answers"
    scratch.mkdir(exist_ok=True)
    running, makers, versions = answers(given, root, photos)
    print("; ".join(versions) + "\n")
    print("| photograph, box | fine | libvips | | fast | sharp | |\n|---|---|---|---|---|---|---|")
    found = []
    try:
        for photo in photos:
            for box in BOXES:
                outs = {name: scratch / f"preset-{photo.stem}-{box}-{name}.jpg" for name in makers}
                for name, out in outs.items():
                    makers[name](photo, Op("fit", box, box), out)
                scores = quality.judge(program, photo, outs.values())
                found.append((box, {name: score for name, (score, *_) in zip(outs, scores)}))
                print(row(f"{photo.stem}, {box}", found[-1][1]), flush=True)
    finally:
        for server in running.values():
            server.stop()
    for box in (*BOXES, None):
        chosen = [scores for its_box, scores in found if box in (its_box, None)]
        means = {name: statistics.mean(scores[name] for scores in chosen) for name in makers}
        print(row(f"mean, {box or 'all'}", means))
    for our_name, their_name in PAIRS:
        below = [scores[our_name] - scores[their_name] for _, scores in found]
        print(f"\n{our_name} below {their_name} in {sum(gap < 0 for gap in below)} of {len(below)}, by at most "
              f"{max(0, -min(below)):.2f}.")


if __name__ == "__main__":
    main()
