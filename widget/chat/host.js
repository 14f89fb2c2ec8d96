/** The page around the frame. Its launcher is told numbers and wishes, never a text; it tells when the chat opens. */

/** Whether there is no page around: the chat has a tab of its own. */
export const isAlone = window.parent === window;

let isOpen = isAlone;
/** @type {MessagePort | null} */
let port = null;

/** @returns {boolean} whether the chat is there to be read */
export function isSeen() {
  return isOpen;
}

/**
 * Answer the launcher's greeting; what it tells after that waits for `listenToHost`.
 * @param {() => void} onMet
 */
export function meetHost(onMet) {
  window.addEventListener("message", ({ source, data, ports }) => {
    // Only pages that the clinic's list allows can be around this frame: its policy says so.
    if (source !== window.parent || data !== "clinic-chat" || !ports[0]) return;
    port = ports[0];
    port.postMessage({ ready: 1 });
    onMet();
  });
}

/**
 * @param {object} wishes
 * @param {() => void} wishes.onOpen
 * @param {(text: string) => void} wishes.onDraft a text that the page proposes to send
 */
export function listenToHost({ onOpen, onDraft }) {
  if (!port) return;
  port.onmessage = (/** @type {MessageEvent<{open?: boolean, draft?: string}>} */ { data: { open, draft } }) => {
    if (typeof open === "boolean") {
      isOpen = open;
      if (open) onOpen();
    }
    if (typeof draft === "string") onDraft(draft);
  };
}

/** @param {{unread?: number, active?: boolean}} news how many messages came while closed; whether a conversation goes on */
export function tellHost(news) {
  port?.postMessage(news);
}

/** The visitor wants the chat out of the way. */
export function closeChat() {
  port?.postMessage({ close: 1 });
}
