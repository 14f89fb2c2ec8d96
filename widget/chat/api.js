/** The visitor API, as `openapi.yaml` describes it. */

/**
 * @typedef {object} Message
 * @property {number} seq
 * @property {"visitor" | "bot" | "staff" | "system"} sender
 * @property {string | null} author the name of who of the staff wrote it
 * @property {string} text
 * @property {{title: string}[]} buttons
 * @property {{document: string, passage: string}[]} sources
 * @property {boolean} label_pending
 * @property {string | null} id the id that the visitor's message was sent with
 * @property {string} created_at
 */

/**
 * @typedef {object} Practice
 * @property {string} now ISO 8601
 * @property {boolean} open
 * @property {string | null} changes_at when that changes, if it ever does
 * @property {string} time_zone
 */

// An answer takes some milliseconds. A line that keeps one waiting for longer is tried anew, as every request may be.
const PATIENCE_MS = 8_000;

// What fails for a moment only is not worth a word.
export const TOLD_AFTER_FAILURES = 4;

/** Ends a request on a line that is silent for too long. */
export class Patience {
  /** @param {number} [ms] */
  constructor(ms = PATIENCE_MS) {
    this.controller = new AbortController();
    this.signal = this.controller.signal;
    this.timer = 0;
    this.renew(ms);
  }

  /** @param {number} ms so long from now */
  renew(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end(), ms);
  }

  end() {
    clearTimeout(this.timer);
    this.controller.abort();
  }
}

/**
 * How long to wait before trying again, in milliseconds: at most a twentieth of the time that it has not worked, so that a
 * short cut is over at once and a long one costs little; and not the same for all who wait for one server.
 * @param {number} failures how often it has failed in a row, from 0
 */
export function pauseAfter(failures) {
  return Math.min(20_000, 250 * 1.04 ** failures) * (0.5 + Math.random() / 2);
}

/** The API refused; `message` is its sentence for the visitor, or "" when it gave none. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} detail
   * @param {number} retryAfter seconds to wait, 0 when not said
   */
  constructor(status, code, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** Whether the conversation is over or its token is worth nothing any more. */
  get conversationGone() {
    return this.isOurs && [401, 403, 404, 410].includes(this.status);
  }

  /** Whether the clinic has closed the conversation, which can still be read for a while. */
  get conversationClosed() {
    return this.code === "conversation_closed";
  }

  /** Whether the clinic has said so, and not something between here and there. */
  get isOurs() {
    return this.code !== "";
  }

  /** Whether the same request may go well later. */
  get passing() {
    return !this.isOurs || this.status === 429 || this.status >= 500;
  }
}

/** @param {Response} response */
export async function refusalOf(response) {
  /** @type {{code?: string, detail?: string}} */
  const problem = await response.json().catch(() => ({}));
  const wait = Number(response.headers.get("Retry-After")) || 0;
  return new Refusal(response.status, problem.code ?? "", problem.detail ?? "", wait);
}

/**
 * @param {string} url
 * @param {RequestInit} options
 * @param {Patience} [patience]
 * @returns {Promise<any>} the decoded answer; rejects with a Refusal, or a TypeError or DOMException without a line
 */
async function call(url, options, patience = new Patience()) {
  try {
    const response = await fetch(url, {
      cache: "no-store",
      credentials: "omit",
      signal: patience.signal,
      ...options,
    });
    if (!response.ok) throw await refusalOf(response);
    return response.status === 204 ? null : await response.json();
  } finally {
    patience.end();
  }
}

/** @param {string} token */
export function authorization(token) {
  return { Authorization: `Bearer ${token}` };
}

/**
 * @param {object} body
 * @param {string} [token]
 */
function json(body, token) {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token ? authorization(token) : {}) },
    body: JSON.stringify(body),
  };
}

/** One address of the visitor API. */
export class Api {
  /** @param {string} base such as "/api/v1" */
  constructor(base) {
    this.base = base;
  }

  /**
   * Open a conversation, once for each id.
   * @param {string} consent the wording that the visitor has agreed to
   * @param {string} id a random UUID, the same for every attempt
   * @returns {Promise<{conversation: string, token: string, messages: Message[]}>}
   */
  begin(consent, id) {
    return call(`${this.base}/conversations`, json({ consent, id }));
  }

  /**
   * Send a message; resolves when it is stored.
   * @param {string} token
   * @param {{id: string, text: string} | {id: string, choice: {seq: number, button: number}}} message
   * @param {Patience} patience
   * @returns {Promise<{seq: number, created_at: string}>}
   */
  send(token, message, patience) {
    return call(`${this.base}/messages`, json(message, token), patience);
  }

  /**
   * Say that the visitor types, or has stopped.
   * @param {string} token
   * @param {boolean} on
   * @returns {Promise<null>}
   */
  typing(token, on) {
    return call(`${this.base}/typing`, json({ on }, token));
  }

  /**
   * @param {string} token
   * @param {number} after seq
   * @param {Patience} [patience]
   * @returns {Promise<{messages: Message[], last_seq: number, owner: string, owner_name: string | null}>}
   */
  messages(token, after, patience) {
    return call(`${this.base}/messages?after=${after}`, { headers: authorization(token) }, patience);
  }

  /**
   * End the conversation for the visitor.
   * @param {string} token
   * @returns {Promise<null>}
   */
  end(token) {
    return call(`${this.base}/end`, json({}, token));
  }

  /**
   * @param {string} token
   * @param {"good" | "bad"} value
   * @returns {Promise<null>}
   */
  rate(token, value) {
    return call(`${this.base}/rating`, json({ value }, token));
  }

  /** @returns {Promise<Practice>} */
  practice() {
    return call(`${this.base}/practice`, {});
  }
}
