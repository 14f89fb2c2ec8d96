/** Who is writing: tells the visitor that staff write, and shows staff that the visitor does. */

import { post } from "./request.js";

// Told again this often while somebody writes, and taken back by the server's clock when it stops.
const EVERY_MS = 3_000;
// A visitor whose end of writing is lost is not shown as writing for ever.
const SHOWN_MS = 10_000;

/** Listen to the reply box and to the stream. */
export function startTyping() {
  let toldAt = 0;
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLTextAreaElement) || !box.dataset.typing || !box.value.trim()) return;
    if (Date.now() - toldAt < EVERY_MS) return;
    toldAt = Date.now();
    void post(box.dataset.typing).catch(() => {});
  });
  document.addEventListener("submit", () => (toldAt = 0));
  let timer = 0;
  document.body.addEventListener("live:typing", (event) => {
    const { on } = /** @type {CustomEvent<{on: boolean}>} */ (event).detail;
    clearTimeout(timer);
    show(on);
    if (on) timer = setTimeout(() => show(false), SHOWN_MS);
  });
}

/** @param {boolean} on */
function show(on) {
  const mark = document.getElementById("visitor-typing");
  if (mark) mark.hidden = !on;
}
