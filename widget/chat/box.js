/** Where the visitor writes. What stands there is never lost: not by a reload, a refusal or a text that is too long. */

import { part, write } from "./dom.js";
import { readDraft, writeDraft } from "./storage.js";
import { fill, settings, strings } from "./strings.js";

const LONGEST_TEXT = 6_000;
// From here on the box is as high as it gets, and need not be measured.
const TALL_TEXT = 600;

/** @type {HTMLTextAreaElement} */
const field = part("box");

/**
 * Take over the box, in which somebody may have begun to write already.
 * @param {object} writer
 * @param {(text: string) => void} writer.onSend
 * @param {(text: string) => void} writer.onTyping what stands in the box has changed
 */
export function openBox({ onSend, onTyping }) {
  const submit = () => {
    const text = field.value;
    if (!text.trim()) setProblem(strings.emptyMessage);
    else if (checkLength()) onSend(text);
    focusBox();
  };
  field.addEventListener("input", () => {
    checkLength();
    keepBox();
    onTyping(field.value);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  part("form").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    submit();
  });
  giveBack(readDraft());
}

/** Put the keyboard's focus where one goes on; on a touch screen the keyboard would cover what there is to read. */
export function focusBox() {
  const isTouched = window.matchMedia("(pointer: coarse)").matches && document.activeElement !== field;
  (isTouched ? part("panel") : field).focus();
}

/** @param {string} text goes back into the box, before what stands there */
export function giveBack(text) {
  const there = field.value;
  if (!text || there.startsWith(text)) return;
  field.value = there ? `${text}\n${there}` : text;
  keepBox();
}

/** The text has been sent. */
export function emptyBox() {
  field.value = "";
  setProblem("");
  keepBox();
}

/** @param {string} text why a message was refused; "" for nothing to say */
export function setProblem(text) {
  write(part("problem"), text);
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

/** Have the text kept by the browser, for the next page of this tab, and the box as high as the text. */
function keepBox() {
  const { style, value } = field;
  writeDraft(value);
  style.height = "auto";
  // The style sheet says how high it may be.
  style.height = value.length > TALL_TEXT ? "100vh" : `${field.scrollHeight + 2}px`;
}

/** @returns {boolean} whether the text is short enough; if not, it is said by how much */
function checkLength() {
  const { value } = field;
  // The clinic counts characters, of which some are two units here.
  const count = value.length > LONGEST_TEXT ? [...value].length - LONGEST_TEXT : 0;
  const values = { count: count && count.toLocaleString(settings.language), number: settings.phones.emergency };
  setProblem(count > 0 ? fill(strings.tooLong, values) : "");
  return count <= 0;
}
