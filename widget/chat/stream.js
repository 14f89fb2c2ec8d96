/** Keeps a conversation up to date: an event stream while the line holds, and asking again and again while it does not. */

import { authorization, Patience, pauseAfter, Refusal, refusalOf } from "./api.js";

/** @typedef {import("./api.js").Message} Message */

// The server answers at once, and then sends a sign of life every 15 seconds: a line that is silent for longer is dead.
const CONNECTED_MS = 5_000;
const SILENCE_MS = 20_000;
// What the server has stored comes with the stream within some milliseconds, unless the stream is dead.
const LATE_MS = 1_500;
// A stream that held this long was a good one: what comes after it starts with short pauses again.
const GOOD_STREAM_MS = 5_000;

/**
 * Cut a text into server-sent events.
 * @param {string} text
 * @returns {{events: {event: string, data: string}[], rest: string}} rest: the beginning of an event still to come
 */
export function parseEvents(text) {
  const blocks = text.replace(/\r\n?/g, "\n").split("\n\n");
  const rest = blocks.pop() ?? "";
  const events = [];
  for (const block of blocks) {
    let event = "message";
    const data = [];
    for (const line of block.split("\n")) {
      const [, field, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (field === "event") event = value;
      if (field === "data") data.push(value);
    }
    if (data.length) events.push({ event, data: data.join("\n") });
  }
  return { events, rest };
}

/**
 * @typedef {object} Listener
 * @property {(message: Message) => void} onMessage every message once, in order
 * @property {(who: "bot" | "staff", on: boolean, name: string | null) => void} onTyping
 * @property {(owner: string, name: string | null) => void} onOwner bot, waiting, staff (with a name) or closed
 * @property {(up: boolean) => void} onLine
 * @property {(refusal: Refusal) => void} onGone the conversation is over; nothing more comes
 */

/** Follows one conversation until it is stopped. */
export class Feed {
  /**
   * @param {import("./api.js").Api} api
   * @param {Listener} listener
   */
  constructor(api, listener) {
    this.api = api;
    this.listener = listener;
    this.token = "";
    this.last = 0;
    this.failures = 0;
    /** @type {AbortController | null} */
    this.running = null;
    /** @type {Patience | null} the request under way */
    this.attempt = null;
    /** @type {() => void} */
    this.wakeUp = () => {};
  }

  /**
   * @param {string} token
   * @param {number} after seq of the last message that is known already
   */
  start(token, after) {
    this.stop();
    this.token = token;
    this.last = after;
    this.failures = 0;
    this.running = new AbortController();
    void this.#follow(this.running.signal);
  }

  stop() {
    this.running?.abort();
    this.running = null;
    this.hurry();
  }

  /** Connect anew at once instead of waiting out a pause; for when the line may be back, or another one. */
  hurry() {
    this.failures = 0;
    this.attempt?.end();
    this.wakeUp();
  }

  /**
   * The server has stored this message, so the stream has to bring it.
   * @param {number} seq
   */
  expect(seq) {
    const { running } = this;
    // If this waits, it waits no longer: there is a line.
    this.wakeUp();
    setTimeout(() => {
      if (running === this.running && this.last < seq) this.hurry();
    }, LATE_MS);
  }

  /** Ask once beside the stream, in case something between here and there holds the stream back. */
  async check() {
    const signal = this.running?.signal;
    const known = this.last;
    if (signal) await this.#poll(signal, true).catch(() => {});
    // What the stream should have brought.
    if (signal === this.running?.signal && this.last > known) this.attempt?.end();
  }

  /** @param {AbortSignal} signal */
  async #follow(signal) {
    while (!signal.aborted) {
      const began = Date.now();
      try {
        await this.#readStream(signal);
      } catch (error) {
        if (this.#isOver(error, signal)) return;
      }
      if (Date.now() - began > GOOD_STREAM_MS) this.failures = 0;
      try {
        await this.#poll(signal);
      } catch (error) {
        if (this.#isOver(error, signal)) return;
        this.listener.onLine(false);
      }
      await this.#pause(signal);
    }
  }

  /**
   * @param {unknown} error
   * @param {AbortSignal} signal
   * @returns {boolean} whether to stop for good
   */
  #isOver(error, signal) {
    if (signal.aborted) return true;
    if (!(error instanceof Refusal) || !error.conversationGone) return false;
    this.stop();
    this.listener.onGone(error);
    return true;
  }

  /** @param {AbortSignal} signal */
  async #readStream(signal) {
    const patience = new Patience(CONNECTED_MS);
    this.attempt = patience;
    try {
      const response = await fetch(`${this.api.base}/stream?after=${this.last}`, {
        headers: { ...authorization(this.token), Accept: "text/event-stream" },
        cache: "no-store",
        credentials: "omit",
        signal: patience.signal,
      });
      if (!response.ok || !response.body) throw await refusalOf(response);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        if (signal.aborted) return;
        patience.renew(SILENCE_MS);
        this.listener.onLine(true);
        const { events, rest } = parseEvents(text + part.value);
        text = rest;
        events.forEach((event) => this.#take(event));
      }
    } finally {
      patience.end();
    }
  }

  /** @param {{event: string, data: string}} event */
  #take({ event, data }) {
    const told = JSON.parse(data);
    if (event === "message") this.#deliver(told);
    if (event === "typing") this.listener.onTyping(told.who, told.on === true, told.name ?? null);
    if (event === "owner") this.listener.onOwner(told.owner, told.name ?? null);
  }

  /**
   * @param {AbortSignal} signal
   * @param {boolean} [beside] while the stream is open
   */
  async #poll(signal, beside = false) {
    for (;;) {
      const patience = new Patience();
      if (!beside) this.attempt = patience;
      const found = await this.api.messages(this.token, this.last, patience);
      const { messages, last_seq: lastSeq, owner, owner_name: name } = found;
      if (signal.aborted) return;
      this.listener.onLine(true);
      this.listener.onOwner(owner, name);
      messages.forEach((message) => this.#deliver(message));
      // An answer comes in portions; messages that are not for the visitor leave gaps.
      if (!messages.length || this.last >= lastSeq) return;
    }
  }

  /** @param {Message} message */
  #deliver(message) {
    if (message.seq <= this.last) return;
    this.last = message.seq;
    this.listener.onMessage(message);
  }

  /** @param {AbortSignal} signal */
  async #pause(signal) {
    const pause = pauseAfter(this.failures);
    this.failures += 1;
    if (signal.aborted) return;
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, pause);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  }
}
