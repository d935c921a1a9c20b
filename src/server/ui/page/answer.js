// What is told of an answer: its size and bytes, how long it took, what was skipped.

import { $, bytes, duration, make } from "./page.js";

const STAGES = ["fetch", "queue", "render", "encode", "store"];

/** The facts of an answer beside those of the original, of which bytes may be unknown. */
export function facts({ blob, headers, width, height, wall }, originalBytes) {
  const rows = [
    ["Size", width ? `${width} × ${height}` : "not shown by this browser"],
    ["Format", blob.type.replace(/^(image|video|text)\//, "")],
    ["Bytes", bytes(blob.size)],
  ];
  if (originalBytes) {
    const saved = (1 - blob.size / originalBytes) * 100;
    rows.push([saved < 0 ? "Larger by" : "Saved", `${Math.abs(saved).toFixed(0)} % of ${bytes(originalBytes)}`]);
  }
  rows.push(["Answered in", `${wall.toFixed(0)} ms`]);
  const cache = cacheOf(headers);
  if (cache) rows.push(["Cache", CACHE[cache] ?? cache]);
  const age = /max-age=(\d+)/.exec(headers.get("cache-control") ?? "")?.[1];
  if (age) rows.push(["May be kept", duration(Number(age))]);
  $("facts").replaceChildren(...rows.map(([name, value]) => make("div", { className: name === "Saved" ? "good" : "" }, make("dt", {}, name), make("dd", {}, value))));
}

const CACHE = { hit: "from memory", stored: "from the store", miss: "made now", coalesced: "made for another" };

const cacheOf = (headers) => /cache;desc="?([\w-]+)/.exec(headers.get("server-timing") ?? "")?.[1];

/** `Server-Timing` as a bar. */
export function timing(headers) {
  const header = headers.get("server-timing") ?? "";
  const times = [...header.matchAll(/([\w-]+);(?:desc="?[^",;]*"?;)?dur=([\d.]+)/g)]
    .map(([, name, ms]) => ({ name, ms: Number(ms) })).filter(({ name }) => name !== "total");
  const total = times.reduce((sum, { ms }) => sum + ms, 0);
  $("timing").hidden = total === 0;
  const color = (name) => `c${STAGES.includes(name) ? STAGES.indexOf(name) : 5}`;
  const bars = times.filter(({ ms }) => ms > 0).map(({ name, ms }) => {
    const bar = make("span", { className: color(name) });
    bar.style.flexGrow = String(ms / total);
    return bar;
  });
  $("timing").replaceChildren(...bars);
  const legend = times.map(({ name, ms }) => make("li", {}, make("i", { className: color(name), "aria-hidden": "true" }), `${name} ${ms.toFixed(1)} ms`));
  if (!times.length && cacheOf(headers)) legend.push(make("li", {}, "Nothing had to be fetched, decoded or encoded."));
  $("timing-legend").replaceChildren(...legend);
}

/** Filters that the server has skipped. */
export function ignored(headers) {
  const names = headers.get("tintype-ignored-filters");
  $("ignored").hidden = !names;
  $("ignored").textContent = names ? `Skipped, since their names or arguments are not right: ${names}.` : "";
}
