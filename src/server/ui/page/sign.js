// Signatures as Thumbor makes them: HMAC-SHA1 over the path after the first segment, in URL-safe Base64.

/** Whether this page may compute at all: browsers allow it over HTTPS and on localhost only. */
export const canSign = Boolean(globalThis.crypto?.subtle);

/** The first segment of a path: `unsafe` without a key. */
export async function firstSegment(key, options) {
  if (!key) return "unsafe";
  const bytes = (text) => new TextEncoder().encode(text);
  const secret = await crypto.subtle.importKey("raw", bytes(key), { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", secret, bytes(options)));
  return btoa(String.fromCharCode(...mac)).replaceAll("+", "-").replaceAll("/", "_");
}
