/** Whether the clinic is open now, kept true for as long as the chat is there. */

import { setClock } from "./moments.js";
import { settings } from "./strings.js";

/** @typedef {import("./api.js").Practice} Practice */

const HOURS_OLD_MS = 60_000;
const HOURS_LONGEST_MS = 6 * 3_600_000;

/**
 * Show what the document says, and ask again when it changes or may have.
 * @param {import("./api.js").Api} api
 * @param {(practice: Practice) => void} show
 * @returns {() => void} to be called when somebody looks, who may have been away for long
 */
export function keepHours(api, show) {
  let timer = 0;
  let askedAt = 0;
  let isTold = false;

  const later = (/** @type {number} */ milliseconds) => {
    clearTimeout(timer);
    const wait = Math.max(HOURS_OLD_MS, Math.min(HOURS_LONGEST_MS, milliseconds));
    // Not everybody at the same moment.
    timer = setTimeout(ask, wait + Math.random() * 5_000);
  };
  const take = (/** @type {Practice} */ practice) => {
    isTold = true;
    setClock(practice.now);
    show(practice);
    // By how long it is until then, not by when it is: the visitor's clock may be wrong.
    if (practice.changes_at) later(Date.parse(practice.changes_at) - Date.parse(practice.now));
  };
  const ask = () => {
    askedAt = Date.now();
    api.practice().then(take, () => later(HOURS_OLD_MS));
  };

  idly(() => isTold || show(settings.practice));
  return () => {
    if (Math.abs(Date.now() - askedAt) > HOURS_OLD_MS) idly(ask);
  };
}

/**
 * The box comes first: a browser's first date in words takes longer than all else that stands in the document.
 * @param {() => void} work
 */
function idly(work) {
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: 2_000 });
  else setTimeout(work, 200);
}
