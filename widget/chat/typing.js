/** Tells the clinic that the visitor types: seldom, never what, and that they have stopped. */

const TYPING_AGAIN_MS = 3_000;
const TYPING_STOPPED_MS = 5_000;

/**
 * @param {(on: boolean) => void} tell
 * @returns {(isTyping: boolean) => void} true: a key was pressed in the box; false: the box is empty, or was sent
 */
export function watchTyping(tell) {
  let toldAt = 0;
  let timer = 0;
  const note = (/** @type {boolean} */ isTyping) => {
    clearTimeout(timer);
    if (!isTyping) {
      if (toldAt) tell(false);
      toldAt = 0;
      return;
    }
    timer = setTimeout(note, TYPING_STOPPED_MS, false);
    const now = Date.now();
    if (now - toldAt < TYPING_AGAIN_MS) return;
    toldAt = now;
    tell(true);
  };
  return note;
}
