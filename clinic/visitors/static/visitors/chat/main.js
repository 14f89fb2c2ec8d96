/** The chat box: ties the page, the browser's memory and the visitor API together. */

import { Api, Refusal } from "./api.js";
import { Log } from "./log.js";
import { Outbox } from "./outbox.js";
import { onSessionChange, readOpen, readSession, writeOpen, writeSession } from "./storage.js";
import { Feed } from "./stream.js";
import { fill, strings } from "./strings.en.js";
import { Typing } from "./typing.js";
import { View } from "./view.js";

/** @typedef {import("./api.js").Message} Message */
/** @typedef {import("./storage.js").Unsent} Unsent */

// Whoever of the staff types on says so again every few seconds.
const TYPING_LONGEST_MS = { bot: 20_000, staff: 10_000 };
// An answer takes well under a second; later than this something may be holding the stream back.
const ANSWER_LATE_MS = 4_000;
const NOTICE_MS = 4_000;

class Chat {
  /** @param {HTMLElement} host carries the settings of the page in its data attributes */
  constructor(host) {
    this.phone = host.dataset.phone ?? "";
    this.api = new Api(host.dataset.api ?? "/api/v1");
    this.log = new Log({
      phones: [this.phone, host.dataset.urgentPhone ?? "", host.dataset.emergency ?? "", host.dataset.crisis ?? ""],
      onChoice: (seq, button, title) => this.#choose(title, { seq, button }),
      onRetry: () => this.outbox.flush(),
    });
    this.view = new View(host, this.log.element, {
      onOpen: () => this.#opened(),
      onClose: () => writeOpen(false),
      onSend: (text) => this.send(text),
      onTyping: (text) => (text ? this.typing.press() : this.typing.stop()),
      onStartOver: () => this.#startOver(),
    });
    this.typing = new Typing((on) => this.#tellTyping(on));
    this.outbox = new Outbox(this.api, {
      onState: (item, state, detail) => this.log.putUnsent(item, state, detail),
      onStored: (item, createdAt) => this.#stored(item, createdAt),
      onRefused: (item, refusal) => this.#refused(item, refusal),
    });
    this.feed = new Feed(this.api, {
      onMessage: (message) => this.#received(message),
      onTyping: (who, on, name) => this.#showTyping(who, on, name),
      onOwner: (owner, name) => this.#setOwner(owner, name),
      onLine: (up) => this.#line(up),
      onGone: (refusal) => this.#gone(refusal),
    });
    /** @type {import("./storage.js").Session | null} */
    this.session = null;
    this.owner = "bot";
    this.unread = 0;
    this.beginning = false;
    this.typingTimer = 0;
    this.statusTimer = 0;
    /** @type {string[]} what was said before there was a conversation to say it in */
    this.early = [];
    this.#listen();
    this.#resume();
    if (readOpen()) this.view.open({ quietly: true });
  }

  #listen() {
    onSessionChange(() => this.#resume());
    document.addEventListener("visibilitychange", () => this.#follow());
    window.addEventListener("offline", () => this.#line(false));
    window.addEventListener("online", () => {
      this.feed.hurry();
      void this.outbox.flush();
      if (!this.session && this.view.isOpen) void this.#begin();
    });
    document.addEventListener("click", (event) => {
      const opener = event.target instanceof Element ? event.target.closest("[data-chat-open]") : null;
      if (!(opener instanceof HTMLElement)) return;
      event.preventDefault();
      this.view.open();
      if (opener.dataset.chatAsk) this.send(opener.dataset.chatAsk);
    });
  }

  /** Go on with the conversation that the browser remembers, which may have changed in another tab. */
  #resume() {
    const session = readSession();
    if (session?.token === this.session?.token) {
      if (session) this.session = session;
      return;
    }
    this.#adopt(session);
    if (!session && this.view.isOpen) void this.#begin();
  }

  /** @param {import("./storage.js").Session | null} session */
  #adopt(session) {
    this.feed.stop();
    this.typing.stop();
    this.session = session;
    this.log.clear();
    this.#setUnread(0);
    this.#hideTyping();
    this.#setOwner("bot");
    this.view.setProblem("");
    if (!session) return;
    this.outbox.use(session);
    this.outbox.items.forEach((item) => this.log.putUnsent(item, "waiting"));
    for (const text of this.early.splice(0)) this.log.putUnsent(this.outbox.add(text), "sending");
    void this.outbox.flush();
    this.#follow();
  }

  /** Listen while somebody can see the page: browsers allow few open lines, and hidden tabs need none. */
  #follow() {
    if (!this.session || document.hidden) this.feed.stop();
    else if (!this.feed.running) this.feed.start(this.session.token, this.log.isEmpty ? 0 : this.feed.last);
  }

  async #begin() {
    if (this.beginning) return;
    this.beginning = true;
    try {
      const { conversation, token } = await this.api.begin();
      const session = { conversation, token, seen: 0 };
      writeSession(session);
      this.#adopt(session);
      this.view.setStatus("");
    } catch (error) {
      this.#cannotBegin(error);
    } finally {
      this.beginning = false;
    }
  }

  /** @param {unknown} error */
  #cannotBegin(error) {
    const sentence = error instanceof Refusal ? error.message : "";
    const own = this.phone ? fill(strings.cannotStartPhone, { phone: this.phone }) : strings.cannotStart;
    this.view.setStatus(navigator.onLine ? sentence || own : strings.offline);
    const pause = error instanceof Refusal ? Math.max(error.retryAfter, 5) : 5;
    setTimeout(() => {
      if (!this.session && this.view.isOpen) void this.#begin();
    }, pause * 1000);
  }

  #opened() {
    writeOpen(true);
    this.#setUnread(0);
    this.#rememberSeen();
    if (this.session) this.log.scroll();
    else void this.#begin();
  }

  #startOver() {
    this.feed.stop();
    writeSession(null);
    this.#adopt(null);
    void this.#begin().then(() => this.#notice(strings.newConversation));
  }

  /**
   * @param {string} text
   * @param {{seq: number, button: number}} [choice]
   */
  send(text, choice) {
    this.view.setProblem("");
    if (!choice && !text.trim()) {
      this.view.setProblem(strings.emptyMessage);
      return;
    }
    if (this.owner === "closed") {
      this.early.push(text);
      this.#startOver();
      return;
    }
    if (!this.session) {
      this.early.push(text);
      void this.#begin();
      return;
    }
    this.typing.stop();
    this.log.putUnsent(this.outbox.add(text, choice), navigator.onLine ? "sending" : "waiting");
    void this.outbox.flush();
  }

  /**
   * @param {string} title
   * @param {{seq: number, button: number}} choice
   */
  #choose(title, choice) {
    this.send(title, choice);
    // The button that had the focus is gone.
    this.view.focus();
  }

  /**
   * @param {Unsent} item
   * @param {string} createdAt
   */
  #stored(item, createdAt) {
    this.log.markStored(item, createdAt);
    const known = this.feed.last;
    setTimeout(() => {
      if (this.feed.last <= known + 1) void this.feed.check();
    }, ANSWER_LATE_MS);
  }

  /**
   * @param {Unsent} item
   * @param {Refusal} refusal
   */
  #refused(item, refusal) {
    const others = refusal.conversationGone ? this.outbox.takeBack() : [];
    const texts = [item, ...others].filter((one) => !one.choice).map((one) => one.text);
    [item, ...others].forEach((one) => this.log.dropUnsent(one));
    this.view.giveBack(texts.join("\n"));
    if (refusal.conversationClosed) this.#setOwner("closed");
    else if (refusal.conversationGone) this.#gone(refusal);
    else this.view.setProblem(refusal.message || strings.unknownProblem);
  }

  /** @param {Message} message */
  #received(message) {
    const isOld = message.seq <= (this.session?.seen ?? 0);
    if (isOld) this.log.quietly(() => this.log.put(message));
    else this.log.put(message);
    if (message.id) this.outbox.remove(message.id);
    if (message.sender !== "visitor") {
      this.#hideTyping();
      if (!isOld && !this.view.isOpen) this.#setUnread(this.unread + 1);
    }
    if (this.view.isOpen) this.#rememberSeen();
  }

  #rememberSeen() {
    if (!this.session || this.feed.last <= this.session.seen) return;
    this.session = { ...this.session, seen: this.feed.last };
    // Another tab may have started over meanwhile.
    if (readSession()?.token === this.session.token) writeSession(this.session);
  }

  /**
   * @param {string} owner
   * @param {string | null} [name]
   */
  #setOwner(owner, name = null) {
    const isNew = owner !== this.owner;
    if (isNew) this.#hideTyping();
    this.owner = owner;
    this.view.setOwner(owner, name);
    // What stands below the log may have become higher.
    if (isNew) this.log.scroll();
  }

  /**
   * @param {"bot" | "staff"} who
   * @param {boolean} on
   * @param {string | null} name
   */
  #showTyping(who, on, name) {
    this.#hideTyping();
    if (!on) return;
    const staff = name ? fill(strings.typingStaffNamed, { name }) : strings.typingStaff;
    this.view.setTyping(who === "staff" ? staff : strings.typing);
    this.log.scroll();
    this.typingTimer = setTimeout(() => this.#hideTyping(), TYPING_LONGEST_MS[who]);
  }

  #hideTyping() {
    clearTimeout(this.typingTimer);
    this.view.setTyping("");
  }

  /** @param {boolean} on */
  #tellTyping(on) {
    // A sign that is lost harms nobody.
    if (this.session && this.owner !== "closed") void this.api.typing(this.session.token, on).catch(() => {});
  }

  /** @param {boolean} up */
  #line(up) {
    if (!up) {
      clearTimeout(this.statusTimer);
      this.isDown = true;
      this.view.setStatus(navigator.onLine ? strings.reconnecting : strings.offline);
    } else if (this.isDown && navigator.onLine) {
      this.isDown = false;
      this.#notice(strings.online);
      void this.outbox.flush();
    }
  }

  /** @param {string} text */
  #notice(text) {
    clearTimeout(this.statusTimer);
    this.view.setStatus(text);
    this.statusTimer = setTimeout(() => this.view.setStatus(""), NOTICE_MS);
  }

  /** @param {Refusal} refusal */
  #gone(refusal) {
    this.feed.stop();
    const nothingShown = this.log.isEmpty;
    this.#hideTyping();
    if (readSession()?.token === this.session?.token) writeSession(null);
    this.session = null;
    // Nobody misses what was never on the screen; otherwise what was said stays until the visitor goes on.
    if (nothingShown) {
      if (this.view.isOpen) void this.#begin();
      return;
    }
    if (this.owner !== "closed") this.view.setProblem(refusal.message || strings.unknownProblem);
    this.#setOwner("closed");
  }

  /** @param {number} count */
  #setUnread(count) {
    this.unread = count;
    this.view.setUnread(count);
  }
}

const host = document.getElementById("clinic-chat");
if (host) new Chat(host);
