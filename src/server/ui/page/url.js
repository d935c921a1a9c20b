// Reads and writes paths of Thumbor's grammar. Knows no page.

/** What a URL says when it says nothing. */
export function blank() {
  return {
    image: "", width: "", height: "", fit: "", flipX: false, flipY: false, halign: "", valign: "",
    smart: false, crop: null, trim: null, filters: [],
  };
}

const FIT = /^(?:adaptive-)?(?:full-)?fit-in$/;
const SIZE = /^(-?)(\d*|orig)x(-?)(\d*|orig)$/;
const CROP = /^(\d+)x(\d+):(\d+)x(\d+)$/;
const TRIM = /^trim(?::(top-left|bottom-right))?(?::(\d+))?$/;
const SIGNATURE = /^(?:[\w-]{26,28}|[\w-]{43}|[\w-]{86})(?:=|%3D){0,2}$/i;

/**
 * The options and the picture of a URL or path, whoever signed it.
 *
 * The first segment may be `unsafe`, a signature or missing, as in URLs of Serverless Image Handler.
 * Throws an Error with words for people when there is no picture in it.
 */
export function parse(text) {
  let path = text.trim();
  const base = path.match(/^https?:\/\/[^/]+/i);
  if (base) path = path.slice(base[0].length);
  path = path.split(/[?#]/, 1)[0].replace(/^\/+/, "");
  if (!path) throw new Error("there is no path in it");
  const asked = blank();
  let rest = path;
  const take = (pattern) => {
    const end = rest.indexOf("/");
    const found = end > 0 && rest.slice(0, end).match(pattern);
    if (found) rest = rest.slice(end + 1);
    return found;
  };
  if (!take(/^unsafe$/)) take(SIGNATURE);
  take(/^debug$/);
  take(/^meta$/);
  let found = take(TRIM);
  if (found) asked.trim = { corner: found[1] ?? "top-left", tolerance: Number(found[2] ?? 0) };
  if ((found = take(CROP))) {
    const [left, top, right, bottom] = found.slice(1).map(Number);
    if (left || top || right || bottom) asked.crop = { left, top, right, bottom };
  }
  if ((found = take(FIT))) asked.fit = found[0];
  if ((found = take(SIZE))) {
    const side = (digits) => (/^0*$/.test(digits) ? "" : digits);
    Object.assign(asked, { flipX: !!found[1], width: side(found[2]), flipY: !!found[3], height: side(found[4]) });
  }
  if ((found = take(/^(?:left|right|center)$/))) asked.halign = found[0] === "center" ? "" : found[0];
  if ((found = take(/^(?:top|bottom|middle)$/))) asked.valign = found[0] === "middle" ? "" : found[0];
  if (take(/^smart$/)) asked.smart = true;
  const calls = rest.match(/^filters:(.+?\))\/(?=.)/);
  if (calls) {
    asked.filters = splitCalls(decoded(calls[1]));
    rest = rest.slice(calls[0].length);
  }
  asked.image = decoded(rest);
  if (!asked.image) throw new Error("it names no picture");
  return asked;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`“${text}” is not percent-encoded UTF-8`);
  }
}

/** `blur(2):fill(red,1)` as names and arguments. */
function splitCalls(text) {
  return text.split(/(?<=\)):/).map((call) => {
    const open = call.indexOf("(");
    if (open < 1 || !call.endsWith(")")) throw new Error(`“${call}” is no call of a filter`);
    return { name: call.slice(0, open), args: splitArgs(call.slice(open + 1, -1)) };
  });
}

/** Arguments are separated by commas outside of quotes and brackets. */
function splitArgs(text) {
  if (!text.trim()) return [];
  const args = [""];
  let quoted = false;
  let depth = 0;
  for (const c of text) {
    if (c === "'") quoted = !quoted;
    else if (!quoted && "[(".includes(c)) depth += 1;
    else if (!quoted && "])".includes(c)) depth -= 1;
    if (c === "," && !quoted && depth <= 0) args.push("");
    else args[args.length - 1] += c;
  }
  return args.map((arg) => arg.trim().replace(/^'(.*)'$/, "$1"));
}

/**
 * The path after the first segment, in parts: `{ part, text, about }`, joined by slashes.
 *
 * `part` names the control that the text comes from.
 */
export function parts(asked, { meta = false, debug = false } = {}) {
  const list = [];
  const add = (part, text, about) => list.push({ part, text, about });
  if (debug) add("debug", "debug", "Draws what was found.");
  if (meta) add("meta", "meta", "Answers what would be done, as JSON.");
  if (asked.trim) {
    const { corner, tolerance } = asked.trim;
    const text = `trim:${corner}${tolerance ? `:${tolerance}` : ""}`;
    add("trim", corner === "top-left" && !tolerance ? "trim" : text, `Cuts away a border of the color at the ${corner.replace("-", " ")}, give or take ${tolerance}.`);
  }
  if (asked.crop) {
    const { left, top, right, bottom } = asked.crop;
    add("crop", `${left}x${top}:${right}x${bottom}`, `Cuts out what lies from ${left}, ${top} to ${right}, ${bottom}, in pixels of the original.`);
  }
  if (asked.fit) add("fit", asked.fit, FITS.find((fit) => fit.segment === asked.fit).about);
  if (asked.width || asked.height || asked.flipX || asked.flipY) {
    const text = `${asked.flipX ? "-" : ""}${asked.width || 0}x${asked.flipY ? "-" : ""}${asked.height || 0}`;
    add("size", text, sizeWords(asked));
  }
  if (asked.halign) add("halign", asked.halign, `A crop keeps the ${asked.halign}.`);
  if (asked.valign) add("valign", asked.valign, `A crop keeps the ${asked.valign}.`);
  if (asked.smart) add("smart", "smart", "Looks for faces and for what stands out, and keeps that in the crop.");
  if (asked.filters.length) {
    add("filters", `filters:${asked.filters.map(call).join(":")}`, `Applies, in this order: ${asked.filters.map((filter) => filter.name).join(", ")}.`);
  }
  add("image", quote(asked.image), `The picture: ${asked.image}`);
  return list;
}

function sizeWords({ width, height, flipX, flipY }) {
  const side = (value) => (value === "orig" ? "as in the original" : value ? `${value} pixels` : "as it comes out");
  const flips = [flipX && " Mirrored left to right.", flipY && " Mirrored top to bottom."].filter(Boolean).join("");
  return `Width ${side(width)}, height ${side(height)}.${flips}`;
}

/** The ways to meet a box, as the grammar has them; some are a filter besides. */
export const FITS = [
  { id: "fill-box", segment: "", name: "Fill, cut", about: "Fills the box and cuts off what hangs over." },
  { id: "fit-in", segment: "fit-in", name: "Fit in", about: "Makes the picture fit into the box; small pictures stay small." },
  { id: "full-fit-in", segment: "full-fit-in", name: "Cover", about: "Makes the picture as small as it can be while it covers the box; nothing is cut off." },
  { id: "pad", segment: "fit-in", filter: { name: "fill", args: ["white"] }, name: "Fit and pad", about: "Fits the picture into the box, and fills the rest with a color." },
  { id: "stretch", segment: "", filter: { name: "stretch", args: [] }, name: "Stretch", about: "Distorts the picture to the box." },
  { id: "adaptive-fit-in", segment: "adaptive-fit-in", name: "Fit, turned", about: "Fits into the box, which is turned to lie as the picture does." },
  { id: "adaptive-full-fit-in", segment: "adaptive-full-fit-in", name: "Cover, turned", about: "Covers the box, which is turned to lie as the picture does." },
];

/** One call as URLs have it. */
export function call({ name, args }) {
  const last = args.findLastIndex((arg) => arg !== "");
  return `${name}(${args.slice(0, last + 1).map(argument).join(",")})`;
}

function argument(text) {
  const listed = /^\[.*\]$/.test(text);
  const quoted = !listed && text.includes(",") ? `'${text}'` : text;
  // What would end the call is escaped; the server takes one layer off before it looks for arguments.
  const kept = listed ? /[^\w\-.~;:,()[\]]/gu : /[^\w\-.~;:,|/']/gu;
  return quoted.replace(kept, (c) => percent(c));
}

/** A picture's name as the last part of a path. */
export function quote(name) {
  return name.replace(/[^\w.~/-]/gu, (c) => percent(c));
}

function percent(text) {
  return Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

/** Everything after the first segment and its slash: what is signed. */
export function options(asked, extra) {
  return parts(asked, extra).map(({ text }) => text).join("/");
}
