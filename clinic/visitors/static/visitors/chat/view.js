/** The panel around the conversation: how it opens, where the keyboard goes, what it says about the line. */

import { el, icon } from "./dom.js";
import { fill, strings } from "./strings.en.js";

/**
 * @typedef {object} Actions
 * @property {() => void} onOpen
 * @property {() => void} onClose
 * @property {(text: string) => void} onSend
 * @property {(text: string) => void} onTyping what stands in the box has changed
 * @property {() => void} onStartOver
 */

const PHONE = "(max-width: 30rem), (max-height: 30rem)";
const SUBTITLES = {
  bot: strings.subtitleBot,
  waiting: strings.subtitleWaiting,
  staff: strings.subtitleStaff,
  closed: strings.subtitleClosed,
};

/** The button in the corner and the panel that it opens. */
export class View {
  /**
   * @param {HTMLElement} host
   * @param {HTMLElement} log
   * @param {Actions} actions
   */
  constructor(host, log, actions) {
    this.host = host;
    this.log = log;
    this.actions = actions;
    this.phone = window.matchMedia(PHONE);
    this.clinic = host.dataset.clinic ?? "";
    this.#build();
    this.phone.addEventListener("change", () => this.#adaptToScreen());
    window.visualViewport?.addEventListener("resize", () => this.#adaptToKeyboard());
    this.setUnread(0);
    this.setOwner("bot");
    host.append(this.panel, this.launcher);
  }

  #build() {
    this.badge = el("span", { class: "chat-badge", "aria-hidden": "true", hidden: true });
    this.launcherText = el("span", { class: "chat-launcher-text" });
    this.launcher = el(
      "button",
      {
        type: "button",
        class: "chat-launcher",
        "aria-expanded": "false",
        "aria-controls": "chat-panel",
        click: () => this.open(),
      },
      icon("chat"),
      this.launcherText,
      this.badge,
    );
    this.status = el("p", { class: "chat-status", role: "status" });
    this.problem = el("p", { class: "chat-problem", role: "alert", id: "chat-problem" });
    this.typingText = el("span");
    this.typing = el(
      "p",
      { class: "chat-typing", hidden: true },
      ...[1, 2, 3].map(() => el("i", { "aria-hidden": "true" })),
      this.typingText,
    );
    this.panel = el(
      "section",
      {
        class: "chat-panel",
        id: "chat-panel",
        role: "dialog",
        "aria-labelledby": "chat-title",
        hidden: true,
        tabindex: -1,
        keydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
      },
      this.#header(),
      this.#question(),
      this.log,
      el("div", { class: "chat-typing-place", role: "status" }, this.typing),
      el("div", { class: "chat-foot" }, this.status, this.problem, this.#end(), this.#always(), this.#form()),
    );
  }

  #header() {
    this.subtitle = el("p", { class: "chat-subtitle" });
    this.restart = el(
      "button",
      { type: "button", class: "chat-tool chat-tool--text", click: () => this.#askToStartOver(true) },
      icon("restart"),
      strings.startOver,
    );
    const close = el(
      "button",
      { type: "button", class: "chat-tool", "aria-label": strings.close, click: () => this.close() },
      icon("close"),
    );
    const title = el("h2", { id: "chat-title", class: "chat-title" }, fill(strings.title, { clinic: this.clinic }));
    return el("div", { class: "chat-header" }, el("div", {}, title, this.subtitle), this.restart, close);
  }

  #question() {
    const yes = () => {
      this.#askToStartOver(false);
      this.actions.onStartOver();
      this.focus();
    };
    this.keep = el(
      "button",
      { type: "button", class: "chat-choice", click: () => this.#askToStartOver(false) },
      strings.startOverNo,
    );
    this.question = el(
      "div",
      { class: "chat-question", role: "group", "aria-labelledby": "chat-question", hidden: true },
      el("p", { id: "chat-question" }, strings.startOverQuestion),
      el("div", {}, el("button", { type: "button", class: "chat-choice", click: yes }, strings.startOverYes), this.keep),
    );
    return this.question;
  }

  #end() {
    const start = () => {
      this.actions.onStartOver();
      this.focus();
    };
    this.ended = el(
      "div",
      { class: "chat-end", hidden: true },
      el("p", {}, strings.ended),
      el("button", { type: "button", class: "chat-choice", click: start }, strings.startNew),
    );
    return el("div", { role: "status" }, this.ended);
  }

  #always() {
    const say = (/** @type {string} */ text) => () => this.actions.onSend(text);
    this.always = el(
      "div",
      { class: "chat-always", role: "group", "aria-label": strings.always },
      el(
        "button",
        { type: "button", class: "chat-link", click: say(strings.talkToPersonMessage) },
        icon("person"),
        strings.talkToPerson,
      ),
      el("button", { type: "button", class: "chat-link", click: say(strings.bookMessage) }, icon("calendar"), strings.book),
    );
    return this.always;
  }

  #form() {
    this.box = el("textarea", {
      class: "chat-box",
      id: "chat-box",
      rows: 1,
      placeholder: strings.placeholder,
      "aria-label": strings.box,
      "aria-describedby": "chat-problem",
      autocomplete: "off",
      enterkeyhint: "send",
      input: () => {
        this.setProblem("");
        this.#fitBox();
        this.actions.onTyping(this.box.value);
      },
      keydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
          event.preventDefault();
          this.form.requestSubmit();
        }
      },
    });
    this.form = el(
      "form",
      {
        class: "chat-form",
        novalidate: true,
        submit: (/** @type {SubmitEvent} */ event) => {
          event.preventDefault();
          this.#submit();
        },
      },
      this.box,
      el("button", { type: "submit", class: "chat-send", "aria-label": strings.send }, icon("send")),
    );
    return this.form;
  }

  #submit() {
    if (!this.ended.hidden) {
      // Nobody would read it; the box keeps it for the new conversation that is offered.
      this.setProblem(strings.ended);
      return;
    }
    const text = this.box.value;
    this.box.value = "";
    this.setProblem("");
    this.#fitBox();
    this.actions.onSend(text);
    this.focus();
  }

  /** @returns {boolean} */
  get isOpen() {
    return !this.panel.hidden;
  }

  /** @param {{quietly?: boolean}} [options] quietly: do not take the keyboard's focus */
  open({ quietly = false } = {}) {
    if (!this.isOpen) {
      this.panel.hidden = false;
      this.launcher.setAttribute("aria-expanded", "true");
      this.host.classList.add("is-open");
      this.#adaptToScreen();
      this.actions.onOpen();
    }
    if (!quietly) this.focus();
  }

  close() {
    if (!this.isOpen) return;
    this.panel.hidden = true;
    this.launcher.setAttribute("aria-expanded", "false");
    this.host.classList.remove("is-open");
    this.#adaptToScreen();
    this.actions.onClose();
    this.launcher.focus();
  }

  /** Put the keyboard's focus where one goes on; on a touch screen the keyboard would cover what there is to read. */
  focus() {
    if (window.matchMedia("(pointer: coarse)").matches && document.activeElement !== this.box) this.panel.focus();
    else this.box.focus();
  }

  /**
   * @param {string} owner bot, waiting, staff or closed
   * @param {string | null} [name] of who of the staff it is
   */
  setOwner(owner, name = null) {
    const named = owner === "staff" && name ? fill(strings.subtitleStaffNamed, { name }) : "";
    const text = named || (SUBTITLES[/** @type {keyof typeof SUBTITLES} */ (owner)] ?? strings.subtitleBot);
    if (this.subtitle.textContent !== text) {
      this.subtitle.replaceChildren(...(owner === "staff" ? [icon("person")] : []), text);
    }
    const isEnded = owner === "closed";
    if (this.ended.hidden === isEnded) this.ended.hidden = !isEnded;
    // The bot's buttons are of no use to somebody who talks with a person, or with nobody.
    this.panel.classList.toggle("has-no-bot", owner === "staff" || isEnded);
    this.always.hidden = owner === "staff" || isEnded;
  }

  /** @param {number} count messages that came while the panel was closed */
  setUnread(count) {
    this.badge.hidden = count === 0;
    this.badge.textContent = count > 9 ? "9+" : String(count);
    this.launcherText.textContent = strings.open;
    if (count) this.launcher.setAttribute("aria-label", fill(strings.openUnread, { count }));
    else this.launcher.removeAttribute("aria-label");
  }

  /** @param {string} text who types; "" for nobody */
  setTyping(text) {
    this.typing.hidden = !text;
    if (text) this.typingText.textContent = text;
  }

  /** @param {string} text about the line; "" for nothing to say */
  setStatus(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  /** @param {string} text why a message was refused; "" for nothing to say */
  setProblem(text) {
    if (this.problem.textContent !== text) this.problem.textContent = text;
    if (text) this.box.setAttribute("aria-invalid", "true");
    else this.box.removeAttribute("aria-invalid");
  }

  /** @param {string} text goes back into the box, before what stands there */
  giveBack(text) {
    this.box.value = [text, this.box.value].filter(Boolean).join("\n");
    this.#fitBox();
  }

  /** @param {boolean} ask */
  #askToStartOver(ask) {
    this.question.hidden = !ask;
    if (ask) this.keep.focus();
    else this.restart.focus();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (this.question.hidden) this.close();
    else this.#askToStartOver(false);
  }

  #fitBox() {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight + 2}px`;
  }

  /** On a phone the panel is all there is: what lies below can neither be read nor reached. */
  #adaptToScreen() {
    const alone = this.isOpen && this.phone.matches;
    if (alone) this.panel.setAttribute("aria-modal", "true");
    else this.panel.removeAttribute("aria-modal");
    this.launcher.inert = alone;
    for (const other of document.body.children) {
      if (other !== this.host && other instanceof HTMLElement) other.inert = alone;
    }
    document.documentElement.classList.toggle("chat-covers-page", alone);
    this.#adaptToKeyboard();
  }

  /** A phone's keyboard covers the lower part of the page without making the page smaller. */
  #adaptToKeyboard() {
    const height = window.visualViewport?.height;
    if (height && this.phone.matches) this.panel.style.setProperty("--chat-height", `${Math.round(height)}px`);
    else this.panel.style.removeProperty("--chat-height");
  }
}
