/** The numbers beside the navigation and in the page's title. */

/** Keep them at what the stream says. */
export function startBadges() {
  const title = document.title;
  document.body.addEventListener("live:queue", (event) => {
    const counts = /** @type {CustomEvent<Record<string, number>>} */ (event).detail;
    document.querySelectorAll(".badge > :first-child").forEach((number) => draw(number, counts));
    retitle(title);
  });
  retitle(title);
}

/**
 * @param {Element} number
 * @param {Record<string, number>} counts
 */
function draw(number, counts) {
  const badge = number.parentElement;
  if (!badge) return;
  const names = (badge.dataset.counts ?? "").split(" ");
  const sum = names.reduce((all, name) => all + (counts[name] ?? 0), 0);
  number.textContent = String(sum);
  badge.hidden = sum === 0;
  badge.classList.toggle("badge--urgent", names.includes("emergency") && (counts.emergency ?? 0) > 0);
}

/** @param {string} title */
function retitle(title) {
  const number = document.querySelector(".menu .badge:not([hidden]) > :first-child")?.textContent;
  document.title = number ? `(${number}) ${title}` : title;
}
