/** What the clinic's service has put into this document: texts and facts. Every text stands in `strings.json`. */

/**
 * @typedef {object} Settings
 * @property {Record<string, string>} strings
 * @property {string} language BCP 47
 * @property {{phone: string, urgent: string, emergency: string, crisis: string}} phones
 * @property {string} line what the clinic itself says first, or ""
 * @property {import("./api.js").Message} greeting what the bot says before there is a conversation, and first in it
 * @property {string} consent which wording of the notice above the box was shown
 * @property {import("./api.js").Practice} practice as it was when the document was made, which is not said
 */

/** @type {Settings} */
export const settings = JSON.parse(document.getElementById("settings")?.textContent ?? "{}");

export const strings = settings.strings;

/**
 * Fill the `{name}` places of a text.
 * @param {string} text
 * @param {Record<string, string | number>} values
 * @returns {string}
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}
