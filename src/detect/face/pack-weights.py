#!/usr/bin/env python3
"""Packs the weights of YuNet for `network.rs`: `pack-weights.py facedetectcnn-data.cpp > weights.bin`.

The input is `src/facedetectcnn-data.cpp` of https://github.com/ShiqiYu/libfacedetection (3-clause BSD, LICENSE here).
The output is 16-bit floats, little end first, layer after layer in the order of computation:
  the first layer as [input][output] and its 16 biases; the inputs are the 3x3 pixels around one, three channels each,
  then units of [input][output], biases, [tap][channel], biases.
The four heads of a level become one unit of 16 outputs: class, object, four of the box, ten of the landmarks."""

import re
import struct
import sys


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    numbers = {
        name: [float(number) for number in re.findall(r"[-+0-9.e]+(?=f)", values)]
        for name, values in re.findall(r"^float (\w+)\[[^\]]*\] = \{([^}]*)\}", text, re.M)
    }
    out = []

    def transposed(names, inputs, used):
        rows = [numbers[name][at : at + inputs] for name in names for at in range(0, len(numbers[name]), inputs)]
        out.extend(row[at] for at in range(used) for row in rows)

    def unit(prefixes, inputs):
        transposed([prefix + "pw_weight" for prefix in prefixes], inputs, inputs)
        out.extend(number for prefix in prefixes for number in numbers[prefix + "pw_bias"])
        for tap in range(9):
            for prefix in prefixes:
                channels = len(numbers[prefix + "dw_bias"])
                out.extend(numbers[prefix + "dw_weight"][tap * channels : (tap + 1) * channels])
        out.extend(number for prefix in prefixes for number in numbers[prefix + "dw_bias"])

    transposed(["backbone__model0_pw_weight"], 32, 27)
    out.extend(numbers["backbone__model0_pw_bias"])
    unit(["backbone__model0_dp_"], 16)
    for stage, (first, second) in enumerate([(16, 16), (32, 32), (64, 64), (64, 64), (64, 64)], start=1):
        unit([f"backbone__model{stage}_dp1_"], first)
        unit([f"backbone__model{stage}_dp2_"], second)
    for level in range(3):
        unit([f"neck__lateral_convs__{level}_"], 64)
    for level in range(3):
        unit([f"bbox_head__multi_level_{head}__{level}_" for head in ("cls", "obj", "bbox", "kps")], 64)
    sys.stdout.buffer.write(struct.pack(f"<{len(out)}e", *out))


main()
