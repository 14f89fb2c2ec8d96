/** Letters as shortcuts. They can be switched off, and do nothing while somebody writes. */

const SWITCH = "staff-keys";

/** Listen to the keyboard and show the list of keys. */
export function startKeys() {
  const help = document.getElementById("keys");
  if (!(help instanceof HTMLDialogElement)) return;
  for (const button of document.querySelectorAll("[data-help]")) {
    if (button instanceof HTMLElement) button.hidden = false;
    button.addEventListener("click", () => help.showModal());
  }
  const box = help.querySelector("input");
  if (box) {
    box.checked = isOn();
    box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  }
  document.addEventListener("keydown", (event) => press(event, help));
  keepPlace();
}

function isOn() {
  return localStorage.getItem(SWITCH) !== "off";
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLDialogElement} help
 */
function press(event, help) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]")) return;
  if (isWriting(event.target)) {
    if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
    return;
  }
  if (!isOn() || !act(event.key, help)) return;
  event.preventDefault();
}

/** @param {EventTarget | null} target */
function isWriting(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target instanceof HTMLInputElement && !/^(?:checkbox|radio|button|submit|reset)$/.test(target.type);
}

/**
 * Do what the key stands for.
 * @param {string} key
 * @param {HTMLDialogElement} help
 * @returns {boolean} whether there was something to do
 */
function act(key, help) {
  if (key === "?") {
    help.showModal();
    return true;
  }
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  if (key === "r") return focus("[data-reply], #reply-text");
  if (key === "/") return focus('[data-key="/"], input[type="search"]');
  if (key === "t" || key === "g") return use(document.querySelector(`[data-key="${key}"]`));
  if (key === "q") return use(document.querySelector(".rail nav a"));
  return false;
}

/** @param {number} by */
function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by;
  const row = rows[Math.min(Math.max(next, 0), rows.length - 1)];
  const link = row?.matches("a, [tabindex]") ? row : row?.querySelector("a, button, [tabindex]");
  if (!(link instanceof HTMLElement)) return false;
  link.focus();
  row.scrollIntoView({ block: "nearest" });
  return true;
}

/** @param {string} selector */
function focus(selector) {
  const field = document.querySelector(selector);
  if (!(field instanceof HTMLElement)) return false;
  field.closest("details")?.setAttribute("open", "");
  field.focus();
  return true;
}

/** @param {Element | null} what */
function use(what) {
  if (what instanceof HTMLFormElement) what.requestSubmit();
  else if (what instanceof HTMLElement) what.click();
  return what !== null;
}

/** Leave the focus on the row that had it when the list is drawn anew. */
function keepPlace() {
  let address = "";
  document.body.addEventListener("htmx:beforeSwap", () => {
    const row = document.activeElement?.closest("[data-row]");
    address = row ? (document.activeElement?.getAttribute("href") ?? "") : "";
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    if (!address || document.activeElement !== document.body) return;
    const link = document.querySelector(`[data-row] a[href="${CSS.escape(address)}"]`);
    if (link instanceof HTMLElement) link.focus({ preventScroll: true });
    address = "";
  });
}
