#!/usr/bin/env python3
"""What OpenCV's Haar cascade, as Thumbor uses it, finds in the scenes of `tests/it/faces`.

    mkdir scenes; FACE_SCENES=$PWD/scenes cargo test --test it faces -- --nocapture
    pip install opencv-python-headless==4.10.0.84; benches/compare/faces.py scenes haarcascade_frontalface_alt.xml"""

import ast
import pathlib
import sys

import cv2

SAME = 0.35


def shared(a, b):
    def area(left, top, right, bottom):
        return max(0, right - left) * max(0, bottom - top)

    both = area(max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))
    return both / (area(*a) + area(*b) - both)


def main():
    folder, cascade = pathlib.Path(sys.argv[1]), cv2.CascadeClassifier(sys.argv[2])
    faces = hits = wrong = 0
    for path in sorted(folder.glob("*.png")):
        marks = ast.literal_eval(path.with_suffix(".json").read_text())
        gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        least = max(20, min(gray.shape) // 15)
        found = cascade.detectMultiScale(gray, scaleFactor=1.2, minNeighbors=4, minSize=(least, least))
        found = [(x, y, x + w, y + h) for x, y, w, h in (map(int, box) for box in found)]
        hit = sum(any(shared(mark, box) >= SAME for box in found) for mark in marks)
        none = sum(all(shared(mark, box) < SAME for mark in marks) for box in found)
        print(f"{path.stem} {len(marks):5} {hit:6} {none:6}")
        faces, hits, wrong = faces + len(marks), hits + hit, wrong + none
    print(f"all {faces:4} {hits:6} {wrong:6}")


main()
