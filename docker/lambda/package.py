#!/usr/bin/env python3
"""Packs the program for AWS Lambda: docker/lambda/package.py target/release/tintype docker/lambda/function.zip

The C library of this machine goes along, with its loader, so that it may be newer than that of provided.al2023.
The same program on the same machine always gives the same archive.
"""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

# Lambda starts this. It ends as soon as it has started the program.
BOOTSTRAP = """#!/bin/sh
exec "$LAMBDA_TASK_ROOT/lib/{loader}" --library-path "$LAMBDA_TASK_ROOT/lib" "$LAMBDA_TASK_ROOT/{program}"
"""
MACHINES = {62: "x86_64", 183: "arm64"}


def libraries(program):
    """The program's libraries, its loader among them; none if it needs none."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return sorted({Path(path) for path in re.findall(r"(/\S+) \(0x", told.stdout)}, key=lambda path: path.name)


def main(program, archive):
    binary = program.read_bytes()
    if binary[:4] != b"\x7fELF":
        sys.exit(f"{program} is no program for Linux")
    files = {"bootstrap": binary}
    if needed := libraries(program):
        loader = next(path.name for path in needed if path.name.startswith("ld-"))
        files = {f"lib/{path.name}": path.read_bytes() for path in needed}
        files[program.name] = binary
        files["bootstrap"] = BOOTSTRAP.format(loader=loader, program=program.name).encode()
    with zipfile.ZipFile(archive, "w", compresslevel=9) as packed:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100755 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)
    machine = MACHINES.get(int.from_bytes(binary[18:20], "little"), "another machine")
    size = sum(map(len, files.values()))
    print(f"{archive}: for {machine}, {size / 1e6:.1f} MB unpacked, {archive.stat().st_size / 1e6:.1f} MB packed")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
