/** The page around the frame. Its launcher is told numbers and wishes, never a text; it tells when the chat opens. */

/** Whether there is no page around: the chat has a tab of its own. */
export const isAlone = window.parent === window;

let isOpen = isAlone;
/** @type {MessagePort | null} */
let port = null;
/** @type {Record<string, unknown>} what was told last, for a launcher that comes later */
const told = {};

/** @returns {boolean} whether the chat is there to be read */
export function isSeen() {
  return isOpen;
}

/**
 * @param {object} wishes
 * @param {() => void} wishes.onOpen
 * @param {(text: string) => void} wishes.onDraft a text that the page proposes to send
 */
export function listenToHost({ onOpen, onDraft }) {
  const hear = (/** @type {{open?: boolean, draft?: string}} */ { open, draft }) => {
    if (typeof open === "boolean") {
      isOpen = open;
      if (open) onOpen();
    }
    if (typeof draft === "string") onDraft(draft);
  };
  window.addEventListener("message", ({ source, data, ports }) => {
    // Only pages that the clinic's list allows can be around this frame: its policy says so.
    if (isAlone || source !== window.parent || data?.type !== "clinic-chat" || !ports[0]) return;
    port = ports[0];
    port.onmessage = (event) => hear(event.data);
    port.postMessage({ ready: 1, ...told });
  });
}

/** @param {{unread?: number, active?: boolean}} news how many messages came while closed; whether a conversation goes on */
export function tellHost(news) {
  Object.assign(told, news);
  port?.postMessage(news);
}

/** The visitor wants the chat out of the way. */
export function closeChat() {
  port?.postMessage({ close: 1 });
}
