/** The messages on the screen, in the order of their numbers; what is not stored yet comes last. */

import { el, icon } from "./dom.js";
import { fill, strings } from "./strings.en.js";

/** @typedef {import("./api.js").Message} Message */
/** @typedef {import("./storage.js").Unsent} Unsent */

const NAMES = { visitor: strings.you, bot: strings.bot, staff: strings.staff, system: strings.system };
const FACES = /** @type {const} */ ({ visitor: null, bot: "chat", staff: "person", system: null });

/** @param {string} moment ISO 8601 */
function clock(moment) {
  const date = new Date(moment);
  const today = date.toDateString() === new Date().toDateString();
  const day = today ? {} : /** @type {const} */ ({ month: "short", day: "numeric" });
  const text = date.toLocaleString("en-US", { hour: "numeric", minute: "2-digit", ...day });
  return el("time", { datetime: moment }, text.replace(/[AP]M$/, (half) => half.toLowerCase()));
}

/** The list of messages and the region around it that screen readers follow. */
export class Log {
  /**
   * @param {object} options
   * @param {string[]} options.phones numbers that become links wherever an answer names them
   * @param {(seq: number, button: number, title: string) => void} options.onChoice
   * @param {() => void} options.onRetry
   */
  constructor({ phones, onChoice, onRetry }) {
    this.onChoice = onChoice;
    this.onRetry = onRetry;
    this.links = linkPattern(phones);
    /** @type {Map<number, HTMLLIElement>} */
    this.stored = new Map();
    /** @type {Map<string, HTMLLIElement>} by the id they were sent with: messages of this tab, stored or not */
    this.own = new Map();
    this.list = el("ol", { class: "chat-list" });
    this.element = el(
      "div",
      {
        class: "chat-log",
        role: "log",
        "aria-live": "polite",
        "aria-relevant": "additions",
        "aria-label": strings.log,
        tabindex: 0,
        scroll: () => this.#noteScroll(),
      },
      this.list,
    );
    this.shownTop = 0;
    this.following = true;
  }

  clear() {
    this.stored.clear();
    this.own.clear();
    this.list.replaceChildren();
    this.shownTop = 0;
    this.following = true;
  }

  /** @returns {boolean} */
  get isEmpty() {
    return this.stored.size === 0;
  }

  /**
   * Let screen readers pass over what is put in until the next frame: history is not news.
   * @param {() => void} put
   */
  quietly(put) {
    this.element.setAttribute("aria-live", "off");
    put();
    requestAnimationFrame(() => setTimeout(() => this.element.setAttribute("aria-live", "polite"), 100));
  }

  /**
   * Show a stored message, once.
   * @param {Message} message
   */
  put(message) {
    if (this.stored.has(message.seq)) return;
    const mine = message.id ? this.own.get(message.id) : undefined;
    const row = mine ?? this.#row(message.sender, message.text, message.sender === "visitor" ? null : message);
    row.dataset.seq = String(message.seq);
    if (message.sender === "visitor") this.#mark(row, "sent", "", message.created_at);
    this.stored.set(message.seq, row);
    this.#place(row, message.seq);
    this.#retireButtons();
    this.scroll();
  }

  /**
   * Show a message that is on its way, or how far it has come.
   * @param {Unsent} item
   * @param {"sending" | "waiting" | "failed"} state
   * @param {string} [detail]
   */
  putUnsent(item, state, detail = "") {
    let row = this.own.get(item.id);
    if (row?.dataset.seq) return;
    if (!row) {
      row = this.#row("visitor", item.text, null);
      this.own.set(item.id, row);
      this.list.append(row);
      this.#retireButtons();
      this.following = true;
    }
    this.#mark(row, state, detail, "");
    this.scroll();
  }

  /**
   * The clinic has acknowledged it; its number comes with the stream.
   * @param {Unsent} item
   * @param {string} createdAt
   */
  markStored(item, createdAt) {
    const row = this.own.get(item.id);
    if (row) this.#mark(row, "sent", "", createdAt);
  }

  /** @param {Unsent} item */
  dropUnsent(item) {
    this.own.get(item.id)?.remove();
    this.own.delete(item.id);
    this.#retireButtons();
  }

  /**
   * Show the newest: the end, but not past the beginning of what one reads next. That is the last question, above the
   * bot's answer to it, or what a person of the clinic has written since.
   */
  scroll() {
    if (!this.following) return;
    const end = this.element.scrollHeight - this.element.clientHeight;
    const read = this.list.querySelectorAll(".chat-row--visitor, .chat-row--staff, .chat-row--system");
    const next = /** @type {HTMLElement | undefined} */ (read[read.length - 1]);
    this.element.scrollTop = next ? Math.min(end, next.offsetTop - 12) : 0;
    this.shownTop = this.element.scrollTop;
  }

  #noteScroll() {
    // Whoever scrolls up to read is left alone until they come back down.
    this.following = this.element.scrollTop >= this.shownTop - 24;
  }

  /**
   * @param {HTMLLIElement} row
   * @param {number} seq
   */
  #place(row, seq) {
    const next = [...this.list.children].find((other) => {
      const number = /** @type {HTMLElement} */ (other).dataset.seq;
      return other !== row && (number === undefined || Number(number) > seq);
    });
    if (!row.parentNode || row.nextElementSibling !== (next ?? null)) this.list.insertBefore(row, next ?? null);
  }

  /**
   * @param {Message["sender"]} sender
   * @param {string} text
   * @param {Message | null} answer
   * @returns {HTMLLIElement}
   */
  #row(sender, text, answer) {
    const bubble = el("div", { class: "chat-bubble" }, el("p", { class: "chat-text" }, ...this.#linked(text, sender)));
    if (answer?.label_pending) {
      bubble.append(el("p", { class: "chat-label-mark" }, icon("clock"), el("span", {}, strings.labelPending)));
    }
    if (answer?.sources.length) bubble.append(sources(answer.sources));
    const name = answer?.author ? fill(strings.staffNamed, { name: answer.author }) : NAMES[sender];
    const face = FACES[sender];
    const who = el(
      "p",
      { class: "chat-who" },
      face && icon(face),
      el("span", {}, name),
      answer && " · ",
      answer && clock(answer.created_at),
    );
    const row = el("li", { class: `chat-row chat-row--${sender}` }, who, bubble);
    if (answer?.buttons.length) row.append(this.#buttons(answer));
    if (sender === "visitor") row.append(el("p", { class: "chat-state" }));
    return row;
  }

  /** @param {Message} answer */
  #buttons(answer) {
    const press = (/** @type {number} */ position, /** @type {string} */ title) => () =>
      this.onChoice(answer.seq, position, title);
    return el(
      "div",
      { class: "chat-choices", role: "group", "aria-label": strings.topics },
      ...answer.buttons.map(({ title }, position) =>
        el("button", { type: "button", class: "chat-choice", click: press(position, title) }, title),
      ),
    );
  }

  /** Buttons are offered until the visitor has said something else. */
  #retireButtons() {
    const rows = [...this.list.children];
    const lastQuestion = rows.findLastIndex((row) => row.classList.contains("chat-row--visitor"));
    rows.forEach((row, position) => {
      const choices = /** @type {HTMLElement | null} */ (row.querySelector(".chat-choices"));
      if (choices) choices.hidden = position < lastQuestion;
    });
  }

  /**
   * @param {HTMLElement} row
   * @param {"sending" | "waiting" | "failed" | "sent"} state
   * @param {string} detail
   * @param {string} createdAt
   */
  #mark(row, state, detail, createdAt) {
    row.dataset.state = state;
    const mark = /** @type {HTMLElement} */ (row.querySelector(".chat-state"));
    const parts = {
      sending: () => [icon("clock"), el("span", {}, strings.sending)],
      waiting: () => [icon("clock"), el("span", {}, strings.waitingForLine)],
      sent: () => [icon("check"), el("span", {}, strings.sent), createdAt ? clock(createdAt) : ""],
      failed: () => [
        icon("warning"),
        el("span", {}, detail || strings.notSent),
        el("button", { type: "button", class: "chat-retry", click: this.onRetry }, strings.retry),
      ],
    };
    mark.replaceChildren(...parts[state]());
  }

  /**
   * @param {string} text
   * @param {Message["sender"]} sender
   * @returns {(Node | string)[]} the text, with addresses and the clinic's numbers as links unless a visitor wrote it
   */
  #linked(text, sender) {
    if (sender === "visitor") return [text];
    return text.split(this.links).map((part, position) => {
      if (position % 2 === 0) return part;
      if (/^https?:/.test(part)) return el("a", { href: part, target: "_blank", rel: "noopener noreferrer" }, part);
      return el("a", { href: `tel:${part.replace(/[^\d+]/g, "")}` }, part);
    });
  }
}

/**
 * @param {string[]} phones
 * @returns {RegExp} finds web addresses and exactly these numbers
 */
function linkPattern(phones) {
  const numbers = phones.filter(Boolean).map((phone) => phone.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const number = numbers.length ? `|(?<![\\d+])(?:${numbers.join("|")})(?!\\d)` : "";
  return new RegExp(`(https?://[^\\s<>"']*[^\\s<>"'.,;:!?)]${number})`);
}

/** @param {{document: string, passage: string}[]} all */
function sources(all) {
  const lines = all.map((source) => el("li", {}, fill(strings.source, source)));
  const toggle = (/** @type {Event} */ event) => {
    const details = /** @type {HTMLElement} */ (event.currentTarget);
    details.closest(".chat-row")?.scrollIntoView({ block: "nearest" });
  };
  return el("details", { class: "chat-sources", toggle }, el("summary", {}, strings.sources), el("ul", {}, ...lines));
}
