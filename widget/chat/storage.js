/** What the browser remembers: the key to the conversation, what still waits to be sent, and what is being written. */

/**
 * @typedef {object} Session
 * @property {string} conversation id of the conversation
 * @property {string} token opens it at the visitor API
 * @property {number} seen seq of the last message that was on the screen
 * @property {boolean} [rated] whether the visitor has said what they made of it
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
const DRAFT = "clinic-chat-draft";

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
      try {
        if (value === null) window[name].removeItem(key);
        else window[name].setItem(key, JSON.stringify(value));
        // Another tab may remove it: what this one remembered must not come back.
        memory.delete(key);
      } catch {
        // Blocked or full: the memory has it.
        memory.set(key, value);
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

/** @returns {string | undefined} the id under which a conversation is being begun, from before the answer on */
export function readBeginning() {
  return shared.get(SESSION)?.begun;
}

/** @param {string} id */
export function writeBeginning(id) {
  shared.set(SESSION, { begun: id });
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

/** @returns {string} what stood in the box of this tab */
export function readDraft() {
  const kept = own.get(DRAFT);
  return typeof kept === "string" ? kept : "";
}

/** @param {string} text */
export function writeDraft(text) {
  own.set(DRAFT, text || null);
}
