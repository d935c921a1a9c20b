// The ways a picture meets the box, as diagrams to choose from.

import { draw, make } from "./page.js";
import { FITS } from "./url.js";

/** The box that a picture of 16 by 9 is to meet, and one that is turned to lie as the picture does. */
const BOX = { x: 18, y: 5, width: 34, height: 30 };
const WIDE = { x: 15, y: 7, width: 40, height: 26 };
const TALL = { x: 22, y: 0.5, width: 26, height: 39 };

const centered = (width, height) => ({ x: 35 - width / 2, y: 20 - height / 2, width, height });

/** Rectangles of each diagram: the box, the picture, and what of the picture is cut off. */
const DRAWINGS = {
  "fill-box": { box: BOX, cut: centered(53.3, 30), picture: BOX },
  "fit-in": { box: BOX, picture: centered(34, 19.1) },
  "full-fit-in": { box: BOX, picture: centered(53.3, 30) },
  "adaptive-fit-in": { box: TALL, turned: WIDE, picture: centered(40, 22.5) },
  "adaptive-full-fit-in": { box: TALL, turned: WIDE, picture: centered(46.2, 26) },
  stretch: { box: BOX, picture: BOX, arrows: true },
  pad: { box: BOX, pad: BOX, picture: centered(34, 19.1) },
};

/** Radio buttons for all ways. `onChoice` gets the one that was chosen. */
export function choices(onChoice) {
  return FITS.map((fit) => {
    const { box, picture, cut, turned, pad, arrows } = DRAWINGS[fit.id];
    const rect = (name, area) => area && draw("rect", { class: name, rx: 1.5, ...area });
    const drawing = draw("svg", { viewBox: "0 0 70 40", "aria-hidden": "true" });
    drawing.append(...[rect("pad", pad), rect("cut", cut), rect("picture", picture), turned && rect("box faint", box), rect("box", turned ?? box),
      arrows && draw("path", { class: "arrows", d: "M35 8v24M31 12l4-4 4 4M31 28l4 4 4-4" })].filter(Boolean));
    return make("label", { title: fit.about }, drawing, make("input", { type: "radio", name: "fit", value: fit.segment === "" && !fit.filter ? "" : fit.id, onchange: () => onChoice(fit) }), fit.name);
  });
}

/** The way that a request meets the box. */
export function fitOf(asked) {
  const calls = (name) => asked.filters.some((filter) => filter.name === name);
  const special = FITS.find((fit) => fit.filter && fit.segment === asked.fit && calls(fit.filter.name));
  return special ?? FITS.find((fit) => !fit.filter && fit.segment === asked.fit);
}

/** The same request meeting the box another way. */
export function refit(asked, fit) {
  const former = fitOf(asked).filter?.name;
  const filters = asked.filters.filter(({ name }) => name !== former);
  if (fit.filter) filters.push({ name: fit.filter.name, args: [...fit.filter.args] });
  return { ...asked, fit: fit.segment, filters };
}
