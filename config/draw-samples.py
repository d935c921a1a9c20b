#!/usr/bin/env python3
"""Makes the pictures of config/samples. Needs Pillow (with WebP) and, for the photographs, their sources.

    draw-samples.py                        the drawn pictures only
    draw-samples.py --photos DIR           the photographs too; DIR holds the three files below

Sources, with their licences in config/samples/LICENSES.md:
    seeding.jpg    Debian package lomiri-wallpapers-16.04, seeding_by_Clements_Engelhardt.jpg
    astronaut.png  PyPI wheel scikit-image 0.26.0, skimage/data/astronaut.png
    face.dat       PyPI wheel scipy 1.9.3, scipy/misc/face.dat (bz2 of 1024x768 RGB)
"""

import argparse
import bz2
import colorsys
import math
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

OUT = Path(__file__).resolve().parent / "samples"
SCALE = 4  # drawn this much larger, then reduced, for smooth edges


def color(hue, saturation, value, alpha=255):
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return (round(red * 255), round(green * 255), round(blue * 255), alpha)


def transparent(size=800):
    """A ring of translucent petals over a soft shadow: every alpha from 0 to 255 occurs."""
    big = size * 2
    canvas = Image.new("RGBA", (big, big), (0, 0, 0, 0))
    for petal in range(12):
        layer = Image.new("RGBA", (big, big), color(petal / 12, 0.75, 0.95, 0))
        ellipse = Image.new("L", (big, big), 0)
        ImageDraw.Draw(ellipse).ellipse((big * 0.42, big * 0.06, big * 0.58, big * 0.48), fill=170)
        layer.putalpha(ellipse.rotate(petal * 30, Image.Resampling.BICUBIC))
        canvas = Image.alpha_composite(canvas, layer)
    shadow = canvas.getchannel("A").filter(ImageFilter.GaussianBlur(big / 40))
    shadow = ImageChops.offset(shadow, big // 50, big // 50).point(lambda alpha: alpha // 2)
    below = Image.new("RGBA", (big, big), (20, 20, 60, 0))
    below.putalpha(shadow)
    picture = Image.alpha_composite(below, canvas).resize((size, size), Image.Resampling.LANCZOS)
    picture.save(OUT / "transparent.png", optimize=True)


def frame(width, height, step, steps, alpha):
    """One moment of a ball that bounces across; the count of dots below is the frame's number."""
    big = (width * SCALE, height * SCALE)
    ground = (0, 0, 0, 0) if alpha else color(0.58, 0.45, 0.98)
    canvas = Image.new("RGBA", big, ground)
    draw = ImageDraw.Draw(canvas)
    if not alpha:
        draw.rectangle((0, big[1] * 0.8, big[0], big[1]), fill=color(0.3, 0.5, 0.7))
    radius = big[1] * 0.13
    x = radius + (big[0] - 2 * radius) * step / (steps - 1)
    y = big[1] * 0.8 - radius - big[1] * 0.5 * abs(math.sin(step / (steps - 1) * 2 * math.pi))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color(step / steps, 0.8, 0.95))
    for dot in range(step + 1):
        left = big[0] * (0.04 + 0.08 * dot)
        draw.ellipse((left, big[1] * 0.88, left + big[0] * 0.04, big[1] * 0.88 + big[0] * 0.04), fill=(30, 30, 30, 255))
    return canvas.resize((width, height), Image.Resampling.LANCZOS)


def animations():
    """Ten frames, each with its own delay (60, 80, 100 ... 240 ms), endless."""
    steps = 10
    delays_ms = [60 + 20 * step for step in range(steps)]
    opaque = [frame(400, 260, step, steps, alpha=False).convert("RGB") for step in range(steps)]
    palette = opaque[0].quantize(64)
    indexed = [picture.quantize(palette=palette if step == 0 else None, colors=64) for step, picture in enumerate(opaque)]
    indexed[0].save(OUT / "animation.gif", save_all=True, append_images=indexed[1:], duration=delays_ms, loop=0)
    clear = [frame(400, 260, step, steps, alpha=True) for step in range(steps)]
    clear[0].save(OUT / "animation.webp", save_all=True, append_images=clear[1:], duration=delays_ms, loop=0, quality=80)


def logo():
    """A tin plate with a lens in it, on nothing: a watermark."""
    big = 8 * 96
    canvas = Image.new("RGBA", (big, big), (0, 0, 0, 0))
    draw = ImageDraw.Draw(canvas)
    draw.rounded_rectangle((0, 0, big - 1, big - 1), big * 0.22, fill=(38, 50, 56, 255))
    for reach, color in ((0.34, (236, 239, 241)), (0.27, (84, 110, 122)), (0.2, (38, 50, 56)), (0.07, (255, 255, 255))):
        middle = big * (0.5 if reach > 0.1 else 0.42)
        draw.ellipse((middle - reach * big, middle - reach * big, middle + reach * big, middle + reach * big), fill=color)
    canvas.resize((96, 96), Image.Resampling.LANCZOS).save(OUT / "logo.png", optimize=True)


def nine_patch():
    """A wooden frame of 8 pixels with its guides: the middle stretches, and the picture has the place inside."""
    side, wood = 32, 8
    canvas = Image.new("RGBA", (side + 2, side + 2), (0, 0, 0, 0))
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((1, 1, side, side), fill=(109, 76, 65, 255))
    draw.rectangle((3, 3, side - 2, side - 2), outline=(141, 110, 99, 255), width=2)
    draw.rectangle((wood, wood, side + 1 - wood, side + 1 - wood), outline=(62, 39, 35, 255))
    draw.rectangle((wood + 1, wood + 1, side - wood, side - wood), fill=(0, 0, 0, 0))
    middle = (wood + 1, side - wood)
    for guide in (0, side + 1):
        draw.line((middle[0], guide, middle[1], guide), fill=(0, 0, 0, 255))
        draw.line((guide, middle[0], guide, middle[1]), fill=(0, 0, 0, 255))
    canvas.save(OUT / "frame.9.png", optimize=True)


def photographs(sources):
    seeding = Image.open(sources / "seeding.jpg").convert("RGB")
    lanczos = Image.Resampling.LANCZOS
    jpeg = {"quality": 85, "optimize": True, "subsampling": "4:2:0"}
    seeding.resize((1600, 900), lanczos).save(OUT / "photo.jpg", **jpeg)
    seeding.crop((760, 0, 2254, 2988)).resize((600, 1200), lanczos).save(OUT / "tall.jpg", **jpeg)
    raccoon = Image.frombytes("RGB", (1024, 768), bz2.decompress((sources / "face.dat").read_bytes()))
    raccoon.crop((0, 150, 1024, 490)).save(OUT / "wide.jpg", **jpeg)
    Image.open(sources / "astronaut.png").convert("RGB").save(OUT / "portrait.jpg", **jpeg)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--photos", type=Path, metavar="DIR")
    given = arguments.parse_args()
    transparent()
    animations()
    logo()
    nine_patch()
    if given.photos:
        photographs(given.photos)
