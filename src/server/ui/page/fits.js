// The ways a picture meets the box, as diagrams to choose from.

import { draw, make } from "./page.js";
import { FITS } from "./url.js";

/** The whole picture of the diagrams, 16 by 9, and the box that it is to meet. */
const WIDE = { x: 13, y: 7, width: 44, height: 26 };
const TALL = { x: 24, y: 2, width: 22, height: 36 };

const centered = (width, height) => ({ x: 35 - width / 2, y: 20 - height / 2, width, height });

/** Rectangles of each diagram: the box, the picture, and what of the picture is cut off. */
const DRAWINGS = {
  "fill-box": { box: WIDE, cut: centered(62, 26), picture: WIDE },
  "fit-in": { box: WIDE, picture: centered(44, 20) },
  "full-fit-in": { box: WIDE, picture: centered(58, 26) },
  "adaptive-fit-in": { box: TALL, turned: WIDE, picture: centered(44, 20) },
  "adaptive-full-fit-in": { box: TALL, turned: WIDE, picture: centered(58, 26) },
  stretch: { box: WIDE, picture: WIDE, arrows: true },
  pad: { box: WIDE, pad: WIDE, picture: centered(44, 20) },
};

/** Radio buttons for all ways. `onChoice` gets the one that was chosen. */
export function choices(onChoice) {
  return FITS.map((fit) => {
    const { box, picture, cut, turned, pad, arrows } = DRAWINGS[fit.id];
    const rect = (name, area) => area && draw("rect", { class: name, rx: 1.5, ...area });
    const drawing = draw("svg", { viewBox: "0 0 70 40", "aria-hidden": "true" });
    drawing.append(...[rect("pad", pad), rect("cut", cut), rect("picture", picture), turned && rect("box faint", box), rect("box", turned ?? box),
      arrows && draw("path", { class: "arrows", d: "M18 20h34M22 16l-4 4 4 4M48 16l4 4-4 4" })].filter(Boolean));
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
