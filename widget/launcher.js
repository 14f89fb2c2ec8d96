/**
 * The launcher: a button in the corner of the clinic's page, and the frame with the chat that it opens.
 *
 * It is all that a page pays for until a visitor shows interest. Whatever is said stays in the frame, which belongs to
 * the clinic's service: this page learns only whether a conversation goes on and how many messages are unread.
 */
(() => {
  const start = () => {
    const page = /** @type {HTMLElement & {clinicChat?: 1}} */ (document.documentElement);
    // Twice on a page, in whatever version, it is there once.
    if (page.clinicChat) return;
    // The tag on the page, whose data- attributes are the options.
    const script = /** @type {HTMLScriptElement} */ (document.currentScript);
    /** @type {Record<string, string[]>} of each language, in the order in which they are taken below */
    const texts = /* texts */ {};
    /** @type {string} the style sheet, colours included */
    const css = /* css */ "";
    const service = new URL(script.src).origin;
    /**
     * Return an option of the tag; one that has not the right form counts as none.
     * @param {string} name
     * @param {RegExp} [form]
     */
    const option = (name, form = /./) => {
      const value = script.dataset[name];
      if (!value || form.test(value)) return value || "";
      console.warn("Ignored", name, value);
      return "";
    };

    let language = (option("lang") || page.lang || navigator.language).slice(0, 2);
    if (!texts[language]) language = "en";
    const [openText, unreadText, slowText, insteadText, retryText, closeText] = texts[language];
    const label = option("label") || openText;
    const direction = option("dir") || "ltr";
    const position = option("position", /^(left|right)$/) || /* corner */ "";
    // As the style sheet has it.
    const phone = matchMedia("(max-width:30em),(max-height:30em)");
    const view = /** @type {VisualViewport} */ (window.visualViewport);

    /**
     * @template {keyof HTMLElementTagNameMap} Name
     * @param {Name} name
     * @param {Partial<HTMLElementTagNameMap[Name]>} [properties]
     * @param {HTMLElement[]} children
     */
    const make = (name, properties = {}, ...children) => {
      const element = Object.assign(document.createElement(name), properties);
      // Pages have overwritten append() before; this one hardly.
      for (const child of children) element.appendChild(child);
      return element;
    };
    /** @param {string} path */
    const address = (path) => `${service}/chat/${path}?lang=${language}&dir=${direction}`;

    const frame = make("iframe", {
      title: label,
      onload() {
        // Nobody else in the page can listen on this line.
        const line = new MessageChannel();
        port = line.port1;
        port.onmessage = hear;
        frame.contentWindow?.postMessage("clinic-chat", service, [line.port2]);
      },
    });
    // It stands before the frame until that is ready; it takes the focus when it is seen, so that Esc works there.
    const notice = make(
      "p",
      { role: "alert", textContent: slowText, onanimationend: () => dialog.focus() },
      make("a", { textContent: insteadText, href: address("plain/"), target: "_blank" }),
      make("button", { textContent: retryText, onclick: () => go() }),
      make("button", { textContent: closeText, onclick: () => dialog.close() }),
    );
    const dialog = make(
      "dialog",
      {
        ariaLabel: label,
        tabIndex: -1,
        onkeydown(event) {
          if (event.key === "Escape") dialog.close();
        },
        onclose() {
          if (dialog.open) return;
          draft = undefined;
          settle();
          if (document.activeElement === document.body) button.focus();
        },
      },
      notice,
    );
    const badge = make("b");
    const button = make(
      "button",
      { textContent: label, ariaHasPopup: "dialog", ariaExpanded: /** @type {any} */ (false), onclick: () => open() },
      badge,
    );
    const host = make(/** @type {"div"} */ ("clinic-chat"), { lang: language, dir: direction });

    /** @typedef {{ready?: 1, unread?: number, active?: boolean, close?: 1}} Told by the frame */

    /**
     * @typedef {object} ClinicChat what scripts of the page may use
     * @property {(draft?: string) => void} open open the chat, with a text in its box that the visitor may send
     * @property {() => void} close
     * @property {(listener: (count: number) => void) => () => void} onUnread listen to the count until the result is called
     */

    /** @type {MessagePort | undefined} */
    let port;
    /** @type {string | undefined} what the page proposes to send, until the frame has it */
    let draft;
    let isCovering = false;
    let otherOverflow = "hidden";
    /** @type {Set<(count: number) => void>} */
    const listeners = new Set();

    /**
     * Keep a mark in one of the page's stores, or say whether it is there. Where stores are blocked nothing is kept.
     * @param {"localStorage" | "sessionStorage"} store
     * @param {boolean} [on]
     */
    const mark = (store, on) => {
      try {
        if (on != null) window[store].clinicChat = on ? 1 : "";
        return window[store].clinicChat;
      } catch {}
    };

    const tell = () => port?.postMessage({ open: dialog.open, draft });

    /** @param {MessageEvent<Told>} event */
    const hear = ({ data: { ready, unread, active, close } }) => {
      if (ready) {
        notice.hidden = true;
        // A frame that had the focus while it was loading has lost it without a sign.
        if (root.activeElement) {
          dialog.focus();
          frame.focus();
        }
        tell();
      }
      if (unread != null) {
        badge.textContent = /** @type {string} */ (unread || "");
        button.ariaLabel = unread ? `${label}. ${unreadText}: ${unread}` : null;
        for (const listener of listeners) setTimeout(listener, 0, unread);
      }
      if (active != null) mark("localStorage", active);
      if (close) dialog.close();
    };

    const go = () => {
      frame.src = address("");
    };

    const load = () => {
      if (frame.src) return;
      go();
      dialog.insertBefore(frame, notice);
    };

    /** On a phone the chat takes what the keyboard leaves of the screen, and the page behind it does not scroll. */
    const fit = () => {
      const covers = dialog.open && phone.matches;
      dialog.style = /** @type {any} */ (covers ? `height:${view.height}px;top:${view.offsetTop}px` : "");
      if (covers === isCovering) return;
      isCovering = covers;
      [page.style.overflow, otherOverflow] = [otherOverflow, page.style.overflow];
    };

    const settle = () => {
      button.ariaExpanded = /** @type {any} */ (dialog.open);
      fit();
      tell();
      mark("sessionStorage", dialog.open);
    };

    const show = () => {
      phone.matches ? dialog.showModal() : dialog.show();
      fit();
    };

    /** Stand at the very end of the page, outside of the body, which scripts replace and styles move. */
    const place = () => host.isConnected || page.appendChild(host);

    /** @param {string} [text] */
    const open = (text) => {
      place();
      load();
      draft = text;
      if (!dialog.open) show();
      frame.focus();
      settle();
    };

    const resume = () => {
      if (mark("sessionStorage") && !phone.matches) {
        load();
        // In this way the dialog does not take the focus from the page.
        dialog.open = true;
        settle();
      } else if (mark("localStorage")) load();
    };

    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css.replaceAll("right", position));
    root.adoptedStyleSheets = [sheet];
    root.appendChild(dialog);
    root.appendChild(button);
    const colour = /^#([\da-f]{3}){1,2}$/i;
    button.style.background = option("accent", colour);
    button.style.color = option("accentText", colour);
    button.onpointerenter = button.onfocus = load;
    phone.onchange = () => {
      if (!dialog.open) return;
      dialog.close();
      show();
    };
    for (const sign of ["resize", "scroll"]) view.addEventListener(sign, fit);
    document.addEventListener("click", (event) => {
      for (const node of event.composedPath()) {
        const text = /** @type {HTMLElement} */ (node).dataset?.clinicChatOpen;
        if (text == null) continue;
        event.preventDefault();
        open(text);
      }
    });
    page.clinicChat = 1;
    // In a task of its own, so that none of the page's becomes a long one by the button's style and layout.
    setTimeout(place);
    if (document.readyState === "complete") resume();
    else window.addEventListener("load", resume);

    /** @type {Window & {ClinicChat?: ClinicChat}} */ (window).ClinicChat = {
      open,
      close: () => dialog.close(),
      onUnread(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    window.dispatchEvent(new Event("clinic-chat:ready"));
  };

  try {
    start();
  } catch (problem) {
    console.warn("Needs <script src>", problem);
  }
})();
