#!/usr/bin/env python3
"""Filters next to Pillow doing the same, on one core of one machine, in CPU time.

    python3 -m venv .venv && .venv/bin/pip install pillow numpy
    .venv/bin/python benches/compare/effects.py

Prints MP/s and their ratio for a picture of a megapixel without and with alpha. Ours come from
`cargo bench --bench effects -- --plain`, built by this script. Where Pillow has no such filter, numpy helps; rows that
Pillow cannot do the same way say what was done instead.
"""

import itertools
import math
import subprocess
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

ROOT = Path(__file__).resolve().parents[2]
SIDE = 1000
RUNS = 7
SMOOTH = [1, 2, 1, 2, 4, 2, 1, 2, 1]


def picture(mode):
    """Slopes with noise, the same each time."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    noise = np.random.default_rng(7).integers(0, 40, (SIDE, SIDE, 4))
    slopes = np.stack([x / 5, y / 5, (x + y) / 10, 255 - x / 6], axis=2)
    return Image.fromarray((slopes + noise).clip(0, 255).astype(np.uint8)).convert(mode)


def padded_sum(samples, weights, axis):
    reach = len(weights) // 2
    around = [(reach, reach) if a == axis else (0, 0) for a in range(3)]
    padded = np.pad(samples, around, mode="edge")
    length = samples.shape[axis]
    return sum(w * padded.take(range(i, i + length), axis) for i, w in enumerate(weights))


def exact_blur(image, radius=10):
    weights = [math.exp(-x * x / 2 / radius**2) for x in range(-radius, radius + 1)]
    weights = np.array(weights, np.float32) / np.float32(sum(weights))
    across = np.trunc(padded_sum(np.asarray(image, np.float32), weights, 1))
    return Image.fromarray(padded_sum(across, weights, 0).astype(np.uint8))


def wavelet(image):
    current = np.asarray(image, np.float32)[..., :3]
    out = np.zeros_like(current)
    for level in range(5):
        step = 1 << level
        low = current
        for axis in (0, 1):
            around = [(step, step) if a == axis else (0, 0) for a in range(3)]
            padded = np.pad(low, around, mode="reflect")
            ends = [padded.take(range(s, s + SIDE), axis) for s in (0, 2 * step)]
            low = 0.5 * low + 0.25 * (ends[0] + ends[1])
        out += (2 * math.exp(-((level - 1) ** 2) / 1.5) + 1) * (current - low)
        current = low
    return Image.fromarray((out + current).clip(0, 255).astype(np.uint8))


def chain(image):
    for enhancer, factor in ((ImageEnhance.Brightness, 1.2), (ImageEnhance.Contrast, 1.4), (ImageEnhance.Color, 1.5)):
        image = enhancer(image).enhance(factor)
    return image


def gray(image):
    return image.convert("LA" if image.mode == "RGBA" else "L")


def round_corner(image):
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, SIDE - 1, SIDE - 1), 50, fill=255)
    canvas = Image.new(image.mode, image.size, "white")
    canvas.paste(image, (0, 0), mask)
    return canvas


def watermark(image):
    """A logo of 300 by 200, faded, in three columns and five rows."""
    logo = picture("RGBA").crop((0, 0, 300, 200))
    logo.putalpha(logo.getchannel("A").point(lambda alpha: max(alpha - 102, 0)))
    image = image.copy()
    for x, y in itertools.product(range(0, 750, 350), range(0, SIDE, 200)):
        if image.mode == "RGBA":
            image.alpha_composite(logo, (x, y))
        else:
            image.paste(logo, (x, y), logo)
    return image


def background(image):
    if image.mode == "RGB":
        return None
    return Image.alpha_composite(Image.new("RGBA", image.size, "red"), image)


ROWS = [
    ("blur(10)", "GaussianBlur(10), which is boxes", lambda i: i.filter(ImageFilter.GaussianBlur(10))),
    ("blur(10)", "numpy, the same kernel", exact_blur),
    ("blur(150)", "GaussianBlur(150), which is boxes", lambda i: i.filter(ImageFilter.GaussianBlur(150))),
    ("sharpen(2,1.0,false)", "numpy, the same wavelets", wavelet),
    ("sharpen(2,1.0,true)", "UnsharpMask", lambda i: i.filter(ImageFilter.UnsharpMask(2, 150, 3))),
    ("sharpen(2,1.0,true)", "SHARPEN, 3x3", lambda i: i.filter(ImageFilter.SHARPEN)),
    ("convolution(1;2;1;2;4;2;1;2;1,3,true)", "Kernel", lambda i: i.filter(ImageFilter.Kernel((3, 3), SMOOTH))),
    ("convolution(1;1;1;1;1;1;1;1;1,3,true)", "Kernel", lambda i: i.filter(ImageFilter.Kernel((3, 3), [1] * 9))),
    ("brightness(20):contrast(40):saturation(1.5)", "three ImageEnhance", chain),
    ("grayscale()", "convert", gray),
    ("round_corner(50,255,255,255)", "mask and paste", round_corner),
    ("watermark(logo.png,repeat,repeat,40)", "paste, alpha_composite", watermark),
    ("background_color(ff0000)", "alpha_composite", background),
]


def pillow_ns(work, image):
    best = math.inf
    for _ in range(RUNS):
        start = time.process_time_ns()
        if work(image) is None:
            return None
        best = min(best, time.process_time_ns() - start)
    return best / SIDE**2


def ours_ns():
    calls = list(dict.fromkeys(call for call, _, _ in ROWS))
    command = ["cargo", "bench", "--locked", "--bench", "effects", "--", "--plain", *calls]
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = (line.split("\t") for line in output.splitlines() if line.count("\t") == 2)
    return {(call, layout): float(ns) for call, layout, ns in lines}


def main():
    ours = ours_ns()
    print("| filter | layout | ours MP/s | Pillow MP/s | ratio | Pillow does |")
    print("|---|---|---|---|---|---|")
    for call, done, work in ROWS:
        for mode in ("RGB", "RGBA"):
            theirs = pillow_ns(work, picture(mode))
            if theirs is None:
                continue
            mine = ours[call, f"{mode.lower()}8"]
            ratio = theirs / mine
            print(f"| `{call}` | {mode} | {1000 / mine:.0f} | {1000 / theirs:.1f} | {ratio:.1f} | {done} |")


if __name__ == "__main__":
    main()
