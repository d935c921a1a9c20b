// What is shown of the picture: the result, the result against the original, or the original to draw on.

import { $, draw, make } from "./page.js";

/** The result alone. */
export function result(url, alt) {
  $("frame").replaceChildren(make("img", { src: url, alt }));
}

let divide = 50;

/** The result over the original, divided by a slider. */
export function compare(resultUrl, originalUrl, alt) {
  const top = make("img", { className: "top", src: originalUrl, alt: "the original" });
  const line = make("span", { className: "line" });
  const slider = make("input", { type: "range", min: 0, max: 100, value: divide, "aria-label": "How much of the original is shown" });
  slider.oninput = () => {
    divide = Number(slider.value);
    top.style.clipPath = `inset(0 ${100 - divide}% 0 0)`;
    line.style.left = `${divide}%`;
  };
  slider.oninput();
  $("frame").replaceChildren(make("div", { className: "compare" },
    make("img", { src: resultUrl, alt }), top, line,
    make("span", { className: "tag left" }, "original"), make("span", { className: "tag right" }, "result"), slider));
}

/**
 * The original, to draw the crop on, or to set a focal point.
 *
 * `size` is its true size in pixels, in which everything is told.
 */
export function original({ url, size, crop, focal, seen, onCrop, onFocal }) {
  const surface = draw("svg", { viewBox: `0 0 ${size.width} ${size.height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const picture = make("div", { className: "canvas" }, make("img", { src: url, alt: "the original, to draw on", draggable: false }), surface);
  const paint = (box) => {
    surface.replaceChildren();
    if (box) {
      const { left, top, right, bottom } = box;
      const whole = `M0 0H${size.width}V${size.height}H0z`;
      surface.append(draw("path", { class: "shade", d: `${whole}M${left} ${top}H${right}V${bottom}H${left}z` }),
        draw("rect", { class: "crop", x: left, y: top, width: right - left, height: bottom - top }));
    }
    for (const { left, top, right, bottom } of focal) surface.append(draw("rect", { class: "focal", x: left, y: top, width: right - left, height: bottom - top }));
    for (const { x, y, width, height } of seen) surface.append(draw("rect", { class: "seen", x: x - width / 2, y: y - height / 2, width, height }));
  };
  paint(crop);
  const mode = make("select", { "aria-label": "What drawing does" }, make("option", { value: "crop" }, "draw what is cut out"), make("option", { value: "focal" }, "click what matters"));
  mode.value = lastMode;
  mode.onchange = () => { lastMode = mode.value; };
  const place = (event) => {
    const area = surface.getBoundingClientRect();
    const inside = (part, whole) => Math.round(Math.min(Math.max(part, 0), 1) * whole);
    return { x: inside((event.clientX - area.left) / area.width, size.width), y: inside((event.clientY - area.top) / area.height, size.height) };
  };
  picture.onpointerdown = (event) => {
    event.preventDefault();
    const from = place(event);
    if (mode.value === "focal") {
      const half = Math.max(1, Math.round(Math.min(size.width, size.height) / 20));
      onFocal({ left: Math.max(0, from.x - half), top: Math.max(0, from.y - half), right: Math.min(size.width, from.x + half), bottom: Math.min(size.height, from.y + half) });
      return;
    }
    picture.setPointerCapture(event.pointerId);
    let box = null;
    picture.onpointermove = (moved) => {
      const to = place(moved);
      box = { left: Math.min(from.x, to.x), top: Math.min(from.y, to.y), right: Math.max(from.x, to.x), bottom: Math.max(from.y, to.y) };
      paint(box);
    };
    picture.onpointerup = picture.onpointercancel = () => {
      picture.onpointermove = picture.onpointerup = picture.onpointercancel = null;
      if (box && box.right > box.left && box.bottom > box.top) onCrop(box);
      else paint(crop);
    };
  };
  const words = seen.length ? `${seen.length} ${seen.length === 1 ? "place" : "places"} of interest found (green).` : "";
  $("frame").replaceChildren(picture, make("div", { className: "tools" }, mode, make("span", { className: "quiet" }, `${size.width} × ${size.height} pixels. ${words}`)));
}

let lastMode = "crop";
