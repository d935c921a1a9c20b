// Requests of later editions of Serverless Image Handler (4 to 7): JSON in Base64. Read into controls, written from them.
// The server has the same words in `request/edits`; a test holds the two together.

import { blank, parse } from "./url.js";

/** A path that is such a request, behind a host and a stage or not. */
const BODY = /^(?:https?:\/\/[^/]+)?\/?(?:[\w-]+\/)?(eyJ[\w+/=%-]*)(?:[?#].*)?$/;
/** What the query of any request may say. */
const QUERY = ["width", "height", "fit", "format", "rotate", "flip", "flop", "grayscale", "greyscale"];
/** Formats by the names of their encoders. */
const FORMATS = { jpg: "jpeg", jpeg: "jpeg", png: "png", webp: "webp", gif: "gif", avif: "avif" };
/** sharp's quick matrices, and its negative. */
const MEAN = ["1;1;1;1;1;1;1;1;1", "3", "true"];
const EDGE = ["-1;-1;-1;-1;32;-1;-1;-1;-1", "3", "true"];
const NEGATIVE = ["[(0,255),(255,0)]", ...Array(3).fill("[(0,0),(255,255)]")];
const COMPASS = { north: "top", northeast: "right top", east: "right", southeast: "right bottom", south: "bottom", southwest: "left bottom", west: "left", northwest: "left top", center: "", centre: "" };

/** Base64 of URLs, too, with padding or without. */
function decoded(text) {
  const plain = decodeURIComponent(text).replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return new TextDecoder().decode(Uint8Array.from(atob(plain), (c) => c.charCodeAt(0)));
}

function encoded(text) {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

// Reading ------------------------------------------------------------------------------------------------------------

/**
 * Whatever a visitor pastes: a URL of Thumbor or of Serverless Image Handler with edits in its query, a request in
 * Base64, or the JSON itself.
 *
 * Gives `{ asked, bucket, without }`: the request in hand, the bucket that is named, and what has no control here.
 * Throws an Error with words for people.
 */
export function take(text) {
  const given = text.trim();
  const body = BODY.exec(given)?.[1];
  const found = body || given.startsWith("{") ? ofBody(body, given) : { asked: parse(given), without: [] };
  const query = new URLSearchParams(/\?([^#]*)/.exec(given.startsWith("{") ? "" : given)?.[1]);
  if (!QUERY.some((name) => query.has(name))) return found;
  const edits = ofQuery(query);
  if (edits.resize) Object.assign(found.asked, { fit: "", width: "", height: "", filters: found.asked.filters.filter(({ name }) => !["stretch", "upscale", "no_upscale"].includes(name)) });
  found.without.push(...put(edits, found.asked));
  return found;
}

function ofBody(body, given) {
  let request;
  try {
    request = JSON.parse(body ? decoded(body) : given);
  } catch (error) {
    throw new Error(`it is no request in JSON (${error.message})`);
  }
  if (typeof request.key !== "string" || !request.key) throw new Error("it has no “key”, which names the picture");
  const asked = { ...blank(), image: request.key };
  const edits = request.edits ?? {};
  const without = put(edits, asked);
  if (request.outputFormat && !asked.filters.some(({ name }) => name === "format")) without.push(...put({ toFormat: request.outputFormat }, asked));
  const beside = edits.overlayWith?.bucket;
  if (beside && beside !== request.bucket) without.push(`the bucket ${beside} of overlayWith`);
  if (request.headers) without.push("headers");
  return { asked, bucket: request.bucket ?? "", without };
}

function ofQuery(query) {
  const edits = {};
  const resize = {};
  for (const [name, value] of query) {
    if (name === "width" || name === "height") resize[name] = Number(value) || null;
    else if (name === "fit" && value) resize.fit = value;
    else if (name === "format" && value) edits.toFormat = value;
    else if (name === "rotate") edits.rotate = value === "" ? null : Number(value);
    else if (QUERY.includes(name) && name !== "fit" && name !== "format") edits[name] = /^(1|true)$/i.test(value);
  }
  return Object.keys(resize).length ? { ...edits, resize } : edits;
}

/** A color as arguments of filters have it, or undefined. */
function color(value) {
  if (typeof value === "string") return /^#?[0-9a-z]+$/i.test(value) ? value.replace("#", "").toLowerCase() : undefined;
  if (!value || typeof value !== "object") return undefined;
  const hex = (part) => Math.round(part).toString(16).padStart(2, "0");
  const { r = 0, g = 0, b = 0, alpha = 1 } = value;
  return hex(r) + hex(g) + hex(b) + (alpha < 1 ? hex(alpha * 255) : "");
}

const filter = (name, ...args) => ({ name, args: args.map(String) });
const number = (value) => (value === null || value === "" || typeof value === "boolean" || Number.isNaN(Number(value)) ? undefined : Number(value));

/**
 * Edits in the order in which sharp makes them. Each gives filters, `true` where it has changed `asked`, or nothing
 * where it has no word here.
 */
const EDITS = {
  extract: (value, asked) => EDITS.crop(value, asked),
  crop: (value, asked) => {
    const [left, top, width, height] = ["left", "top", "width", "height"].map((side) => number(value[side]));
    if (!width || !height) return undefined;
    asked.crop = { left, top, right: left + width, bottom: top + height };
    return true;
  },
  trim: (value, asked) => {
    asked.trim = { corner: "top-left", tolerance: value === true ? 10 : number(value) ?? number(value.threshold) ?? 10 };
    return true;
  },
  flip: (_, asked) => (asked.flipY = true),
  flop: (_, asked) => (asked.flipX = true),
  flatten: ({ background = "000000" }) => color(background) && [filter("background_color", color(background))],
  grayscale: () => [filter("grayscale")],
  greyscale: () => [filter("grayscale")],
  resize,
  smartCrop: ({ faceIndex, index, padding }) => [filter("face_crop", (number(faceIndex ?? index) ?? 0) + 1, 0, number(padding) ?? 0)],
  rotate: (value) => (value % 90 === 0 ? [filter("rotate", (360 - (value % 360)) % 360)] : undefined),
  blur: (value) => (value === true ? [filter("convolution", ...MEAN)] : number(value) && [filter("blur", Math.min(150, Math.ceil(value * 3)), value)]),
  convolve: ({ width, height, kernel, scale }) => kernel?.length === width * height && [filter("convolution", kernel.map((weight) => weight / (scale || 1)).join(";"), width, !scale)],
  sharpen: (value) => {
    const sigma = number(value) ?? number(value.sigma);
    return value === true ? [filter("convolution", ...EDGE)] : sigma && [filter("sharpen", 1, sigma, true)];
  },
  overlayWith: ({ key, alpha, wRatio, hRatio, options }) => key && [filter("watermark", key, options?.left ?? "center", options?.top ?? "center", alpha ?? 0, wRatio ?? "none", hRatio ?? "none")],
  roundCrop: ({ rx, ry, left, top }) => [filter("round_crop", ...[rx, ry, left, top].map((side) => side ?? "auto"))],
  negate: () => [filter("curve", ...NEGATIVE)],
  animated: () => true,
  toFormat: (value) => FORMATS[String(value).toLowerCase()] && [filter("format", FORMATS[String(value).toLowerCase()])],
};

/** Writes edits into the request; gives the names of those that have no word here. */
function put(edits, asked) {
  const without = [];
  const known = Object.keys(EDITS);
  for (const name of [...known, ...Object.keys(edits).filter((other) => !known.includes(other))]) {
    const value = edits[name];
    if (name in edits && name === "rotate" && value === null) asked.filters.push(filter("strip_exif"), filter("strip_icc"));
    else if (value === false && name === "animated") asked.filters.push(filter("cover"));
    else if (value === undefined || value === null || value === false) continue;
    else if (Object.hasOwn(FORMATS, name)) {
      const wanted = edits.toFormat ? FORMATS[String(edits.toFormat).toLowerCase()] : undefined;
      if (wanted && wanted !== FORMATS[name]) continue;
      if (!wanted) asked.filters.push(filter("format", FORMATS[name]));
      if (number(value.quality)) asked.filters.push(filter("quality", value.quality));
    } else {
      const made = known.includes(name) && EDITS[name](value, asked);
      if (Array.isArray(made)) asked.filters.push(...made);
      else if (!made) without.push(name);
    }
  }
  return without;
}

function resize(options, asked) {
  const { fit, position, gravity, withoutEnlargement, background } = options;
  const [width, height] = ["width", "height"].map((side) => (number(options[side]) ? String(Math.round(options[side])) : ""));
  if (!width && !height) return true;
  const way = width && height ? fit ?? "cover" : "cover";
  const segment = { cover: "", fill: "", inside: "fit-in", outside: "full-fit-in", contain: "fit-in" }[way];
  if (segment === undefined) return undefined;
  const ground = way === "contain" ? color(background ?? "000000") : "";
  const place = position ?? gravity ?? "";
  const words = String(COMPASS[place] ?? place).split(" ");
  Object.assign(asked, {
    width, height, fit: segment, smart: asked.smart || words.some((word) => word === "attention" || word === "entropy"),
    halign: words.find((word) => word === "left" || word === "right") ?? "", valign: words.find((word) => word === "top" || word === "bottom") ?? "",
  });
  return [
    segment && !withoutEnlargement && filter("upscale"),
    !segment && withoutEnlargement && filter("no_upscale"),
    way === "fill" && filter("stretch"),
    ground && filter("fill", ground),
  ].filter(Boolean);
}

// Writing ------------------------------------------------------------------------------------------------------------

/** The request as JSON: `{ request, without }`; `without` names what later editions cannot say. */
export function write(asked, bucket = "") {
  const edits = {};
  const without = [];
  const { crop, trim, fit, width, height } = asked;
  const called = new Map(asked.filters.map(({ name, args }) => [name, args]));
  if (trim?.corner === "bottom-right") without.push("trim from the bottom right");
  else if (trim) edits.trim = { threshold: trim.tolerance };
  if (crop && crop.right > crop.left && crop.bottom > crop.top) edits.crop = { left: crop.left, top: crop.top, width: crop.right - crop.left, height: crop.bottom - crop.top };
  else if (crop) without.push("a crop without a far edge");
  if (asked.flipX) edits.flop = true;
  if (asked.flipY) edits.flip = true;
  if (/^\d+$/.test(width) || /^\d+$/.test(height)) {
    const sides = Object.fromEntries(Object.entries({ width, height }).filter(([, side]) => /^\d+$/.test(side)).map(([name, side]) => [name, Number(side)]));
    const filled = called.get("fill")?.[0];
    const way = called.has("stretch") ? "fill" : fit === "fit-in" ? (filled ? "contain" : "inside") : fit === "full-fit-in" ? "outside" : "";
    const place = asked.smart ? "attention" : [asked.halign, asked.valign].filter(Boolean).join(" ");
    const stays = fit ? !called.has("upscale") : called.has("no_upscale");
    edits.resize = { ...sides, ...(way && { fit: way }), ...(way === "contain" && { background: sharpColor(filled) }), ...(place && { position: place }), ...(stays && { withoutEnlargement: true }) };
  } else if (asked.smart || asked.halign || asked.valign) without.push("a place to keep, where nothing is cut");
  if (width === "orig" || height === "orig") without.push("the size “orig”");
  if (fit.startsWith("adaptive")) without.push(`the fit ${fit}`);
  const sized = new Set(edits.resize ? ["stretch", "upscale", "no_upscale", ...(edits.resize.fit === "contain" ? ["fill"] : [])] : []);
  for (const { name, args } of asked.filters) {
    if (sized.has(name)) continue;
    const edit = WORDS[name]?.(args, called, asked.image);
    if (edit) Object.assign(edits, edit);
    else without.push(`${name}(${args.join(",")})`);
  }
  if (bucket && edits.overlayWith) edits.overlayWith = { bucket, ...edits.overlayWith };
  return { request: { ...(bucket && { bucket }), key: asked.image, edits }, without };
}

const sharpColor = (text) => (/^([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(text) ? `#${text}` : text);
const same = (args, expected) => args.join() === expected.join();
const whole = (text) => text === undefined || text === "" || text === "none" || text === "auto" ? undefined : Number(text);
/** An object without what is not said. */
const said = (pairs) => Object.fromEntries(Object.entries(pairs).filter(([, value]) => value !== undefined));

/** Filters as edits, where sharp has one that does the same. */
const WORDS = {
  background_color: ([ground]) => ({ flatten: { background: sharpColor(ground) } }),
  grayscale: () => ({ grayscale: true }),
  rotate: ([degrees]) => (degrees % 90 === 0 ? { rotate: (360 - (degrees % 360)) % 360 } : undefined),
  blur: ([radius, sigma]) => ({ blur: Number(sigma) || Number(radius) }),
  sharpen: ([amount, sigma, luminance]) => (Number(amount) === 1 && luminance === "true" ? { sharpen: { sigma: Number(sigma) } } : undefined),
  convolution: ([weights, columns, normal]) => {
    if (same([weights, columns, normal], MEAN)) return { blur: true };
    if (same([weights, columns, normal], EDGE)) return { sharpen: true };
    const kernel = weights.split(";").map(Number);
    return { convolve: { width: Number(columns), height: kernel.length / columns, kernel, ...(normal === "false" && { scale: 1 }) } };
  },
  watermark: ([key, x = "center", y = "center", alpha, w, h]) => (x === "repeat" || y === "repeat" ? undefined : {
    overlayWith: said({ key, alpha: whole(alpha), wRatio: whole(w), hRatio: whole(h), options: said({ left: x === "center" ? undefined : x, top: y === "center" ? undefined : y }) }),
  }),
  face_crop: ([face = "1", part = "0.5", pixels]) => (Number(part) === 0 ? { smartCrop: said({ faceIndex: face - 1, padding: whole(pixels) }) } : undefined),
  round_crop: ([rx, ry, left, top]) => ({ roundCrop: said({ rx: whole(rx), ry: whole(ry), left: whole(left), top: whole(top) }) }),
  curve: (args) => (same(args, NEGATIVE) ? { negate: true } : undefined),
  cover: () => ({ animated: false }),
  strip_exif: (_, called) => (called.has("strip_icc") && !called.has("rotate") ? { rotate: null } : undefined),
  strip_icc: (_, called) => (called.has("strip_exif") && !called.has("rotate") ? { rotate: null } : undefined),
  format: ([format]) => (FORMATS[format] ? { toFormat: FORMATS[format] } : undefined),
  quality: ([quality], called, image) => {
    const format = FORMATS[(called.get("format")?.[0] ?? /\.(\w+)$/.exec(image)?.[1] ?? "").toLowerCase()];
    return format && { [format]: { quality: Number(quality) } };
  },
};

/** The path that says this request. */
export const path = (request) => `/${encoded(JSON.stringify(request))}`;

/** What there is to know of such a request: what it leaves out, and whether this server takes it. */
export function note(asked, isTaken) {
  const { without } = write(asked);
  return [
    without.length > 0 && `It cannot say: ${without.join(", ")}.`,
    !isTaken && "A server with PROFILE=sih7 takes it; this one has another profile.",
  ].filter(Boolean).join(" ");
}
