// The page: one request in hand, controls that change it, and what the server answers.

import { $, copy, make } from "./page.js";
import * as answer from "./answer.js";
import * as edits from "./edits.js";
import * as filters from "./filters.js";
import { choices, fitOf, refit } from "./fits.js";
import * as pipeline from "./pipeline.js";
import { canSign, firstSegment } from "./sign.js";
import { SNIPPETS } from "./snippets.js";
import * as stage from "./stage.js";
import { blank, options, parse, parts } from "./url.js";

const DEBOUNCE_MS = 120;
/** What browsers say that they take where a page shows a picture; scripts say nothing by themselves. */
const ACCEPT = { Accept: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8" };

/** What the server says about itself. */
let about;
/** The request in hand. */
let asked = blank();
/** A file of the visitor's, in place of a picture of the server's. */
let upload = null;
let view = "result";
/** The original that is drawn on, while it shows. */
let drawing = null;
/** The answer that is shown: `{ url, blob, width, height, ... }`. */
let shown = null;
/** Number of the newest request; answers to older ones are dropped. */
let newest = 0;
let pending = new AbortController();
let timer;

async function start() {
  theme();
  // What stays below the URL as the page is scrolled has to know how high it is.
  new ResizeObserver(([{ target }]) => document.documentElement.style.setProperty("--url", `${target.offsetHeight}px`)).observe(document.querySelector(".url"));
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
  access();
  bind();
  take();
  const linked = location.hash.length > 2 ? location.hash.slice(1) : "";
  if (!linked || !read(linked)) {
    asked = { ...blank(), image: about.gallery[0] ?? "", width: "300", height: "200", smart: true };
  }
  fill();
  changed();
  await gallery();
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
  $("fits").append(make("div", { className: "choices" }, ...choices((fit) => {
    asked = refit(asked, fit);
    filters.show(asked.filters);
    changed();
  })));
}

/** A name that is broken before its ending, if it has to be. */
function named(name) {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? [name.slice(0, dot), make("wbr"), name.slice(dot)] : [name];
}

async function gallery() {
  const entry = async (name) => make("button", { type: "button", "data-name": name, onclick: () => choose(name) },
    make("img", { src: await pathOf({ ...blank(), image: name, fit: "fit-in", width: "176", height: "116" }), alt: "", width: 88, height: 58, loading: "lazy" }), make("span", {}, ...named(name)));
  const readable = about.unsafe || $("key").value || $("token").value;
  $("gallery").replaceChildren(...(readable ? await Promise.all(about.gallery.map(entry)) : []));
  $("gallery").hidden = about.gallery.length === 0;
  marks();
}

function access() {
  $("upload-row").hidden = !about.render;
  $("access-note").textContent = [
    about.unsafe ? "This server also answers URLs that are not signed." : "This server answers signed URLs only.",
    canSign ? "" : "This browser computes signatures only over HTTPS or on localhost.",
  ].join(" ");
  $("key").disabled = !canSign;
  $("token-row").hidden = !about.sign;
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
  for (const id of ["key", "token"]) $(id).oninput = () => { changed(); gallery(); };
  $("crop-draw").onclick = () => { look("original"); $("frame").scrollIntoView({ block: "nearest" }); };
  $("paste-form").onsubmit = (event) => {
    event.preventDefault();
    if (taken($("paste").value)) { dropUpload(); fill(); changed(); }
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
  for (const id of ["take", "widths", "slot", "host", "bucket"]) $(id).oninput = take;
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

/** Takes apart what a visitor has, which may be a request of Serverless Image Handler, too. */
function taken(text) {
  try {
    const found = edits.take(text);
    asked = found.asked;
    $("bucket").value = found.bucket ?? "";
    $("pasted").textContent = found.without.length ? `Taken apart but for what has no control here: ${found.without.join(", ")}.` : "";
    $("pasted").hidden = !found.without.length;
    return true;
  } catch (error) {
    $("pasted").hidden = true;
    fail(`That cannot be read: ${error.message}.`);
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
  fitMarks();
  filters.show(asked.filters);
  marks();
}

function fitMarks() {
  const { id } = fitOf(asked);
  for (const radio of document.querySelectorAll("input[name=fit]")) radio.checked = (radio.value || "fill-box") === id;
}

function marks() {
  for (const button of $("gallery").children) button.setAttribute("aria-pressed", String(!upload && button.dataset.name === asked.image));
}

// The request out ----------------------------------------------------------------------------------------------------

const stateText = () => `/${options(asked)}`;

async function pathOf(request, extra) {
  const path = options(request, extra);
  return `/${await first(path)}/${path}`;
}

/** The first segment of a path: signed by the secret typed, by the server for a token, or not at all. */
async function first(path) {
  if ($("key").value || !$("token").value) return firstSegment($("key").value, path, about.signature);
  const response = await fetch(`../sign/${path}`, { headers: { Authorization: `Bearer ${$("token").value}` } });
  return response.ok ? (await response.text()).trim().split("/")[1] : "unsafe";
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
  fitMarks();
  take();
}

async function urlParts() {
  const path = options(asked);
  const right = await first(path);
  if (path !== options(asked)) return; // something else was asked for meanwhile
  const list = [{ part: "access", text: right, about: right === "unsafe" ? "Not signed: anybody can make such a URL, if the server allows it." : "The signature: nobody without the secret can make another URL." }, ...parts(asked)];
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
  $("open").href = `/${right}/${path}`;
}

async function refresh() {
  const number = ++newest;
  pending.abort();
  pending = new AbortController();
  if (!asked.image && !upload) return fail("Choose a picture, or type the name of one.");
  $("frame").classList.add("waiting");
  const started = performance.now();
  try {
    const response = upload ? await post(pending.signal) : await fetch(await pathOf(asked), { signal: pending.signal, headers: ACCEPT });
    const blob = await response.blob();
    if (number !== newest) return;
    const wall = performance.now() - started;
    if (!response.ok) return fail(await complaint(response, blob));
    if (shown) URL.revokeObjectURL(shown.url);
    const url = URL.createObjectURL(blob);
    shown = { url, blob, headers: response.headers, wall, ...(await dimensions(url)) };
    if (number !== newest) return;
    $("error").hidden = true;
    answer.ignored(response.headers);
    answer.timing(response.headers);
    look(view);
    facts();
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
  return fetch(`../render/${path}`, { method: "POST", body: upload, signal, headers: ACCEPT });
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
  const signed = response.status === 400 && !about.unsafe && !$("key").value ? " This server answers signed URLs only: type the secret under “Signature”." : "";
  return `${response.status}: ${text || "no reason given"}.${signed}`.replace("..", ".");
}

function fail(words) {
  $("error").textContent = words;
  $("error").hidden = false;
  $("frame").classList.remove("waiting");
}

// The answer ---------------------------------------------------------------------------------------------------------

async function facts() {
  const now = shown;
  answer.facts(now);
  const whole = upload ? upload.size : (await size(asked.image))?.bytes;
  if (whole && now === shown) answer.facts(now, whole);
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
  drawing = null;
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
  const [found, focus] = await Promise.all([size(image), seen(image)]);
  if (view !== "original" || image !== asked.image) return;
  if (!found) return fail("The original cannot be shown: its size is not known.");
  const url = await pathOf({ ...blank(), image, fit: "fit-in", width: "1000", height: "1000" });
  if (!drawing?.shows(url)) {
    drawing = stage.original({
      url, size: found,
      onCrop: (box) => { asked.crop = box; fill(); changed(); },
      onFocal: (box) => {
        asked.filters = asked.filters.filter(({ name }) => name !== "focal");
        if (box) asked.filters.push({ name: "focal", args: [`${box.left}x${box.top}:${box.right}x${box.bottom}`] });
        fill();
        changed();
      },
    });
  }
  drawing.show({ crop: asked.crop, focal: focalOf(asked), found: focus });
}

/** The area that the URL names as what matters. */
function focalOf({ filters: calls }) {
  const match = /^(\d+)x(\d+):(\d+)x(\d+)$/.exec(calls.find(({ name }) => name === "focal")?.args[0] ?? "");
  return match && { left: +match[1], top: +match[2], right: +match[3], bottom: +match[4] };
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

const findings = new Map();

/** What detectors find in the whole picture, once per picture. */
async function seen(image) {
  if (!findings.has(image)) {
    const response = await fetch(await pathOf({ ...blank(), image, smart: true }, { meta: true }));
    if (!response.ok) return [];
    const { thumbor, tintype } = await response.json();
    findings.set(image, tintype.regions?.length ? thumbor.focal_points : []);
  }
  return findings.get(image);
}

/** What the server does, step by step, from its own explanation. */
async function insight() {
  if (upload) return pipeline.none("Files of yours are rendered in the same way; the server explains pictures of its own only.");
  const now = shown;
  const response = await fetch(`/-/explain${await pathOf(asked)}`, { headers: ACCEPT });
  if (now !== shown) return;
  if (!response.ok) return pipeline.none("");
  const explanation = await response.json();
  pipeline.show(explanation, { bytes: now.blob.size });
  $("plan").textContent = JSON.stringify(explanation, null, 2);
  if ($("meta-details").open) await meta();
}

async function meta() {
  if (!$("meta-details").open || upload) return;
  const response = await fetch(await pathOf(asked, { meta: true }));
  $("meta").textContent = response.ok ? JSON.stringify(await response.json(), null, 2) : await response.text();
}

/** The code to take away. */
async function take() {
  const menu = $("take");
  if (!menu.options.length) menu.replaceChildren(...SNIPPETS.map(({ name }, index) => make("option", { value: index }, name)));
  const form = SNIPPETS[Number(menu.value)];
  $("widths-label").hidden = $("slot-label").hidden = !form.widths;
  $("bucket-label").hidden = !form.edits;
  const bucket = $("bucket").value.trim();
  $("take-note").textContent = form.edits ? edits.note(asked, about.edits) : "";
  const widths = [...new Set($("widths").value.match(/\d+/g)?.map(Number))].filter((width) => width > 0).sort((a, b) => a - b);
  const host = $("host").value.replace(/\/+$/, "");
  const text = form.widths && !widths.length ? "Give one width at least." : await form.write({ asked, urlOf, url: await urlOf(asked), result: shown, widths, slot: $("slot").value.trim(), host, bucket });
  $("snippet").textContent = text;
}

await start();
