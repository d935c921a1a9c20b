// What the server does for a request, drawn from its own explanation: a card for each stage, with the picture's size.

import { $, bytes, draw, make } from "./page.js";

/** Longest side of a drawn picture. */
const SIDE = 44;

/** Draws an explanation. `answer` is what came: its size in bytes. */
export function show(explanation, answer) {
  const { source, stages, output, cost, cache, rewritten, recipe } = explanation;
  const largest = Math.max(source.width, source.height, ...stages.map((stage) => Math.max(stage.width ?? 0, stage.height ?? 0)));
  // A stage that leaves the size as it is does not tell it.
  let size = source;
  const drawn = (stage) => { size = stage.width ? stage : size; return { ...size, silent: !stage.width }; };
  const cards = [
    card("original", `${source.format.toUpperCase()}, ${bytes(source.bytes)}`, source, largest, source.frames > 1 ? `${source.frames} frames` : ""),
    ...stages.map((stage) => card(...told(stage), drawn(stage), largest, effort(stage))),
    card("answer", `${output.format.toUpperCase()}${answer ? `, ${bytes(answer.bytes)}` : ""}`, output, largest, output.instead ?? ""),
  ];
  $("pipeline").replaceChildren(...cards);
  const lines = [
    rewritten && `The rule ${rewritten.rule} has made ${rewritten.path} of the path.`,
    `${output.format.toUpperCase()}, because ${output.reason}.${output.jpeg_if_opaque ? " JPEG if nothing turns out to be transparent." : ""}${output.varies_by_accept ? " Other browsers may get another format." : ""}`,
    recipe.ignored_filters.length > 0 && `Skipped filters: ${recipe.ignored_filters.join(", ")}.`,
    `At most ${bytes(cost.memory_bytes)} of memory; ${millions(cost.decoded_px)} pixels decoded, ${millions(cost.written_px)} written${cost.filter_work ? `, ${millions(cost.filter_work)} operations by filters, of ${millions(cost.limits.filter_work)} allowed` : ""}.`,
    `Kept as ${cache.key}${cache.in_memory ? ", in memory now" : ""}.`,
  ];
  $("reasons").replaceChildren(...lines.filter(Boolean).map((line) => make("li", {}, line)));
}

/** Nothing to draw, and why. */
export function none(words) {
  $("pipeline").replaceChildren();
  $("reasons").replaceChildren(...(words ? [make("li", {}, words)] : []));
}

function card(title, words, { width, height, silent }, largest, more) {
  const size = width && !silent ? `${width} × ${height}` : "";
  return make("li", {}, sketch(width, height, largest), make("b", {}, title), make("span", {}, words), size && make("span", { className: "quiet" }, size), more && make("span", { className: "quiet" }, more));
}

/** A rectangle as large as the picture is, beside the others. */
function sketch(width, height, largest) {
  const box = draw("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, "aria-hidden": "true" });
  if (width) {
    // By area, so that small ones still show.
    const scale = (SIDE - 2) / Math.max(width, height) * Math.max(0.2, Math.sqrt(Math.max(width, height) / largest));
    const [w, h] = [Math.max(3, width * scale), Math.max(3, height * scale)];
    box.append(draw("rect", { x: (SIDE - w) / 2, y: (SIDE - h) / 2, width: w, height: h, rx: 2 }));
  }
  return box;
}

/** Name and words of a stage. */
function told(stage) {
  switch (stage.stage) {
    case "look": return ["look", [stage.trim && "a border found", stage.found.length ? count(stage.found) : !stage.trim && "nothing found"].filter(Boolean).join(", ")];
    case "decode": return ["decode", stage.shrink > 1 ? `at 1/${stage.shrink}, ${stage.pixels}` : stage.pixels];
    case "resample": return ["resample", `${stage.kernel}${stage.linear_light ? ", linear light" : ""}${stage.filters ? `, ${stage.filters.join(", ")}` : ""}`];
    case "turn": return ["turn", [stage.transpose && "quarter turn", stage.mirror_x && "mirror ↔", stage.mirror_y && "mirror ↕"].filter(Boolean).join(", ")];
    case "convert": return ["convert", `to ${stage.pixels}`];
    case "rgb_from_cmyk": return ["convert", "CMYK to RGB"];
    case "to_srgb": return ["convert", "to sRGB"];
    case "outline": return ["outline", `${stage.areas} areas`];
    case "filter": return [stage.filters.length > 1 ? "filters, one pass" : "filter", stage.filters.join(", ") || "placeholder"];
    case "flatten": return ["flatten", `onto ${stage.color}`];
    case "discard_alpha": return ["flatten", "alpha dropped"];
    case "encode": return ["encode", `${stage.format}, quality ${stage.quality}`];
    default: return [stage.stage, ""];
  }
}

function effort(stage) {
  if (stage.stage === "filter") return `${millions(stage.work)} operations`;
  return stage.frames > 1 ? `${stage.frames} frames` : "";
}

/** What detectors found, by detector. */
function count(found) {
  const by = new Map();
  for (const { by: name } of found) by.set(name, (by.get(name) ?? 0) + 1);
  return [...by].map(([name, times]) => `${times} × ${name}`).join(", ");
}

function millions(number) {
  if (number < 1e4) return String(number);
  if (number < 1e6) return `${Math.round(number / 1e3)} thousand`;
  return `${(number / 1e6).toFixed(1).replace(/\.0$/, "")} million`;
}
