/** The reply box: canned replies go in where the cursor stands, and Ctrl+Enter sends. */

/** Listen to the canned replies and to the reply box. */
export function startReplies() {
  document.addEventListener("click", (event) => {
    const chosen = event.target instanceof Element ? event.target.closest("[data-canned]") : null;
    const box = document.querySelector("#reply-text");
    if (!(chosen instanceof HTMLElement) || !(box instanceof HTMLTextAreaElement)) return;
    event.preventDefault();
    insert(box, chosen.dataset.canned ?? "");
    chosen.closest("details")?.removeAttribute("open");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    if (!(event.target instanceof HTMLTextAreaElement) || !event.target.form || !event.target.value.trim()) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
}

/**
 * @param {HTMLTextAreaElement} box
 * @param {string} text
 */
function insert(box, text) {
  const before = box.value.slice(0, box.selectionStart);
  const gap = before.trim() && !/\n\s*$/.test(before) ? "\n\n" : "";
  box.setRangeText(gap + text, box.selectionStart, box.selectionEnd, "end");
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
