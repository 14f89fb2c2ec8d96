/** The chat: ties the frame, the browser's memory and the visitor API together. */

import { Api, Refusal } from "./api.js";
import { readyToBegin, takenBack } from "./beginning.js";
import { emptyBox, focusBox, giveBack, openBox, setProblem } from "./box.js";
import { part } from "./dom.js";
import { dismissQuestion, isAsked, openEnding, showEnding } from "./ending.js";
import { showHours, showOwner } from "./header.js";
import { closeChat, isAlone, isSeen, listenToHost, meetHost, tellHost } from "./host.js";
import { keepHours } from "./hours.js";
import { clearLog, dropUnsent, markStored, openLog, quietly, scrollLog, showMessage, showUnsent } from "./log.js";
import { inWords } from "./moments.js";
import { Outbox } from "./outbox.js";
import { hideTyping, notice, setStatus, showTyping } from "./status.js";
import { onSessionChange, readSession, writeSession } from "./storage.js";
import { Feed } from "./stream.js";
import { fill, settings, strings } from "./strings.js";
import { download } from "./transcript.js";
import { watchTyping } from "./typing.js";

/** @typedef {import("./api.js").Message} Message */
/** @typedef {import("./storage.js").Session} Session */
/** @typedef {import("./storage.js").Unsent} Unsent */

// An answer takes well under a second; later than this something may be holding the stream back.
const ANSWER_LATE_MS = 4_000;
// Sooner than this the next try is there before anybody has read of it.
const WORTH_TELLING_MS = 5_000;
const FOCUS_LATE_MS = 5_000;

/** @type {Session | null} */
let session = null;
let owner = "bot";
let unread = 0;
let isDown = false;

const api = new Api("/api/v1");
const noteTyping = watchTyping(tellTyping);
const begin = readyToBegin(api, {
  onBegun: begun,
  onFailed: cannotBegin,
  onOutdated: () => textOf(outbox.takeBack()),
});
const outbox = new Outbox(api, {
  onState: (item, state, detail, wait) => showUnsent(item, state, withNextTry(detail || strings.notSent, wait)),
  onStored: acknowledged,
  onRefused: refused,
});
const feed = new Feed(api, {
  onMessage: received,
  onTyping: showWhoTypes,
  onOwner: setOwner,
  onLine: setLine,
  onGone: gone,
});
const lookAtHours = keepHours(api, showHours);

function start() {
  openLog({ onChoice: (seq, button, title) => choose(title, { seq, button }), onRetry: deliver });
  openBox({ onSend: submit, onTyping: (text) => noteTyping(text !== "") });
  openEnding({ onEnd: end, onRate: rate, onNew: startOver });
  listenToHost({ onOpen: opened, onDraft: propose });
  onSessionChange(resume);
  document.addEventListener("visibilitychange", follow);
  window.addEventListener("offline", () => setLine(false));
  window.addEventListener("online", () => {
    feed.hurry();
    deliver();
  });
  part("panel").addEventListener("keydown", pressed);
  // A document may be older than the clinic's latest picture.
  part("avatar")?.addEventListener("error", () => part("avatar").remove());
  part("close").addEventListener("click", closeChat);
  part("close").hidden = isAlone;
  part("download").addEventListener("click", () => {
    part("menu").hidePopover();
    download();
  });
  part("person").addEventListener("click", () => say(strings.talkToPersonMessage));
  part("book").addEventListener("click", () => say(strings.bookMessage));
  giveBack(takenBack());
  adopt(readSession());
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  // An open menu closes by itself.
  if (event.key !== "Escape" || event.isComposing || part("menu").matches(":popover-open")) return;
  event.stopPropagation();
  if (isAsked()) dismissQuestion();
  else closeChat();
}

/** Go on with the conversation that the browser remembers, which may have changed in another tab. */
function resume() {
  const kept = readSession();
  if (kept?.token === session?.token) session = kept;
  else adopt(kept);
}

/**
 * Show this conversation and no other, from its beginning.
 * @param {Session | null} next
 */
function adopt(next) {
  feed.stop();
  feed.last = 0;
  noteTyping(false);
  clearLog();
  quietly(() => {
    const { greeting, line } = settings;
    if (line) showMessage({ ...greeting, seq: 0, text: line, buttons: [], sources: [] });
    // A conversation's own greeting comes with it.
    if (!next) showMessage(greeting);
  });
  setUnread(0);
  hideTyping();
  setProblem("");
  use(next);
}

/** @param {Session | null} next */
function use(next) {
  session = next;
  takeBack(outbox.use(session));
  setOwner("bot");
  outbox.items.forEach((item) => showUnsent(item, navigator.onLine ? "sending" : "waiting"));
  deliver();
  follow();
}

/** @param {Session} next */
function begun(next) {
  setStatus("");
  use(next);
}

/** Send what waits, in a conversation that begins with it if there is none. */
function deliver() {
  if (session) void outbox.flush();
  else if (outbox.items.length) void begin(outbox.items[0].id);
}

/** Listen while somebody can see the page: browsers allow few open lines, and hidden tabs need none. */
function follow() {
  if (!session || document.hidden) feed.stop();
  else if (!feed.running) feed.start(session.token, feed.last);
  if (document.hidden) return;
  if (isSeen()) lookAtHours();
  deliver();
}

/**
 * @param {string} sentence
 * @param {number} wait
 */
function cannotBegin(sentence, wait) {
  const { phone } = settings.phones;
  const ours = `${strings.cannotStart} ${phone && fill(strings.callInstead, { phone })}`;
  setStatus(navigator.onLine ? withNextTry(sentence || ours, wait) : strings.offline);
  outbox.items.forEach((item) => showUnsent(item, navigator.onLine ? "failed" : "waiting", strings.notSent));
}

function opened() {
  lookAtHours();
  setUnread(0);
  rememberSeen();
  scrollLog();
  takeFocus();
}

/** Whoever opened the chat has put the focus on its frame; nobody else is to lose it. */
function takeFocus() {
  if (document.hasFocus()) focusBox();
  // A frame that was slow to come is given the focus once it is there.
  else window.addEventListener("focus", focusBox, { once: true, signal: AbortSignal.timeout(FOCUS_LATE_MS) });
}

/** @param {string} text that the page around the frame puts into the box */
function propose(text) {
  giveBack(text);
  focusBox();
}

function startOver() {
  writeSession(null);
  adopt(null);
  focusBox();
}

/** @param {string} text */
function submit(text) {
  // Nobody would read it; the box keeps it for the new conversation that is offered.
  if (owner === "closed") {
    setProblem(strings.ended);
    return;
  }
  emptyBox();
  say(text);
}

/**
 * @param {string} title
 * @param {{seq: number, button: number}} choice
 */
function choose(title, choice) {
  say(title, choice);
  // The button that had the focus is gone.
  focusBox();
}

/**
 * @param {string} text
 * @param {{seq: number, button: number}} [choice]
 */
function say(text, choice) {
  setProblem("");
  noteTyping(false);
  showUnsent(outbox.add(text, choice), navigator.onLine ? "sending" : "waiting");
  deliver();
}

async function end() {
  if (!session) return;
  // At once: by the time of the answer the visitor may be elsewhere.
  focusBox();
  try {
    await api.end(session.token);
    takeBack(outbox.takeBack());
    setOwner("closed");
  } catch {
    setProblem(strings.unknownProblem);
  }
}

/** @param {"good" | "bad"} value */
async function rate(value) {
  if (!session) return;
  try {
    await api.rate(session.token, value);
    remember({ rated: true });
    setOwner("closed");
  } catch {
    setProblem(strings.unknownProblem);
  }
}

/**
 * @param {Unsent} item
 * @param {string} createdAt
 * @param {number} seq
 */
function acknowledged(item, createdAt, seq) {
  markStored(item, createdAt);
  feed.expect(seq);
  const known = feed.last;
  setTimeout(() => {
    if (feed.last <= known + 1) void feed.check();
  }, ANSWER_LATE_MS);
}

/**
 * @param {Unsent} item
 * @param {Refusal} refusal
 */
function refused(item, refusal) {
  takeBack([item, ...(refusal.conversationGone ? outbox.takeBack() : [])]);
  if (refusal.conversationClosed) setOwner("closed");
  else if (refusal.conversationGone) gone(refusal);
  else setProblem(refusal.message || strings.unknownProblem);
}

/** @param {Unsent[]} items go from the screen back into the box */
function takeBack(items) {
  items.forEach(dropUnsent);
  giveBack(textOf(items));
}

/** @param {Message} message */
function received(message) {
  const isOld = message.seq <= (session?.seen ?? 0);
  if (isOld) quietly(() => showMessage(message));
  else showMessage(message);
  if (message.id) outbox.remove(message.id);
  if (message.sender !== "visitor") {
    hideTyping();
    // The greeting was there before the conversation was.
    if (!isOld && !isSeen() && message.seq > settings.greeting.seq) setUnread(unread + 1);
  }
  if (isSeen()) rememberSeen();
}

function rememberSeen() {
  if (session && feed.last > session.seen) remember({ seen: feed.last });
}

/** @param {Partial<Session>} news of this conversation */
function remember(news) {
  if (!session) return;
  session = { ...session, ...news };
  // Another tab may have started over meanwhile.
  if (readSession()?.token === session.token) writeSession(session);
}

/**
 * @param {string} next
 * @param {string | null} [name]
 */
function setOwner(next, name = null) {
  const isNew = next !== owner;
  const isOver = next === "closed";
  if (isNew) hideTyping();
  owner = next;
  showOwner(owner, name);
  showEnding(isOver, !session || session.rated === true);
  part("menu-button").hidden = !session;
  part("consent").hidden = Boolean(session) || isOver;
  // The bot's buttons are of no use to somebody who talks with a person, or with nobody.
  const isWithoutBot = owner === "staff" || isOver;
  part("panel").classList.toggle("has-no-bot", isWithoutBot);
  part("always").hidden = isWithoutBot;
  tellHost({ active: Boolean(session) && !isOver });
  // What stands below the log may have become higher.
  if (isNew) scrollLog();
}

/**
 * @param {"bot" | "staff"} who
 * @param {boolean} on
 * @param {string | null} name
 */
function showWhoTypes(who, on, name) {
  hideTyping();
  if (!on) return;
  showTyping(who, name);
  scrollLog();
}

/** @param {boolean} on */
function tellTyping(on) {
  // A sign that is lost harms nobody.
  if (session && owner !== "closed") void api.typing(session.token, on).catch(() => {});
}

/** @param {boolean} up */
function setLine(up) {
  if (!up) {
    isDown = true;
    setStatus(navigator.onLine ? strings.reconnecting : strings.offline);
  } else if (isDown && navigator.onLine) {
    isDown = false;
    notice(strings.online);
    deliver();
  }
}

/** @param {Refusal} refusal */
function gone(refusal) {
  feed.stop();
  hideTyping();
  if (readSession()?.token === session?.token) writeSession(null);
  // Nobody misses what was never on the screen; otherwise what was said stays until the visitor goes on.
  if (!feed.last) {
    adopt(null);
    return;
  }
  session = null;
  if (owner !== "closed") setProblem(refusal.message || strings.unknownProblem);
  setOwner("closed");
}

/** @param {number} count */
function setUnread(count) {
  unread = count;
  tellHost({ unread: count });
}

/** @param {Unsent[]} items */
function textOf(items) {
  return items.map((item) => item.text).join("\n");
}

/**
 * @param {string} sentence
 * @param {number} [wait] milliseconds
 */
function withNextTry(sentence, wait = 0) {
  return wait < WORTH_TELLING_MS ? sentence : `${sentence} ${fill(strings.nextTry, { when: inWords(wait) })}`;
}

// First of all the box takes the keyboard: what is written before the rest has started stands in it then.
takeFocus();
if (isAlone) start();
else meetHost(() => setTimeout(start));
