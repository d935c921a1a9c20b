// The page: one request in hand, controls that change it, and what the server answers.

import { $, bytes, copy, draw, duration, make } from "./page.js";
import * as filters from "./filters.js";
import { canSign, firstSegment } from "./sign.js";
import { SNIPPETS } from "./snippets.js";
import * as stage from "./stage.js";
import { FITS, blank, options, parse, parts } from "./url.js";

const DEBOUNCE_MS = 120;
const STAGES = ["fetch", "queue", "render", "encode", "store"];

/** What the server says about itself. */
let about;
/** The request in hand. */
let asked = blank();
/** A file of the visitor's, in place of a picture of the server's. */
let upload = null;
let view = "result";
/** The answer that is shown: `{ url, blob, width, height, ... }`. */
let shown = null;
/** Number of the newest request; answers to older ones are dropped. */
let newest = 0;
let pending = new AbortController();
let timer;

async function start() {
  theme();
  try {
    const [info, catalog] = await Promise.all(["info.json", "../filters"].map(async (path) => (await fetch(path)).json()));
    about = info;
    filters.setUp(catalog, changed);
  } catch {
    return fail("This page cannot reach its server. Is it still running? Load the page again once it is.");
  }
  $("version").textContent = `version ${about.version}`;
  $("host").value = location.origin;
  fitChoices();
  gallery();
  bind();
  take();
  const linked = location.hash.length > 2 ? location.hash.slice(1) : "";
  if (!linked || !read(linked)) {
    asked = { ...blank(), image: about.gallery[0] ?? "", width: "300", height: "200", smart: true };
  }
  fill();
  changed();
}

/** The theme chosen, kept for the next visit. */
function theme() {
  const apply = (name) => {
    if (name) document.documentElement.dataset.theme = name;
    else delete document.documentElement.dataset.theme;
  };
  let kept = "";
  try { kept = localStorage.getItem("theme") ?? ""; } catch { /* the browser keeps nothing for this page */ }
  $("theme").value = kept;
  apply(kept);
  $("theme").onchange = () => {
    apply($("theme").value);
    try { localStorage.setItem("theme", $("theme").value); } catch { /* then it holds for this visit */ }
  };
}

// Controls -----------------------------------------------------------------------------------------------------------

function fitChoices() {
  const choice = ({ segment, name, about: words }) => {
    const tall = segment.includes("adaptive");
    const covers = segment === "" || segment.includes("full");
    const box = tall ? { x: 24, y: 2, width: 22, height: 36 } : { x: 14, y: 8, width: 42, height: 24 };
    const [w, h] = covers ? (tall ? [22, 36] : [42, 31]) : (tall ? [20, 36] : [32, 24]);
    const clipped = segment === "" ? { x: 14, y: 8, width: 42, height: 24 } : { x: 35 - w / 2, y: 20 - h / 2, width: w, height: h };
    const drawing = draw("svg", { viewBox: "0 0 70 40", "aria-hidden": "true" }, draw("rect", { class: "picture", ...clipped }), draw("rect", { class: "box", ...box }));
    return make("label", { title: words }, drawing, make("input", { type: "radio", name: "fit", value: segment, onchange: () => { asked.fit = segment; changed(); } }), name);
  };
  $("fits").append(make("div", { className: "choices" }, ...FITS.map(choice)));
}

function gallery() {
  const entry = (name) => make("button", { type: "button", "data-name": name, onclick: () => choose(name) },
    make("img", { src: `/unsafe/fit-in/176x116/${name.split("/").map(encodeURIComponent).join("/")}`, alt: "", width: 88, height: 58, loading: "lazy" }), name);
  $("gallery").replaceChildren(...about.gallery.map(entry));
  $("gallery").hidden = about.gallery.length === 0;
  $("upload-row").hidden = !about.render;
  $("access-note").textContent = [
    about.unsafe ? "This server also answers URLs that are not signed." : "This server answers signed URLs only: type the secret.",
    canSign ? "" : "This browser computes signatures only over HTTPS or on localhost.",
  ].join(" ");
  $("key").disabled = !canSign;
}

function choose(name) {
  dropUpload();
  asked.image = name;
  asked.crop = null;
  fill();
  changed();
}

function bind() {
  const text = (id, key, clean = (value) => value.trim()) => { $(id).oninput = () => { asked[key] = clean($(id).value); changed(); }; };
  const check = (id, key) => { $(id).onchange = () => { asked[key] = $(id).checked; changed(); }; };
  const side = (value) => (/^(\d+|orig)$/.test(value.trim()) ? value.trim().replace(/^0+$/, "") : "");
  $("image").oninput = () => { dropUpload(); asked.image = $("image").value.trim(); marks(); changed(); };
  text("width", "width", side);
  text("height", "height", side);
  check("flip-x", "flipX");
  check("flip-y", "flipY");
  check("smart", "smart");
  for (const id of ["halign", "valign"]) $(id).onchange = () => { asked[id] = $(id).value; changed(); };
  const edges = ["left", "top", "right", "bottom"];
  const crop = () => {
    const values = edges.map((edge) => Number($(`crop-${edge}`).value) || 0);
    asked.crop = values.some(Boolean) ? Object.fromEntries(edges.map((edge, index) => [edge, values[index]])) : null;
    changed();
  };
  for (const edge of edges) $(`crop-${edge}`).oninput = crop;
  $("crop-clear").onclick = () => { asked.crop = null; fill(); changed(); };
  const trim = () => { asked.trim = $("trim").checked ? { corner: $("trim-corner").value, tolerance: Number($("trim-tolerance").value) || 0 } : null; changed(); };
  for (const id of ["trim", "trim-corner", "trim-tolerance"]) $(id).oninput = trim;
  $("filter-add").onclick = () => {
    asked.filters.push(filters.example($("filter-name").value));
    filters.show(asked.filters);
    changed();
    $("filters").lastElementChild.querySelector("input, select, button")?.focus();
  };
  $("key").oninput = changed;
  $("paste-form").onsubmit = (event) => {
    event.preventDefault();
    if (read($("paste").value)) { dropUpload(); fill(); changed(); }
  };
  $("upload").onchange = () => { upload = $("upload").files[0] ?? null; $("upload-clear").hidden = !upload; changed(); };
  $("upload-clear").onclick = () => { dropUpload(); changed(); };
  for (const name of ["result", "compare", "original"]) $(`view-${name}`).onclick = () => look(name);
  $("views").onkeydown = ({ key }) => {
    const names = ["result", "compare", "original"];
    const step = { ArrowRight: 1, ArrowLeft: 2 }[key];
    if (step) { look(names[(names.indexOf(view) + step) % 3]); $(`view-${view}`).focus(); }
  };
  $("copy-url").onclick = async () => copy(await urlOf(asked));
  $("copy-link").onclick = () => copy(location.href);
  $("copy-snippet").onclick = () => copy($("snippet").textContent);
  for (const id of ["take", "widths", "host"]) $(id).oninput = take;
  $("meta-details").ontoggle = meta;
  window.onhashchange = () => { if (location.hash.slice(1) !== stateText() && read(location.hash.slice(1))) { fill(); changed(); } };
}

function dropUpload() {
  upload = null;
  $("upload").value = "";
  $("upload-clear").hidden = true;
}

/** Takes a URL apart; says why where that cannot be done. */
function read(text) {
  try {
    asked = parse(text);
    return true;
  } catch (error) {
    fail(`That URL cannot be read: ${error.message}.`);
    return false;
  }
}

/** The request into the controls. */
function fill() {
  for (const [id, value] of Object.entries({ image: asked.image, width: asked.width, height: asked.height, halign: asked.halign, valign: asked.valign })) $(id).value = value;
  for (const [id, value] of Object.entries({ "flip-x": asked.flipX, "flip-y": asked.flipY, smart: asked.smart, trim: asked.trim })) $(id).checked = Boolean(value);
  for (const edge of ["left", "top", "right", "bottom"]) $(`crop-${edge}`).value = asked.crop?.[edge] ?? "";
  $("trim-corner").value = asked.trim?.corner ?? "top-left";
  $("trim-tolerance").value = asked.trim?.tolerance ?? 0;
  for (const radio of document.querySelectorAll("input[name=fit]")) radio.checked = radio.value === asked.fit;
  filters.show(asked.filters);
  marks();
}

function marks() {
  for (const button of $("gallery").children) button.setAttribute("aria-pressed", String(!upload && button.dataset.name === asked.image));
}

// The request out ----------------------------------------------------------------------------------------------------

const stateText = () => `/${options(asked)}`;

async function pathOf(request, extra) {
  const path = options(request, extra);
  return `/${await firstSegment($("key").value, path)}/${path}`;
}

/** The whole URL of a request at the host to take away. */
async function urlOf(request) {
  return `${$("host").value.replace(/\/+$/, "")}${await pathOf(request)}`;
}

function changed() {
  history.replaceState(null, "", `#${stateText()}`);
  clearTimeout(timer);
  timer = setTimeout(refresh, DEBOUNCE_MS);
  urlParts();
  take();
}

async function urlParts() {
  const first = await firstSegment($("key").value, options(asked));
  const list = [{ part: "access", text: first, about: first === "unsafe" ? "Not signed." : "The signature: nobody without the secret can make another URL." }, ...parts(asked)];
  const buttons = list.flatMap(({ part, text, about: words }, index) => {
    const light = (on) => document.querySelector(`[data-part="${part}"]`)?.classList.toggle("lit", on);
    const say = () => { $("part-about").textContent = words; light(true); };
    const hush = () => light(false);
    const go = () => {
      const control = document.querySelector(`[data-part="${part}"]`);
      control?.scrollIntoView({ block: "center" });
      control?.querySelector("input, select, button")?.focus();
    };
    return ["/", make("button", { type: "button", className: `k${index % 6}`, onmouseenter: say, onfocus: say, onmouseleave: hush, onblur: hush, onclick: go }, text)];
  });
  $("parts").replaceChildren(...buttons);
  $("open").href = await pathOf(asked);
}

async function refresh() {
  const number = ++newest;
  pending.abort();
  pending = new AbortController();
  if (!asked.image && !upload) return fail("Choose a picture, or type the name of one.");
  $("frame").classList.add("waiting");
  const started = performance.now();
  try {
    const response = upload ? await post(pending.signal) : await fetch(await pathOf(asked), { signal: pending.signal });
    const blob = await response.blob();
    if (number !== newest) return;
    const wall = performance.now() - started;
    if (!response.ok) return fail(await complaint(response, blob));
    if (shown) URL.revokeObjectURL(shown.url);
    const url = URL.createObjectURL(blob);
    shown = { url, blob, headers: response.headers, wall, ...(await dimensions(url)) };
    if (number !== newest) return;
    $("error").hidden = true;
    ignored(response.headers.get("tintype-ignored-filters"));
    facts();
    timing();
    look(view);
    insight();
    take();
  } catch (error) {
    if (error.name !== "AbortError" && number === newest) fail(`The server did not answer (${error.message}).`);
  } finally {
    if (number === newest) $("frame").classList.remove("waiting");
  }
}

function post(signal) {
  const path = options({ ...asked, image: "x" }).replace(/\/?x$/, "");
  return fetch(`../render/${path}`, { method: "POST", body: upload, signal });
}

async function dimensions(url) {
  const picture = new Image();
  picture.src = url;
  try {
    await picture.decode();
    return { width: picture.naturalWidth, height: picture.naturalHeight };
  } catch {
    return {}; // a format that this browser cannot show
  }
}

async function complaint(response, blob) {
  const text = (await blob.text()).slice(0, 300).trim();
  const signed = response.status === 400 && !about.unsafe && !$("key").value ? " This server answers signed URLs only: type the secret below “Signature”." : "";
  return `${response.status}: ${text || "no reason given"}.${signed}`.replace("..", ".");
}

function fail(words) {
  $("error").textContent = words;
  $("error").hidden = false;
  $("frame").classList.remove("waiting");
}

// The answer ---------------------------------------------------------------------------------------------------------

function ignored(names) {
  $("ignored").hidden = !names;
  $("ignored").textContent = names ? `Skipped, since their names or arguments are not right: ${names}.` : "";
}

async function facts() {
  const { blob, headers, width, height, wall } = shown;
  const rows = [
    ["Size", width ? `${width} × ${height}` : "not shown by this browser"],
    ["Format", blob.type.replace("image/", "")],
    ["Bytes", bytes(blob.size)],
    ["Answered in", `${wall.toFixed(0)} ms`],
  ];
  const cache = /cache;desc="?([\w-]+)/.exec(headers.get("server-timing") ?? "")?.[1];
  if (cache) rows.push(["Cache", cache]);
  const age = /max-age=(\d+)/.exec(headers.get("cache-control") ?? "")?.[1];
  if (age) rows.push(["May be kept", duration(Number(age))]);
  const rowOf = ([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value));
  $("facts").replaceChildren(...rows.map(rowOf));
  const whole = upload ? upload.size : (await size(asked.image))?.bytes;
  if (whole) $("facts").append(rowOf(["Saved", `${((1 - blob.size / whole) * 100).toFixed(0)} % of ${bytes(whole)}`]));
}

/** `Server-Timing` as a bar. */
function timing() {
  const header = shown.headers.get("server-timing") ?? "";
  const times = [...header.matchAll(/([\w-]+);(?:desc="?[^",;]*"?;)?dur=([\d.]+)/g)]
    .map(([, name, ms]) => ({ name, ms: Number(ms) })).filter(({ name, ms }) => name !== "total" && ms > 0);
  const total = times.reduce((sum, { ms }) => sum + ms, 0);
  $("timing").hidden = total === 0;
  const color = (name) => `c${STAGES.includes(name) ? STAGES.indexOf(name) : 5}`;
  const bars = times.map(({ name, ms }) => {
    const bar = make("span", { className: color(name) });
    bar.style.flexGrow = String(ms / total);
    return bar;
  });
  $("timing").replaceChildren(...bars);
  const words = times.map(({ name, ms }) => `${name} ${ms.toFixed(1)} ms`);
  $("timing-legend").replaceChildren(...times.map(({ name }, index) => make("li", {}, make("i", { className: color(name), "aria-hidden": "true" }), words[index])));
}

function look(name) {
  view = name;
  for (const tab of $("views").children) {
    const chosen = tab.id === `view-${name}`;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  $("frame").setAttribute("aria-labelledby", `view-${name}`);
  if (name === "original") return drawable();
  if (!shown) return;
  const alt = `the result, ${shown.width} by ${shown.height}`;
  if (name === "compare") beside(alt);
  else stage.result(shown.url, alt);
}

/** The same part of the original at the same size, as exactly as a PNG can show it. */
async function beside(alt) {
  const plain = ["stretch", "focal", "extract_focal", "rotate", "fill", "upscale", "no_upscale", "proportion", "face_crop"];
  const kept = asked.filters.filter(({ name }) => plain.includes(name));
  const twin = { ...asked, filters: [...kept, { name: "format", args: ["png"] }] };
  const url = upload ? URL.createObjectURL(upload) : await pathOf(twin);
  if (view === "compare") stage.compare(shown.url, url, alt);
}

async function drawable() {
  if (upload) return stage.result(URL.createObjectURL(upload), "your file");
  const image = asked.image;
  const [found, focus] = await Promise.all([size(image), asked.smart ? seen(image) : []]);
  if (view !== "original" || image !== asked.image) return;
  if (!found) return fail("The original cannot be shown: its size is not known.");
  const focal = asked.filters.filter(({ name }) => name === "focal").map(({ args }) => /^(\d+)x(\d+):(\d+)x(\d+)$/.exec(args[0] ?? ""))
    .filter(Boolean).map((match) => ({ left: +match[1], top: +match[2], right: +match[3], bottom: +match[4] }));
  stage.original({
    url: await pathOf({ ...blank(), image, fit: "fit-in", width: "1000", height: "1000" }),
    size: found, crop: asked.crop, focal, seen: focus,
    onCrop: (box) => { asked.crop = box; fill(); changed(); drawable(); },
    onFocal: ({ left, top, right, bottom }) => {
      asked.filters = [...asked.filters.filter(({ name }) => name !== "focal"), { name: "focal", args: [`${left}x${top}:${right}x${bottom}`] }];
      fill();
      changed();
      drawable();
    },
  });
}

const sizes = new Map();

/** True size and bytes of a picture of the server's, once per picture. */
async function size(image) {
  if (!sizes.has(image)) {
    const response = await fetch(await pathOf({ ...blank(), image }, { meta: true }));
    if (!response.ok) return null;
    const { thumbor, tintype } = await response.json();
    const { width, height } = tintype?.source ?? thumbor.source;
    sizes.set(image, { width, height, bytes: tintype?.source?.bytes });
  }
  return sizes.get(image);
}

/** What detectors find in the whole picture. */
async function seen(image) {
  const response = await fetch(await pathOf({ ...blank(), image, smart: true }, { meta: true }));
  if (!response.ok) return [];
  const { thumbor } = await response.json();
  return (thumbor.focal_points ?? []).filter(({ origin }) => origin !== "alignment");
}

/** What the server did, step by step, from the metadata view. */
async function insight() {
  if (upload) return $("pipeline").replaceChildren(make("p", { className: "quiet" }, "Not told for files of yours."));
  const response = await fetch(await pathOf(asked, { meta: true }));
  if (!response.ok) return $("pipeline").replaceChildren();
  const answer = await response.json();
  const original = await size(asked.image);
  const step = (title, words) => make("div", { className: "step" }, make("b", {}, title), words);
  const number = (value) => Math.round(value);
  const told = (answer.thumbor.operations ?? []).map((operation) => {
    if (operation.type === "crop") return step("crop", `${operation.left}, ${operation.top} to ${operation.right}, ${operation.bottom}`);
    if (operation.type === "resize") return step("resize", `${number(operation.width)} × ${number(operation.height)}`);
    return step(operation.type.replaceAll("_", " "), "");
  });
  const steps = [
    original && step("original", `${original.width} × ${original.height}`),
    ...told,
    ...asked.filters.map(({ name, args }) => step(name, args.filter(Boolean).join(", "))),
    step("answer", `${shown.width ?? "?"} × ${shown.height ?? "?"}, ${shown.blob.type.replace("image/", "")}`),
  ].filter(Boolean);
  $("pipeline").replaceChildren(...steps.flatMap((one, index) => (index ? [make("span", { className: "arrow", "aria-hidden": "true" }, "→"), one] : [one])));
  $("meta").textContent = JSON.stringify(answer, null, 2);
}

async function meta() {
  if ($("meta-details").open && !$("meta").textContent) await insight();
}

/** The code to take away. */
async function take() {
  const menu = $("take");
  if (!menu.options.length) menu.replaceChildren(...SNIPPETS.map(({ name }, index) => make("option", { value: index }, name)));
  const form = SNIPPETS[Number(menu.value)];
  $("widths-label").hidden = !form.widths;
  const widths = [...new Set($("widths").value.match(/\d+/g)?.map(Number))].filter((width) => width > 0).sort((a, b) => a - b);
  const host = $("host").value.replace(/\/+$/, "");
  const text = form.widths && !widths.length ? "Give one width at least." : await form.write({ asked, urlOf, url: await urlOf(asked), result: shown, widths, host });
  $("snippet").textContent = text;
}

await start();
