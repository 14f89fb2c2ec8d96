/** The messages on the screen, in the order of their numbers; what is not stored yet comes last. */

import { el, icon, part } from "./dom.js";
import { timeOf } from "./moments.js";
import { fill, settings, strings } from "./strings.js";

/** @typedef {import("./api.js").Message} Message */
/** @typedef {import("./storage.js").Unsent} Unsent */
/** @typedef {"sending" | "waiting" | "failed" | "sent"} State */

/**
 * @typedef {object} Reader
 * @property {(seq: number, button: number, title: string) => void} onChoice
 * @property {() => void} onRetry
 */

const NAMES = { visitor: strings.you, bot: strings.bot, staff: strings.staff, system: strings.system };
const FACES = /** @type {const} */ ({ visitor: null, bot: "chat", staff: "person", system: null });
// What the clinic's service says by itself is in this language, whichever the interface has.
const SPOKEN = "en";
const LINKS = linkPattern(Object.values(settings.phones));

/** @type {HTMLElement} the region that screen readers follow */
const region = part("log");
/** @type {HTMLElement} */
const list = part("list");
/** @type {Map<number, HTMLLIElement>} */
const rowsBySeq = new Map();
/** @type {Map<string, HTMLLIElement>} by the id they were sent with: messages of this tab, stored or not */
const rowsById = new Map();
/** @type {Reader} */
let reader;
let shownTop = 0;
let isFollowing = true;
let isUnsettled = false;

/** @param {Reader} by who reads and presses */
export function openLog(by) {
  reader = by;
  // Whoever scrolls up to read is left alone until they come back down.
  region.addEventListener("scroll", () => (isFollowing = region.scrollTop >= shownTop - 24));
}

export function clearLog() {
  rowsBySeq.clear();
  rowsById.clear();
  list.replaceChildren();
  shownTop = 0;
  isFollowing = true;
}

/**
 * Let screen readers pass over what is put in until the next frame: history is not news.
 * @param {() => void} put
 */
export function quietly(put) {
  region.ariaLive = "off";
  put();
  requestAnimationFrame(() => setTimeout(() => (region.ariaLive = "polite"), 100));
}

/**
 * Show a stored message, once.
 * @param {Message} message
 */
export function showMessage(message) {
  const { seq, sender, id } = message;
  if (rowsBySeq.has(seq)) return;
  const isVisitors = sender === "visitor";
  const row = (id && rowsById.get(id)) || makeRow(sender, message.text, isVisitors ? null : message);
  row.dataset.seq = String(seq);
  if (isVisitors) mark(row, "sent", "", message.created_at);
  rowsBySeq.set(seq, row);
  place(row, seq);
  settle();
}

/**
 * Show a message that is on its way, or how far it has come.
 * @param {Unsent} item
 * @param {State} state
 * @param {string} [detail]
 */
export function showUnsent(item, state, detail = "") {
  let row = rowsById.get(item.id);
  if (row?.dataset.seq) return;
  if (!row) {
    row = makeRow("visitor", item.text, null);
    rowsById.set(item.id, row);
    list.append(row);
    isFollowing = true;
  }
  mark(row, state, detail, "");
  settle();
}

/**
 * The clinic has acknowledged it; its number comes with the stream.
 * @param {Unsent} item
 * @param {string} createdAt
 */
export function markStored(item, createdAt) {
  const row = rowsById.get(item.id);
  if (row) mark(row, "sent", "", createdAt);
}

/** @param {Unsent} item */
export function dropUnsent(item) {
  rowsById.get(item.id)?.remove();
  rowsById.delete(item.id);
  settle();
}

/**
 * Show the newest: the end, but not past the beginning of what one reads next. That is the last question, above the
 * bot's answer to it, or what a person of the clinic has written since.
 */
export function scrollLog() {
  if (!isFollowing) return;
  let next = /** @type {HTMLElement | null} */ (list.lastElementChild);
  while (next?.classList.contains("chat-row--bot")) next = /** @type {HTMLElement | null} */ (next.previousElementSibling);
  // A greeting alone is read from its beginning.
  if (!next) return;
  region.scrollTop = Math.min(region.scrollHeight - region.clientHeight, next.offsetTop - 12);
  shownTop = region.scrollTop;
}

/** Once for however many have come at a time. */
function settle() {
  if (isUnsettled) return;
  isUnsettled = true;
  queueMicrotask(() => {
    isUnsettled = false;
    scrollLog();
  });
}

/**
 * @param {HTMLLIElement} row
 * @param {number} seq
 */
function place(row, seq) {
  // Nearly always it belongs behind the last one that has a number.
  let before = list.lastElementChild;
  while (before && (before === row || !(Number(/** @type {HTMLElement} */ (before).dataset.seq) < seq))) {
    before = before.previousElementSibling;
  }
  const next = before ? before.nextElementSibling : list.firstElementChild;
  if (next !== row) list.insertBefore(row, next);
}

/**
 * @param {Message["sender"]} sender
 * @param {string} text
 * @param {Message | null} answer
 * @returns {HTMLLIElement}
 */
function makeRow(sender, text, answer) {
  const bubble = el("div", "chat-bubble", el("p", "chat-text", ...linked(text, sender)));
  if (answer?.label_pending) {
    bubble.append(el("p", "chat-label-mark", icon("clock"), el("span", "", strings.labelPending)));
  }
  if (answer?.sources.length) bubble.append(sources(answer.sources));
  const name = answer?.author ? fill(strings.staffNamed, { name: answer.author }) : NAMES[sender];
  const face = FACES[sender];
  const who = el("p", "chat-who", face ? icon(face) : "", el("span", "chat-name", name));
  if (answer?.created_at) who.append(" · ", clock(answer.created_at));
  const row = el("li", `chat-row chat-row--${sender}`, who, bubble);
  if (answer?.buttons.length) row.append(buttons(answer));
  if (sender === "visitor") row.append(el("p", "chat-state"));
  if (answer && sender !== "staff" && settings.language !== SPOKEN) {
    row.querySelectorAll(".chat-text, .chat-sources ul, .chat-choices").forEach((/** @type {HTMLElement} */ said) => (said.lang = SPOKEN));
  }
  return row;
}

/** @param {string} moment ISO 8601 */
function clock(moment) {
  const time = el("time", "", timeOf(moment));
  time.dateTime = moment;
  return time;
}

/** @param {Message} answer */
function buttons(answer) {
  const group = el(
    "div",
    "chat-choices",
    ...answer.buttons.map(({ title }, position) => button("choice", title, () => reader.onChoice(answer.seq, position, title))),
  );
  group.role = "group";
  group.ariaLabel = strings.topics;
  return group;
}

/**
 * @param {"choice" | "retry"} kind
 * @param {string} title
 * @param {() => void} press
 */
function button(kind, title, press) {
  const made = el("button", `chat-${kind}`, title);
  made.type = "button";
  made.onclick = press;
  return made;
}

/**
 * @param {HTMLElement} row
 * @param {State} state
 * @param {string} detail
 * @param {string} createdAt
 */
function mark(row, state, detail, createdAt) {
  const place = /** @type {HTMLElement} */ (row.querySelector(".chat-state"));
  const text = { sending: strings.sending, waiting: strings.waitingForLine, sent: strings.sent, failed: detail }[state];
  // What is said already is left alone, and so is the button that somebody may be about to press.
  if (place.dataset.text === text + createdAt) return;
  place.dataset.text = text + createdAt;
  row.dataset.state = state;
  const faces = /** @type {const} */ ({ sending: "clock", waiting: "clock", sent: "check", failed: "warning" });
  place.replaceChildren(icon(faces[state]), el("span", "", text));
  if (createdAt) place.append(clock(createdAt));
  if (state === "failed") place.append(button("retry", strings.retry, () => reader.onRetry()));
}

/**
 * @param {string} text
 * @param {Message["sender"]} sender
 * @returns {(Node | string)[]} the text, with addresses and the clinic's numbers as links unless a visitor wrote it
 */
function linked(text, sender) {
  if (sender === "visitor") return [text];
  return text.split(LINKS).map((piece, position) => {
    if (position % 2 === 0) return piece;
    const link = el("a", "", piece);
    const isPage = /^https?:/.test(piece);
    link.href = isPage ? piece : `tel:${piece.replace(/[^\d+]/g, "")}`;
    if (isPage) link.target = "_blank";
    return link;
  });
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
  const lines = all.map((source) => el("li", "", fill(strings.source, source)));
  const details = el("details", "chat-sources", el("summary", "", strings.sources), el("ul", "", ...lines));
  details.ontoggle = () => details.closest(".chat-row").scrollIntoView({ block: "nearest" });
  return details;
}
