// Code to take away for a request.

import * as edits from "./edits.js";
import { call, options } from "./url.js";

/** Every form, by name. `widths` says whether it asks for several sizes, `edits` whether it is said in JSON. */
export const SNIPPETS = [
  { name: "URL", write: ({ url }) => url },
  { name: "<img>", write: ({ url, result }) => `<img src="${html(url)}"${box(result)} alt="">` },
  { name: "<img srcset>, by width", widths: true, write: byWidth },
  { name: "<img srcset>, by density", write: byDensity },
  { name: "<picture> with AVIF and WebP", write: picture },
  { name: "CSS image-set", write: imageSet },
  { name: "curl", write: ({ url }) => `curl -o picture '${url.replaceAll("'", "%27")}'` },
  { name: "Python (libthumbor)", write: python },
  { name: "JavaScript (thumbor-url-builder)", write: javascript },
  { name: "Next.js loader", write: next },
  { name: "Serverless Image Handler 4 to 7, URL", edits: true, write: ({ asked, host, bucket }) => host + edits.path(edits.write(asked, bucket).request) },
  { name: "Serverless Image Handler 4 to 7, JSON", edits: true, write: ({ asked, bucket }) => JSON.stringify(edits.write(asked, bucket).request, null, 2) },
];

const html = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
const box = (result) => (result?.width ? ` width="${result.width}" height="${result.height}"` : "");

/** The request `factor` times as large; a side that is not a number stays. */
function scaled(asked, factor) {
  const side = (value) => (/^\d+$/.test(value) ? String(Math.max(1, Math.round(value * factor))) : value);
  return { ...asked, width: side(asked.width), height: side(asked.height) };
}

function toWidth(asked, result, width) {
  const now = Number(asked.width) || result?.width;
  if (now && asked.width) return scaled(asked, width / now);
  const height = /^\d+$/.test(asked.height) && now ? String(Math.max(1, Math.round((asked.height * width) / now))) : asked.height;
  return { ...asked, width: String(width), height };
}

const withFormat = (asked, format) => ({
  ...asked,
  filters: [...asked.filters.filter(({ name }) => name !== "format"), { name: "format", args: [format] }],
});

async function byWidth({ asked, urlOf, url, result, widths, slot }) {
  const list = await Promise.all(widths.map(async (width) => `${html(await urlOf(toWidth(asked, result, width)))} ${width}w`));
  const widest = widths.at(-1);
  return `<img src="${html(url)}"\n  srcset="${list.join(",\n          ")}"\n  sizes="${html(slot || `(max-width: ${widest}px) 100vw, ${widest}px`)}"${box(result)} alt="">`;
}

async function byDensity({ asked, urlOf, url, result }) {
  const list = await Promise.all([1, 2, 3].map(async (factor) => `${html(await urlOf(scaled(asked, factor)))} ${factor}x`));
  return `<img src="${html(url)}"\n  srcset="${list.join(",\n          ")}"${box(result)} alt="">`;
}

async function picture({ asked, urlOf, url, result }) {
  const source = async (format) => `  <source type="image/${format}" srcset="${html(await urlOf(withFormat(asked, format)))}">`;
  return `<picture>\n${await source("avif")}\n${await source("webp")}\n  <img src="${html(url)}"${box(result)} alt="">\n</picture>`;
}

async function imageSet({ asked, urlOf }) {
  const line = async (format) => `    url("${await urlOf(withFormat(asked, format))}") type("image/${format}")`;
  return `.hero {\n  background-image: image-set(\n${(await Promise.all(["avif", "webp", "jpeg"].map(line))).join(",\n")});\n}`;
}

function python({ asked, host }) {
  const args = [];
  const add = (name, value) => args.push(`${name}=${value}`);
  const text = (value) => JSON.stringify(value);
  const side = (value) => (value === "orig" ? text(value) : value);
  if (asked.width) add("width", side(asked.width));
  if (asked.height) add("height", side(asked.height));
  if (asked.flipX) add("flip", "True");
  if (asked.flipY) add("flop", "True");
  if (asked.fit) add(asked.fit.replaceAll("-", "_"), "True");
  if (asked.smart) add("smart", "True");
  if (asked.halign) add("halign", text(asked.halign));
  if (asked.valign) add("valign", text(asked.valign));
  if (asked.trim) add("trim", "True");
  if (asked.crop) add("crop", `((${asked.crop.left}, ${asked.crop.top}), (${asked.crop.right}, ${asked.crop.bottom}))`);
  if (asked.filters.length) add("filters", `[${asked.filters.map((filter) => text(call(filter))).join(", ")}]`);
  add("image_url", text(asked.image));
  return `from libthumbor import CryptoURL\n\ncrypto = CryptoURL(key="YOUR_SECURITY_KEY")\npath = crypto.generate(\n    ${args.join(",\n    ")},\n)\nurl = ${text(host)} + path`;
}

function javascript({ asked, host }) {
  const text = (value) => JSON.stringify(value);
  const [width, height] = [asked.width, asked.height].map((side) => Number(side) || 0);
  const steps = [`.setImagePath(${text(asked.image)})`];
  if (asked.crop) steps.push(`.crop(${asked.crop.left}, ${asked.crop.top}, ${asked.crop.right}, ${asked.crop.bottom})`);
  steps.push(`.${asked.fit ? "fitIn" : "resize"}(${width}, ${height})`);
  if (asked.flipX) steps.push(".flipHorizontally()");
  if (asked.flipY) steps.push(".flipVertically()");
  if (asked.halign) steps.push(`.halign(${text(asked.halign)})`);
  if (asked.valign) steps.push(`.valign(${text(asked.valign)})`);
  if (asked.smart) steps.push(".smartCrop(true)");
  for (const filter of asked.filters) steps.push(`.filter(${text(call(filter))})`);
  const missing = [asked.trim && "trim", asked.fit && asked.fit !== "fit-in" && asked.fit].filter(Boolean);
  const note = missing.length ? `// This package has no ${missing.join(" and no ")}.\n` : "";
  return `${note}const ThumborUrlBuilder = require("thumbor-url-builder");\n\nconst url = new ThumborUrlBuilder("YOUR_SECURITY_KEY", ${text(host)})\n  ${steps.join("\n  ")}\n  .buildUrl();`;
}

function next({ asked, host }) {
  const filters = [...asked.filters.filter(({ name }) => name !== "quality"), { name: "quality", args: ["7654321"] }];
  const path = options({ ...asked, width: "1234567", height: "", filters, image: "x" })
    .replace("1234567", "${width}").replace("7654321", "${quality || 75}").replace(/x$/, "${picture}");
  return `// next.config.js: images: { loader: "custom", loaderFile: "./tintype-loader.js" }\nexport default function tintype({ src, width, quality }) {\n  const picture = encodeURIComponent(src.replace(/^\\//, ""));\n  return \`${host}/unsafe/${path}\`;\n}`;
}
