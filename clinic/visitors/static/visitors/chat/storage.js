/** What the browser remembers: the key to the conversation, and what still waits to be sent. */

/**
 * @typedef {object} Session
 * @property {string} conversation id of the conversation
 * @property {string} token opens it at the visitor API
 * @property {number} seen seq of the last message that was on the screen
 */

/**
 * @typedef {object} Unsent
 * @property {string} id made once and kept over every attempt, so that the message is stored once
 * @property {string} conversation
 * @property {string} text
 * @property {{seq: number, button: number}} [choice]
 */

const SESSION = "clinic-chat";
const UNSENT = "clinic-chat-unsent";
const OPEN = "clinic-chat-open";

/**
 * A shelf that keeps values in memory where the browser allows nothing else.
 * @param {"localStorage" | "sessionStorage"} name
 */
function shelf(name) {
  /** @type {Map<string, unknown>} */
  const memory = new Map();
  return {
    /** @param {string} key */
    get(key) {
      try {
        const text = window[name].getItem(key);
        if (text !== null) return JSON.parse(text);
      } catch {
        // Blocked, or not ours: the memory below decides.
      }
      return memory.get(key) ?? null;
    },
    /**
     * @param {string} key
     * @param {unknown} value null removes it
     */
    set(key, value) {
      memory.set(key, value);
      try {
        if (value === null) window[name].removeItem(key);
        else window[name].setItem(key, JSON.stringify(value));
      } catch {
        // Blocked or full: the memory has it.
      }
    },
  };
}

// Shared by the tabs. No message text goes in here: it would outlive the visit.
const shared = shelf("localStorage");
// Of this tab alone, and gone with it.
const own = shelf("sessionStorage");

/** @returns {Session | null} */
export function readSession() {
  const kept = shared.get(SESSION);
  return kept && typeof kept.token === "string" && typeof kept.conversation === "string" ? kept : null;
}

/** @param {Session | null} session */
export function writeSession(session) {
  shared.set(SESSION, session);
}

/**
 * Call back when another tab has changed the session.
 * @param {() => void} callback
 */
export function onSessionChange(callback) {
  window.addEventListener("storage", (event) => {
    if (event.key === SESSION || event.key === null) callback();
  });
}

/** @returns {Unsent[]} */
export function readUnsent() {
  const kept = own.get(UNSENT);
  return Array.isArray(kept) ? kept : [];
}

/** @param {Unsent[]} unsent */
export function writeUnsent(unsent) {
  own.set(UNSENT, unsent.length ? unsent : null);
}

/** @returns {boolean} whether the box was open in this tab */
export function readOpen() {
  return own.get(OPEN) === true;
}

/** @param {boolean} open */
export function writeOpen(open) {
  own.set(OPEN, open);
}
