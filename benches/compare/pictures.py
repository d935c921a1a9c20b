"""Makes the sources out of photographs and links each under many names. Runs in the bench's own environment.

    pictures.py OUT_DIR PHOTO_DIR

Photographs are the JPEG files below PHOTO_DIR, best those of Debian's mate-backgrounds; any will do.
"""

import os
import shutil
import sys
from pathlib import Path

from PIL import Image, ImageOps
from rows import MADE

LINKS = 2000
LANCZOS = Image.Resampling.LANCZOS
JPEG = {"quality": 87, "subsampling": "4:2:0"}
TILES = ("RainDrops", "Storm", "TwoWings", "YellowFlower", "Dune", "LadyBird", "Wood", "Garden")


def photographs(folder):
    """Name to path, the known ones in a fixed order, then whatever else there is."""
    found = {path.stem: path for path in sorted(Path(folder).rglob("*.jpg"))}
    if not found:
        sys.exit(f"no JPEG files below {folder}")
    known = [found[name] for name in TILES if name in found]
    others = [path for name, path in found.items() if name not in TILES]
    return found, known + others


def tile(path, width, height):
    return ImageOps.fit(Image.open(path).convert("RGB"), (width, height), LANCZOS)


def mosaic(paths, width, height, across=2, down=2):
    canvas = Image.new("RGB", (width, height))
    for index in range(across * down):
        piece = tile(paths[index % len(paths)], width // across, height // down)
        canvas.paste(piece, (index % across * piece.width, index // across * piece.height))
    return canvas


def detailed(found, paths):
    """The middle of the largest picture, not resized if it is large enough."""
    largest = found.get("Elephants_5640x3172") or max(paths, key=lambda path: path.stat().st_size)
    picture = Image.open(largest).convert("RGB")
    if picture.width < 4000 or picture.height < 3000:
        return mosaic(paths[::-1], 4000, 3000, 4, 3)
    left, top = (picture.width - 4000) // 2, (picture.height - 3000) // 2
    return picture.crop((left, top, left + 4000, top + 3000))


def soft_alpha(path):
    picture = tile(path, 1024, 1024)
    picture.putalpha(ImageOps.invert(Image.radial_gradient("L")).resize((1024, 1024), LANCZOS))
    return picture


def link(out, name, files):
    folder = out / name
    folder.mkdir(exist_ok=True)
    for index in range(LINKS):
        source = files[index % len(files)]
        target = folder / f"{index:04d}{source.suffix}"
        if not target.exists():
            os.link(source, target)


def main(out, photo_folder):
    found, paths = photographs(photo_folder)
    originals = out / "originals"
    originals.mkdir(parents=True, exist_ok=True)

    def save(name, picture, **options):
        path = originals / name
        picture.save(path, **options)
        return path

    for name, picture, quality in (("photo12", mosaic(paths, 4000, 3000), 87), ("busy12", detailed(found, paths), 85)):
        options = JPEG | {"quality": quality}
        link(out, name, [save(f"{name}.jpg", picture, **options)])
        link(out, f"{name}p", [save(f"{name}p.jpg", picture, progressive=True, **options)])
    link(out, "photo2", [save(f"photo2-{n}.jpg", tile(path, 1920, 1080), **JPEG) for n, path in enumerate(paths[:4])])
    small = [save(f"small-{n}.jpg", tile(path, 320, 240), **JPEG) for n, path in enumerate(paths[:8])]
    link(out, "small", small)
    link(out, "alpha1024", [save("alpha1024.png", soft_alpha(paths[0]))])
    drawn = Path(__file__).resolve().parents[2] / "config" / "samples" / "transparent.png"
    link(out, "drawn", [Path(shutil.copy(drawn, originals / "drawn.png"))])
    save("huge100.jpg", mosaic(paths, 10_000, 10_000, 5, 5), **JPEG)
    (out / MADE).touch()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
