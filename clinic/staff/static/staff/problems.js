/** Says so when a part of the page could not be loaded or saved. */

const SHOWN_MS = 12_000;
let timer = 0;

/** Listen to what goes wrong. */
export function startProblems() {
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = /** @type {CustomEvent<{xhr: XMLHttpRequest}>} */ (event).detail;
    // A session that has ended answers with the login page, which belongs on a page of its own.
    if (!xhr.responseURL || !new URL(xhr.responseURL).pathname.startsWith("/staff/login")) return;
    event.preventDefault();
    location.reload();
  });
  document.body.addEventListener("htmx:responseError", (event) => {
    const { xhr } = /** @type {CustomEvent<{xhr: XMLHttpRequest}>} */ (event).detail;
    say(sentence(xhr.status));
  });
  document.body.addEventListener("htmx:sendError", () => {
    say("The server does not answer. What you wrote is still here; please try again in a moment.");
  });
}

/** @param {number} status */
function sentence(status) {
  if (status === 403) return "You may not do this, or the page is too old. Reload it and try again.";
  if (status === 404) return "This is not there any more. Reload the page.";
  return "That did not work. Reload the page and try again.";
}

/** @param {string} text */
function say(text) {
  const place = document.getElementById("problem");
  if (!place) return;
  place.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => (place.textContent = ""), SHOWN_MS);
}
