/** Requests of our own that change something. */

/**
 * Post without content, with the token that shows that the page is ours.
 * @param {string} address
 */
export function post(address) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  return fetch(address, { method: "POST", headers, credentials: "same-origin" });
}
