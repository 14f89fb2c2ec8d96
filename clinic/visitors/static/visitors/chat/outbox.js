/** Messages on their way to the clinic, sent one after the other, each under one id for all attempts. */

import { Refusal } from "./api.js";
import { readUnsent, writeUnsent } from "./storage.js";

/** @typedef {import("./storage.js").Unsent} Unsent */

/**
 * @typedef {object} Courier
 * @property {(item: Unsent, state: "sending" | "waiting" | "failed", detail?: string) => void} onState
 * @property {(item: Unsent, createdAt: string) => void} onStored
 * @property {(item: Unsent, refusal: Refusal) => void} onRefused it will never be accepted as it is
 */

const LONGEST_PAUSE_MS = 30_000;

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
    this.busy = false;
    this.failures = 0;
    this.timer = 0;
  }

  /**
   * Send for this conversation from now on, and drop what belonged to another.
   * @param {import("./storage.js").Session} session
   */
  use(session) {
    this.session = session;
    this.#keep(this.items.filter((item) => item.conversation === session.conversation));
  }

  /**
   * @param {string} text
   * @param {{seq: number, button: number}} [choice]
   * @returns {Unsent}
   */
  add(text, choice) {
    const item = { id: newId(), conversation: this.session?.conversation ?? "", text, ...(choice ? { choice } : {}) };
    this.#keep([...this.items, item]);
    return item;
  }

  /**
   * The clinic has it, whichever way we learned so.
   * @param {string} id
   */
  remove(id) {
    if (this.items.some((item) => item.id === id)) this.#keep(this.items.filter((item) => item.id !== id));
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
    if (!navigator.onLine) {
      this.items.forEach((waiting) => this.courier.onState(waiting, "waiting"));
      return false;
    }
    this.courier.onState(item, "sending");
    try {
      const content = item.choice ? { choice: item.choice } : { text: item.text };
      const { created_at: createdAt } = await this.api.send(session.token, { id: item.id, ...content });
      this.failures = 0;
      if (this.session !== session) return true;
      this.remove(item.id);
      this.courier.onStored(item, createdAt);
      return true;
    } catch (error) {
      return this.session !== session || this.#failed(item, error);
    }
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
    const detail = error instanceof Refusal ? error.message : "";
    const state = navigator.onLine ? "failed" : "waiting";
    this.items.forEach((waiting) => this.courier.onState(waiting, state, waiting === item ? detail : ""));
    const asked = error instanceof Refusal ? error.retryAfter * 1000 : 0;
    this.timer = setTimeout(() => this.flush(), Math.max(asked, Math.min(LONGEST_PAUSE_MS, 2000 * 2 ** this.failures)));
    this.failures += 1;
    return false;
  }

  /** @param {Unsent[]} items */
  #keep(items) {
    this.items = items;
    writeUnsent(items);
  }
}

/** @returns {string} a random UUID; randomUUID itself exists only on pages that came over https or from this machine */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
