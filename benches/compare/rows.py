"""What is asked of every server: each row is a picture (or several) and what is to be made of it."""

from dataclasses import dataclass

MADE = "complete.2"  # says that all pictures are made; another name for every change to what they are


@dataclass(frozen=True)
class Op:
    """`fit` keeps the aspect ratio inside the box, `crop` fills it around the middle; a height of 0 is free."""

    kind: str
    width: int
    height: int
    format: str = ""  # empty: the source's own


@dataclass(frozen=True)
class Row:
    name: str
    title: str
    parts: tuple  # (picture, Op, weight) each
    quality: bool = True  # also judged


def single(name, title, picture, op, **more):
    return Row(name, title, ((picture, op, 1),), **more)


ROWS = (
    single("photo12-400", "12 MP JPEG, fit 400x300", "photo12", Op("fit", 400, 300)),
    single("busy12-400", "12 MP detailed JPEG, fit 400x300", "busy12", Op("fit", 400, 300)),
    single("photo12p-400", "12 MP progressive JPEG, fit 400x300", "photo12p", Op("fit", 400, 300)),
    single("busy12p-400", "12 MP detailed progressive JPEG, fit 400x300", "busy12p", Op("fit", 400, 300)),
    single("photo12-1200", "12 MP JPEG, fit 1200 wide", "photo12", Op("fit", 1200, 0)),
    single("busy12-1200", "12 MP detailed JPEG, fit 1200 wide", "busy12", Op("fit", 1200, 0)),
    single("crop-400x300", "12 MP JPEG, crop 400x300", "photo12", Op("crop", 400, 300)),
    single("crop-300x300", "12 MP JPEG, crop 300x300", "photo12", Op("crop", 300, 300)),
    single("photo2-300", "2 MP JPEG, fit 300x300", "photo2", Op("fit", 300, 300)),
    single("alpha-256", "1024 px PNG with alpha, fit 256", "alpha1024", Op("fit", 256, 256)),
    single("drawn-256", "800 px drawn PNG with alpha, fit 256", "drawn", Op("fit", 256, 256)),
    single("webp-800", "12 MP JPEG to WebP 800 wide", "photo12", Op("fit", 800, 0, "webp")),
    single("small-100", "320x240 JPEG, fit 100x100", "small", Op("fit", 100, 100)),
    Row(
        "mix",
        "a mix of all kinds",
        (
            ("photo2", Op("fit", 300, 300), 8),
            ("small", Op("fit", 100, 100), 5),
            ("photo2", Op("fit", 800, 0), 2),
            ("photo12", Op("fit", 400, 300), 2),
            ("busy12", Op("fit", 1200, 0), 1),
            ("alpha1024", Op("fit", 256, 256), 1),
            ("photo2", Op("fit", 800, 0, "webp"), 1),
        ),
        quality=False,
    ),
)
