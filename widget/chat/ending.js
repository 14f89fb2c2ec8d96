/** How a conversation comes to its end: asked for, confirmed, rated, and another one begun. */

import { part } from "./dom.js";

/**
 * @param {object} wishes
 * @param {() => void} wishes.onEnd
 * @param {(value: "good" | "bad") => void} wishes.onRate
 * @param {() => void} wishes.onNew
 */
export function openEnding({ onEnd, onRate, onNew }) {
  part("end").addEventListener("click", () => {
    part("menu").hidePopover();
    part("question").hidden = false;
    part("end-no").focus();
  });
  part("end-no").addEventListener("click", dismissQuestion);
  part("end-yes").addEventListener("click", () => {
    dismissQuestion();
    onEnd();
  });
  part("new").addEventListener("click", onNew);
  part("rate").addEventListener("click", (/** @type {MouseEvent} */ event) => {
    if (event.target instanceof HTMLButtonElement) onRate(event.target.value === "good" ? "good" : "bad");
  });
}

/** @returns {boolean} whether the visitor is being asked if they want the end */
export function isAsked() {
  return !part("question").hidden;
}

export function dismissQuestion() {
  part("question").hidden = true;
  part("menu-button").focus();
}

/**
 * @param {boolean} isOver
 * @param {boolean} isRated or cannot be rated
 */
export function showEnding(isOver, isRated) {
  if (isOver) part("question").hidden = true;
  part("end").hidden = isOver;
  if (part("ended").hidden === isOver) part("ended").hidden = !isOver;
  // The button that was pressed goes, so the focus goes on to the next.
  if (isRated && part("rate").contains(document.activeElement)) part("new").focus();
  part("rate").hidden = isRated;
  part("rated").hidden = !isRated;
}
