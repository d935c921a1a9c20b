// Signatures as Thumbor and its kin make them: an HMAC over the path after the first segment, in URL-safe Base64.

/** Whether this page may compute at all: browsers allow it over HTTPS and on localhost only. */
export const canSign = Boolean(globalThis.crypto?.subtle);

/** The first segment of a path: `unsafe` without a key. `scheme` is the server's: a hash, and how much of it is used. */
export async function firstSegment(key, options, { hash, length }) {
  if (!key) return "unsafe";
  const bytes = (text) => new TextEncoder().encode(text);
  const secret = await crypto.subtle.importKey("raw", bytes(key), { name: "HMAC", hash }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", secret, bytes(options)));
  const text = btoa(String.fromCharCode(...mac)).replaceAll("+", "-").replaceAll("/", "_");
  return length ? text.slice(0, length) : text;
}
