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

/** Pixels of the screen around a corner in which it is taken hold of. */
const GRASP = 14;
/** An arrow key moves by this part of a side. */
const NUDGE = 50;

let mode = "crop";

/**
 * The original, to draw the crop on, or to set a focal point: with a pointer or with the arrow keys.
 *
 * `size` is its true size in pixels, in which everything is told. Gives what shows changes made elsewhere.
 */
export function original({ url, size, onCrop, onFocal }) {
  let crop = null;
  let focal = null;
  let found = [];
  const surface = draw("svg", { viewBox: `0 0 ${size.width} ${size.height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const picture = make("div", { className: "canvas", tabIndex: 0, role: "application", "aria-label": "the original", "aria-describedby": "draw-help" },
    make("img", { src: url, alt: "", draggable: false }), surface);
  const help = make("span", { id: "draw-help", className: "quiet" });

  const rect = (name, { left, top, right, bottom }) => draw("rect", { class: name, x: left, y: top, width: right - left, height: bottom - top });
  const paint = () => {
    surface.replaceChildren();
    if (crop) {
      const { left, top, right, bottom } = crop;
      const grip = Math.max(size.width, size.height) / 80;
      const corners = [[left, top], [right, top], [left, bottom], [right, bottom]];
      surface.append(draw("path", { class: "shade", d: `M0 0H${size.width}V${size.height}H0zM${left} ${top}H${right}V${bottom}H${left}z` }), rect("crop", crop),
        ...corners.map(([x, y]) => rect("grip", { left: x - grip, top: y - grip, right: x + grip, bottom: y + grip })));
    }
    if (focal) surface.append(rect("focal", focal));
    for (const { x, y, width, height } of found) surface.append(rect("seen", { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 }));
    help.textContent = [
      mode === "crop" ? "Draw what is cut out, or use the arrow keys; with Shift they change its size, Delete lets it go." : "Click what matters, or use the arrow keys; Delete lets it go.",
      found.length ? `${found.length} ${found.length === 1 ? "place" : "places"} of interest found (green).` : "",
    ].join(" ");
  };

  const within = (value, low, high) => Math.round(Math.min(Math.max(value, low), high));
  /** A box moved so that it lies in the picture. */
  const placed = ({ left, top, right, bottom }) => {
    const [width, height] = [Math.min(right - left, size.width), Math.min(bottom - top, size.height)];
    const [x, y] = [within(left, 0, size.width - width), within(top, 0, size.height - height)];
    return { left: x, top: y, right: x + width, bottom: y + height };
  };
  const around = ({ x, y }) => {
    const half = Math.max(1, Math.round(Math.min(size.width, size.height) / 20));
    return placed({ left: x - half, top: y - half, right: x + half, bottom: y + half });
  };
  const setCrop = (box) => { crop = box; paint(); onCrop(box); };
  const setFocal = (box) => { focal = box; paint(); onFocal(box); };

  const chooser = make("select", { "aria-label": "What drawing does" }, make("option", { value: "crop" }, "draw what is cut out"), make("option", { value: "focal" }, "click what matters"));
  chooser.value = mode;
  chooser.onchange = () => { mode = chooser.value; paint(); };

  const place = (event) => {
    const area = surface.getBoundingClientRect();
    return { x: within(((event.clientX - area.left) / area.width) * size.width, 0, size.width), y: within(((event.clientY - area.top) / area.height) * size.height, 0, size.height) };
  };
  /** What a pointer that goes down here does to the box while it moves. */
  const gesture = (from) => {
    const grasp = (GRASP * size.width) / surface.getBoundingClientRect().width;
    const near = (a, b) => Math.abs(a - b) <= grasp;
    const sorted = (a, b) => ({ left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), right: Math.max(a.x, b.x), bottom: Math.max(a.y, b.y) });
    if (crop) {
      const start = crop;
      const side = near(from.x, start.left) ? "left" : near(from.x, start.right) ? "right" : "";
      const end = near(from.y, start.top) ? "top" : near(from.y, start.bottom) ? "bottom" : "";
      if (side && end) {
        const fixed = { x: side === "left" ? start.right : start.left, y: end === "top" ? start.bottom : start.top };
        return (to) => sorted(fixed, to);
      }
      if (from.x > start.left && from.x < start.right && from.y > start.top && from.y < start.bottom) {
        return (to) => placed({ left: start.left + to.x - from.x, top: start.top + to.y - from.y, right: start.right + to.x - from.x, bottom: start.bottom + to.y - from.y });
      }
    }
    return (to) => sorted(from, to);
  };
  picture.onpointerdown = (event) => {
    event.preventDefault();
    picture.focus({ preventScroll: true });
    const from = place(event);
    if (mode === "focal") return setFocal(around(from));
    const before = crop;
    const boxAt = gesture(from);
    let moved = false;
    picture.setPointerCapture(event.pointerId);
    picture.onpointermove = (next) => { moved = true; crop = boxAt(place(next)); paint(); };
    picture.onpointerup = picture.onpointercancel = ({ type }) => {
      picture.onpointermove = picture.onpointerup = picture.onpointercancel = null;
      if (type === "pointerup" && moved && crop.right > crop.left && crop.bottom > crop.top) onCrop(crop);
      else { crop = before; paint(); }
    };
  };
  picture.onkeydown = (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const lets = ["Delete", "Backspace"].includes(event.key);
    if (!step && !lets && event.key !== "Enter") return;
    event.preventDefault();
    const set = mode === "crop" ? setCrop : setFocal;
    if (lets) return set(null);
    const box = mode === "crop" ? crop : focal;
    if (!box) return set(mode === "crop" ? centered() : around({ x: size.width / 2, y: size.height / 2 }));
    if (!step) return;
    const [x, y] = [Math.ceil((step[0] * size.width) / NUDGE), Math.ceil((step[1] * size.height) / NUDGE)];
    if (event.shiftKey) return set({ ...box, right: within(box.right + x, box.left + 1, size.width), bottom: within(box.bottom + y, box.top + 1, size.height) });
    set(placed({ left: box.left + x, top: box.top + y, right: box.right + x, bottom: box.bottom + y }));
  };
  const centered = () => ({ left: Math.round(size.width / 4), top: Math.round(size.height / 4), right: Math.round((size.width * 3) / 4), bottom: Math.round((size.height * 3) / 4) });

  const tools = make("div", { className: "tools" }, chooser, make("span", { className: "quiet" }, `${size.width} × ${size.height}`), help);
  $("frame").replaceChildren(picture, tools);
  return {
    /** Whether it still shows this picture. */
    shows: (other) => other === url && picture.isConnected,
    show(now) {
      ({ crop, focal, found } = now);
      paint();
    },
  };
}
