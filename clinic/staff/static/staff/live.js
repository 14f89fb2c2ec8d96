/**
 * Tells the page what is new: `live:queue`, `live:conversation` and `live:typing` on the body.
 *
 * The news come from the stream; while it is down the page asks every ten seconds. A page that is hidden for long rests
 * and catches up when it is looked at again.
 */

/** @typedef {Record<string, number>} Counts */
/** @typedef {{id: string, last_seq: number | null}} Position */
/** @typedef {{counts: Counts, conversation: Position | null}} Now */

const POLL_MS = 10_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;
// The server sends a sign of life every 15 seconds.
const SILENCE_MS = 40_000;
const REST_AFTER_MS = 60_000;
// However much comes in, the queue is not drawn more often than this.
const QUEUE_MS = 2_000;
const NO_LONGER_LOGGED_IN = 401;
const FORBIDDEN = 403;

export class Live {
  /**
   * @param {string} address of the stream
   * @param {() => boolean} isNeededHidden whether this page has to hear of news even while nobody looks at it
   */
  constructor(address, isNeededHidden) {
    this.address = address;
    this.isNeededHidden = isNeededHidden;
    /** @type {EventSource | null} */
    this.source = null;
    this.isOver = false;
    this.isResting = false;
    this.failures = 0;
    this.pollTimer = 0;
    this.retryTimer = 0;
    this.silenceTimer = 0;
    this.restTimer = 0;
    this.queueTimer = 0;
    this.queueShownAt = 0;
    /** @type {Counts | null} what the page was drawn with */
    this.drawn = JSON.parse(document.body.dataset.counts ?? "null");
    this.drawnSeq = shown()?.dataset.lastSeq ?? "";
    /** @type {Counts} */
    this.counts = {};
  }

  start() {
    if (!this.address) return;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#hidden() : this.#seen()));
    window.addEventListener("pagehide", () => this.#close());
    window.addEventListener("pageshow", (event) => event.persisted && this.#wake());
    window.addEventListener("online", () => this.#wake());
    document.body.addEventListener("htmx:configRequest", markBackground);
    this.#open();
  }

  /** @param {string} [extra] */
  #url(extra = "") {
    const conversation = shown()?.dataset.conversation ?? "";
    const query = [conversation && `conversation=${encodeURIComponent(conversation)}`, extra].filter(Boolean).join("&");
    return query ? `${this.address}?${query}` : this.address;
  }

  #open() {
    this.#close();
    if (this.isOver) return;
    const source = new EventSource(this.#url());
    this.source = source;
    source.addEventListener("open", () => this.#up());
    source.addEventListener("error", () => this.#down());
    source.addEventListener("alive", () => this.#alive());
    this.#on(source, "queue", (counts) => this.#tellQueue(counts));
    this.#on(source, "conversation", (position) => this.#tellConversation(position));
    this.#on(source, "typing", (typing) => emit("live:typing", typing));
    this.#alive();
  }

  /**
   * @param {EventSource} source
   * @param {string} kind
   * @param {(data: any) => void} take
   */
  #on(source, kind, take) {
    source.addEventListener(kind, (event) => {
      this.#alive();
      take(JSON.parse(/** @type {MessageEvent} */ (event).data));
    });
  }

  #close() {
    this.source?.close();
    this.source = null;
    for (const timer of [this.pollTimer, this.retryTimer, this.silenceTimer]) clearTimeout(timer);
    this.pollTimer = 0;
  }

  #up() {
    this.failures = 0;
    clearTimeout(this.pollTimer);
    this.pollTimer = 0;
    showState(true);
  }

  #alive() {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => this.#down(), SILENCE_MS);
  }

  #down() {
    this.source?.close();
    this.source = null;
    clearTimeout(this.silenceTimer);
    showState(false);
    const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    clearTimeout(this.retryTimer);
    // Not all at once when a server comes back to many pages.
    this.retryTimer = setTimeout(() => this.#open(), pause * (0.75 + Math.random() / 2));
    if (!this.pollTimer) this.#poll();
  }

  #poll() {
    this.pollTimer = setTimeout(() => this.#poll(), POLL_MS);
    void this.#ask().catch(() => {});
  }

  async #ask() {
    const response = await fetch(this.#url("once=1"), { cache: "no-store", headers: { Accept: "application/json" } });
    if (response.status === NO_LONGER_LOGGED_IN) return this.#leave();
    if (response.status === FORBIDDEN) return this.#stop();
    if (!response.ok) return undefined;
    /** @type {Now} */
    const now = await response.json();
    this.#tellQueue(now.counts);
    if (now.conversation) this.#tellConversation(now.conversation);
    return undefined;
  }

  /** The session is over: what the page shows is for nobody any more. */
  #leave() {
    this.#stop();
    location.reload();
  }

  #stop() {
    this.isOver = true;
    this.#close();
  }

  /** @param {Counts} counts */
  #tellQueue(counts) {
    this.counts = counts;
    const isKnown = this.drawn !== null && same(this.drawn, counts);
    this.drawn = null;
    if (isKnown || this.queueTimer) return;
    const wait = Math.max(0, this.queueShownAt + QUEUE_MS - Date.now());
    this.queueTimer = setTimeout(() => {
      this.queueTimer = 0;
      this.queueShownAt = Date.now();
      emit("live:queue", this.counts);
    }, wait);
  }

  /** @param {Position} position */
  #tellConversation(position) {
    const isKnown = this.drawnSeq === String(position.last_seq);
    this.drawnSeq = "";
    if (!isKnown) emit("live:conversation", position);
  }

  #hidden() {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => this.#rest(), REST_AFTER_MS);
  }

  #rest() {
    if (!document.hidden) return;
    if (this.isNeededHidden()) return this.#hidden();
    this.isResting = true;
    this.#close();
  }

  #seen() {
    clearTimeout(this.restTimer);
    if (this.isResting) this.#wake();
  }

  /** Take the stream up again and ask at once for what was missed. */
  #wake() {
    this.isResting = false;
    this.failures = 0;
    this.drawn = null;
    this.drawnSeq = "";
    if (this.isOver) return;
    this.#open();
    void this.#ask().catch(() => {});
  }
}

/** Return the element that says which conversation the page shows. */
function shown() {
  const found = document.querySelector("[data-conversation]");
  return found instanceof HTMLElement ? found : null;
}

/**
 * @param {string} name
 * @param {unknown} detail
 */
function emit(name, detail) {
  document.body.dispatchEvent(new CustomEvent(name, { detail }));
}

/**
 * @param {Counts} one
 * @param {Counts} other
 */
function same(one, other) {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

/** @param {boolean} isUp */
function showState(isUp) {
  for (const place of document.querySelectorAll("[data-live]")) {
    if (!(place instanceof HTMLElement)) continue;
    place.hidden = false;
    place.classList.toggle("live--down", !isUp);
    place.textContent = isUp ? "Live" : "Looking every 10 seconds";
  }
}

/**
 * What the page asks for by itself is not the work of a person, so it keeps no session alive.
 * @param {Event} event
 */
function markBackground(event) {
  const { triggeringEvent, headers } = /** @type {CustomEvent} */ (event).detail;
  if (triggeringEvent?.type?.startsWith("live:")) headers.Background = "1";
}
