/** Messages on their way to the clinic, sent one after the other, each under one id for all attempts. */

import { Patience, pauseAfter, Refusal, TOLD_AFTER_FAILURES } from "./api.js";
import { readSession, readUnsent, writeUnsent } from "./storage.js";

/** @typedef {import("./storage.js").Unsent} Unsent */

/**
 * @typedef {object} Courier
 * @property {(item: Unsent, state: "sending" | "waiting" | "failed", detail?: string, wait?: number) => void} onState
 *   detail: the clinic's sentence; wait: milliseconds until the next try
 * @property {(item: Unsent, createdAt: string, seq: number) => void} onStored
 * @property {(item: Unsent, refusal: Refusal) => void} onRefused it will never be accepted as it is
 */

// An attempt on a dead line is given up soon; whose line is slow has more time with the next one.
const ATTEMPT_MS = 4_000;
const LONGEST_ATTEMPT_MS = 30_000;

/** The messages of one tab that the clinic has not acknowledged yet. */
export class Outbox {
  /**
   * @param {import("./api.js").Api} api
   * @param {Courier} courier
   */
  constructor(api, courier) {
    this.api = api;
    this.courier = courier;
    /** @type {import("./storage.js").Session | null} */
    this.session = null;
    this.items = readUnsent();
    /** @type {Patience | null} the attempt under way */
    this.attempt = null;
    this.busy = false;
    this.failures = 0;
    this.patience = ATTEMPT_MS;
    this.timer = 0;
  }

  /**
   * Send for this conversation from now on what was written for it or for none yet.
   * @param {import("./storage.js").Session | null} session
   * @returns {Unsent[]} what belonged to another, which is given up
   */
  use(session) {
    this.session = session;
    const conversation = session?.conversation ?? "";
    const isOurs = (/** @type {Unsent} */ item) => !item.conversation || item.conversation === conversation;
    const others = this.items.filter((item) => !isOurs(item));
    this.#keep(this.items.filter(isOurs).map((item) => ({ ...item, conversation })));
    return others;
  }

  /**
   * @param {string} text
   * @param {{seq: number, button: number}} [choice]
   * @returns {Unsent}
   */
  add(text, choice) {
    const item = { id: newId(), conversation: readSession()?.conversation ?? "", text, ...(choice ? { choice } : {}) };
    this.#keep([...this.items, item]);
    return item;
  }

  /**
   * The clinic has it, whichever way we learned so.
   * @param {string} id
   */
  remove(id) {
    if (!this.items.some((item) => item.id === id)) return;
    // Only the first is ever under way. Its answer is lost, or needs no waiting for.
    if (this.items[0].id === id) this.attempt?.end();
    this.#keep(this.items.filter((item) => item.id !== id));
  }

  /**
   * Give up what has not been sent.
   * @returns {Unsent[]} oldest first
   */
  takeBack() {
    const items = this.items;
    this.#keep([]);
    return items;
  }

  /** Try to send everything, oldest first. */
  async flush() {
    clearTimeout(this.timer);
    if (this.busy || !this.session) return;
    this.busy = true;
    try {
      while (this.items.length && (await this.#sendFirst()));
    } finally {
      this.busy = false;
    }
  }

  /** @returns {Promise<boolean>} whether to go on with the next one */
  async #sendFirst() {
    const [item] = this.items;
    const session = this.session;
    if (!session) return false;
    if (this.failures < TOLD_AFTER_FAILURES) this.courier.onState(item, navigator.onLine ? "sending" : "waiting");
    this.attempt = new Patience(this.patience);
    try {
      const content = item.choice ? { choice: item.choice } : { text: item.text };
      const stored = await this.api.send(session.token, { id: item.id, ...content }, this.attempt);
      this.#works();
      if (this.session !== session) return true;
      this.attempt = null;
      this.remove(item.id);
      this.courier.onStored(item, stored.created_at, stored.seq);
      return true;
    } catch (error) {
      if (this.session === session && this.items[0]?.id === item.id) return this.#failed(item, error);
      // It has come back with the stream meanwhile, or is wanted no more.
      this.#works();
      return true;
    } finally {
      this.attempt = null;
    }
  }

  #works() {
    this.failures = 0;
    this.patience = ATTEMPT_MS;
  }

  /**
   * @param {Unsent} item
   * @param {unknown} error
   * @returns {boolean} whether to go on with the next one
   */
  #failed(item, error) {
    if (error instanceof Refusal && !error.passing) {
      this.remove(item.id);
      this.courier.onRefused(item, error);
      return !error.conversationGone;
    }
    const refusal = error instanceof Refusal ? error : null;
    const wait = Math.max(pauseAfter(this.failures), (refusal?.retryAfter ?? 0) * 1000);
    this.timer = setTimeout(() => this.flush(), wait);
    this.failures += 1;
    const isSlow = error instanceof DOMException && error.name === "AbortError";
    this.patience = isSlow ? Math.min(LONGEST_ATTEMPT_MS, 2 * this.patience) : ATTEMPT_MS;
    if (!navigator.onLine) this.items.forEach((waiting) => this.courier.onState(waiting, "waiting"));
    else if (refusal || this.failures >= TOLD_AFTER_FAILURES) {
      this.items.forEach((waiting) =>
        this.courier.onState(waiting, "failed", waiting === item ? refusal?.message : "", wait),
      );
    }
    return false;
  }

  /** @param {Unsent[]} items */
  #keep(items) {
    this.items = items;
    writeUnsent(items);
  }
}

/**
 * @returns {string} a random UUID; randomUUID itself exists only on pages that came over https or from this machine, while
 *   the address of a blob ends with one everywhere (https://www.w3.org/TR/FileAPI/#unicodeBlobURL)
 */
export function newId() {
  return crypto.randomUUID?.() ?? URL.createObjectURL(new Blob()).slice(-36);
}
