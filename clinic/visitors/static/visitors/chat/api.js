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

const PATIENCE_MS = 15_000;

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
    return [401, 403, 404, 410].includes(this.status);
  }

  /** Whether the clinic has closed the conversation, which can still be read for a while. */
  get conversationClosed() {
    return this.code === "conversation_closed";
  }

  /** Whether the same request may go well later. */
  get passing() {
    return this.status === 429 || this.status >= 500;
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
 * @returns {Promise<any>} the decoded answer; rejects with a Refusal, or a TypeError or DOMException without a line
 */
async function call(url, options) {
  const response = await fetch(url, {
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...options,
  });
  if (!response.ok) throw await refusalOf(response);
  return response.status === 204 ? null : response.json();
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
   * Open a conversation.
   * @returns {Promise<{conversation: string, token: string, messages: Message[]}>}
   */
  begin() {
    return call(`${this.base}/conversations`, json({}));
  }

  /**
   * Send a message; resolves when it is stored.
   * @param {string} token
   * @param {{id: string, text: string} | {id: string, choice: {seq: number, button: number}}} message
   * @returns {Promise<{seq: number, created_at: string}>}
   */
  send(token, message) {
    return call(`${this.base}/messages`, json(message, token));
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
   * @returns {Promise<{messages: Message[], last_seq: number, owner: string, owner_name: string | null}>}
   */
  messages(token, after) {
    return call(`${this.base}/messages?after=${after}`, { headers: authorization(token) });
  }
}
