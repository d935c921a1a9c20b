#!/usr/bin/env python3
"""Packs the program for AWS Lambda: docker/lambda/package.py target/release/tintype docker/lambda/function.zip

The same program always gives the same archive. Refuses what Amazon Linux 2023 could not start.
"""

import re
import sys
import zipfile

# Of Amazon Linux 2023, on which provided.al2023 runs.
GLIBC = (2, 34)
MACHINES = {62: "x86_64", 183: "arm64"}


def main(program, archive):
    binary = open(program, "rb").read()
    if binary[:4] != b"\x7fELF":
        sys.exit(f"{program} is no program for Linux")
    wanted = max(((int(a), int(b)) for a, b in re.findall(rb"GLIBC_(\d+)\.(\d+)", binary)), default=(0, 0))
    if wanted > GLIBC:
        sys.exit(
            f"{program} needs glibc {wanted[0]}.{wanted[1]} and Lambda has {GLIBC[0]}.{GLIBC[1]}: "
            "build it on Debian 12, on Amazon Linux 2023, or without glibc"
        )
    entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(archive, "w", compresslevel=9) as packed:
        packed.writestr(entry, binary)
    machine = MACHINES.get(int.from_bytes(binary[18:20], "little"), "another machine")
    print(f"{archive}: for {machine}, {len(binary) >> 20} MB unpacked")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
