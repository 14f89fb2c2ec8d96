/** Moments in words, by the clinic's clock: the visitor's may be wrong by a day. */

import { settings } from "./strings.js";

// The clinics are in the United States, where Spanish has its own way to write a time too.
const LOCALE = `${settings.language}-US`;
// A document may be kept for a while: within this, the visitor's clock is as good as any.
const PLAUSIBLE_MS = 180_000;
const TIME = /** @type {const} */ ({ hour: "numeric", minute: "2-digit" });

let ahead = 0;

/** @param {string} now what the clinic's clock shows, ISO 8601 */
export function setClock(now) {
  const difference = Date.parse(now) - Date.now();
  ahead = Math.abs(difference) < PLAUSIBLE_MS ? 0 : difference;
}

/** @returns {Date} */
export function clinicNow() {
  return new Date(Date.now() + ahead);
}

/** @type {Map<string, Intl.DateTimeFormat>} making one takes longer than using it a hundred times */
const formats = new Map();

/**
 * @param {Date} date
 * @param {Intl.DateTimeFormatOptions} options
 */
function written(date, options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(LOCALE, options));
  // "9:00 AM" is loud amid a sentence.
  return /** @type {Intl.DateTimeFormat} */ (formats.get(key)).format(date).replace(/[AP]M$/, (half) => half.toLowerCase());
}

/**
 * @param {string} moment ISO 8601
 * @returns {string} the time, with the day unless that is today, where the visitor is
 */
export function timeOf(moment) {
  const date = new Date(moment);
  const isToday = date.toDateString() === clinicNow().toDateString();
  return written(date, isToday ? TIME : { ...TIME, month: "short", day: "numeric" });
}

/**
 * @param {Date} date
 * @returns {string} day and time, where the visitor is
 */
export function dayAndTimeOf(date) {
  return written(date, { ...TIME, year: "numeric", month: "long", day: "numeric" });
}

/**
 * @param {string} moment ISO 8601
 * @param {string} timeZone the clinic's
 * @returns {{isToday: boolean, text: string}} text: the time, after the day unless that is today, in that zone
 */
export function visitTimeOf(moment, timeZone) {
  const date = new Date(moment);
  const day = /** @type {const} */ ({ timeZone, month: "long", day: "numeric" });
  const isToday = written(date, day) === written(clinicNow(), day);
  const isFar = Number(date) - Number(clinicNow()) > 6 * 86_400_000;
  const time = written(date, { timeZone, ...TIME });
  return { isToday, text: isToday ? time : `${written(date, { ...(isFar ? day : { timeZone }), weekday: "long" })}, ${time}` };
}

/**
 * @param {number} milliseconds
 * @returns {string} such as "in 30 seconds"
 */
export function inWords(milliseconds) {
  const seconds = Math.ceil(milliseconds / 1000);
  const format = new Intl.RelativeTimeFormat(LOCALE);
  return seconds < 100 ? format.format(seconds, "second") : format.format(Math.ceil(seconds / 60), "minute");
}
