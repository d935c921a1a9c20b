// The list of filters: forms made from the server's own description, in an order that can be changed.

import { $, make } from "./page.js";

let catalog = new Map();
let changed = () => {};

/** Fills the menu from `GET /-/filters`. `onChange` is called after every change of the list. */
export function setUp(description, onChange) {
  catalog = new Map(description.filters.filter(({ enabled }) => enabled).map((entry) => [entry.name, entry]));
  changed = onChange;
  $("filter-name").replaceChildren(...[...catalog.keys()].map((name) => make("option", { value: name }, name)));
  const about = () => { $("filter-about").textContent = sentence(catalog.get($("filter-name").value)?.description); };
  $("filter-name").onchange = about;
  about();
}

const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1)}.` : "");

/** A call of this filter as its example has it. */
export function example(name) {
  const entry = catalog.get(name);
  const text = entry.example.slice(name.length + 1, -1);
  const args = entry.parameters.length > 1 ? text.split(/,(?![^[]*\])/) : [text];
  return { name, args: entry.parameters.map((_, index) => (args[index] ?? "").replace(/^'(.*)'$/, "$1")) };
}

/** Shows these calls; edits change the array in place. */
export function show(calls) {
  $("filters").replaceChildren(...calls.map((call, index) => card(call, index, calls)));
}

function move(calls, from, to) {
  if (to < 0 || to >= calls.length || from === to) return;
  calls.splice(to, 0, ...calls.splice(from, 1));
  show(calls);
  changed();
}

function card(call, index, calls) {
  const entry = catalog.get(call.name);
  const item = make("li", { "data-filter": call.name });
  const button = (label, text, action, disabled = false) => make("button", { type: "button", "aria-label": `${label} ${call.name}`, title: label, disabled, onclick: action }, text);
  const focusMoved = (to, which) => { move(calls, index, to); $("filters").children[to]?.querySelectorAll(".head button")[which]?.focus(); };
  item.append(make("div", { className: "head" },
    make("span", { className: "grip", "aria-hidden": "true", title: "Drag to change the order" }, "⠿"),
    make("strong", {}, call.name),
    button("Earlier:", "↑", () => focusMoved(index - 1, 0), index === 0),
    button("Later:", "↓", () => focusMoved(index + 1, 1), index === calls.length - 1),
    button("Remove", "×", () => { calls.splice(index, 1); show(calls); changed(); ($("filters").children[index] ?? $("filter-add")).querySelector?.("button")?.focus(); })));
  if (!entry) item.append(make("p", { className: "notice" }, "This server has no such filter and skips it."));
  for (const [place, parameter] of (entry?.parameters ?? []).entries()) item.append(field(call, index, place, parameter));
  dragging(item, index, calls);
  return item;
}

/** One argument: a field of the right kind, with a slider where there is a range. */
function field(call, index, place, parameter) {
  const id = `filter-${index}-${place}`;
  const set = (value) => {
    while (call.args.length <= place) call.args.push("");
    call.args[place] = value;
    // An argument cannot be left out before one that is given.
    catalog.get(call.name).parameters.slice(0, place).forEach((before, at) => { if (!call.args[at]) call.args[at] = before.default ?? ""; });
    changed();
  };
  const value = call.args[place] ?? "";
  const label = make("label", { htmlFor: id, title: parameter.description }, parameter.name);
  const inputs = make("span", { className: "inputs" });
  const hint = { id, title: parameter.description, required: parameter.required, placeholder: parameter.default ?? "" };
  if (parameter.type === "boolean") {
    const choice = make("select", { id, title: parameter.description, onchange: () => set(choice.value) },
      make("option", { value: "" }, `as usual (${parameter.default ?? "false"})`), make("option", { value: "true" }, "true"), make("option", { value: "false" }, "false"));
    choice.value = value === "1" ? "true" : value === "0" ? "false" : value.toLowerCase();
    inputs.append(choice);
  } else {
    const text = make("input", { ...hint, value, spellcheck: false, autocomplete: "off", oninput: () => { set(text.value); if (twin) twin.value = twin.type === "color" ? colorOf(text.value) : text.value; } });
    if (parameter.type === "integer" || parameter.type === "decimal") text.inputMode = "decimal";
    inputs.append(text);
    const twin = twinOf(parameter, value, (next) => { text.value = next; set(next); });
    if (twin) inputs.append(twin);
  }
  return make("div", { className: "field" }, label, inputs);
}

/** A second way to set the same value: a slider for ranges, a palette for colors. */
function twinOf(parameter, value, set) {
  const { range } = parameter;
  if (range && range.max !== undefined) {
    const slider = make("input", { type: "range", min: range.min, max: range.max, step: parameter.type === "decimal" ? "0.1" : "1", "aria-label": `${parameter.name}, as a slider`, oninput: () => set(slider.value) });
    slider.value = value || parameter.default || range.min;
    return slider;
  }
  if (/colou?r/.test(parameter.name)) {
    const palette = make("input", { type: "color", "aria-label": `${parameter.name}, from a palette`, oninput: () => set(palette.value.slice(1)) });
    palette.value = colorOf(value);
    return palette;
  }
  return null;
}

function colorOf(text) {
  const hex = text.replace(/^#/, "");
  if (/^[0-9a-f]{6}$/i.test(hex)) return `#${hex}`;
  if (/^[0-9a-f]{3}$/i.test(hex)) return `#${[...hex].map((c) => c + c).join("")}`;
  return "#808080";
}

/** Cards change places by being dragged at their grip. */
function dragging(item, index, calls) {
  const grip = item.querySelector(".grip");
  grip.onpointerdown = (event) => {
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    const cards = [...$("filters").children];
    let target = index;
    grip.onpointermove = ({ clientY }) => {
      target = cards.filter((card, at) => at !== index && clientY > card.getBoundingClientRect().top + card.offsetHeight / 2).length;
      cards.forEach((card, at) => card.classList.toggle("over", at === (target < index ? target : target + 1)));
    };
    grip.onpointerup = grip.onpointercancel = ({ type }) => {
      grip.onpointermove = grip.onpointerup = grip.onpointercancel = null;
      cards.forEach((card) => card.classList.remove("over"));
      if (type === "pointerup") move(calls, index, target);
    };
  };
}
