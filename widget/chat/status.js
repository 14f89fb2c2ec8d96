/** What is said beside the conversation: about the line, and who is typing. */

import { part, write } from "./dom.js";
import { fill, strings } from "./strings.js";

const NOTICE_MS = 4_000;
// Whoever of the staff types on says so again every few seconds.
const TYPING_LONGEST_MS = { bot: 20_000, staff: 10_000 };

let statusTimer = 0;
let typingTimer = 0;

/** @param {string} text stays until something else is to be said; "" for nothing */
export function setStatus(text) {
  clearTimeout(statusTimer);
  write(part("status"), text);
}

/** @param {string} text goes away by itself */
export function notice(text) {
  setStatus(text);
  statusTimer = setTimeout(() => setStatus(""), NOTICE_MS);
}

export function hideTyping() {
  clearTimeout(typingTimer);
  part("typing").hidden = true;
}

/**
 * @param {"bot" | "staff"} who
 * @param {string | null} name
 */
export function showTyping(who, name) {
  hideTyping();
  const staff = name ? fill(strings.typingStaffNamed, { name }) : strings.typingStaff;
  const sign = part("typing");
  sign.lastChild.textContent = who === "staff" ? staff : strings.typing;
  sign.hidden = false;
  typingTimer = setTimeout(hideTyping, TYPING_LONGEST_MS[who]);
}
