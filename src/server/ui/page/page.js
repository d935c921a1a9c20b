// Small things that all parts of the page use.

/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/** A new element: `make("button", { type: "button", onclick }, "text", child)`. */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on") || name in element) element[name] = value;
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A new element of a drawing. */
export function draw(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Bytes for people. */
export function bytes(count) {
  if (count < 1000) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(1)} KB`;
  return `${(count / 1e6).toFixed(2)} MB`;
}

/** Seconds for people. */
export function duration(seconds) {
  const unit = [[86400, "day"], [3600, "hour"], [60, "minute"]].find(([length]) => seconds >= length && seconds % length === 0) ?? [1, "second"];
  const count = seconds / unit[0];
  return `${count} ${unit[1]}${count === 1 ? "" : "s"}`;
}

/** Puts text on the clipboard and says so. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    $("copied").textContent = "Copied.";
  } catch {
    $("copied").textContent = "The browser does not let this page use the clipboard; mark the text and copy it.";
  }
  setTimeout(() => { $("copied").textContent = ""; }, 3000);
}
