/** How a conversation begins: with the first message, once, under the wording that the visitor has read. */

import { pauseAfter, Refusal, TOLD_AFTER_FAILURES } from "./api.js";
import { newId } from "./outbox.js";
import { readBeginning, readSession, writeBeginning, writeSession } from "./storage.js";
import { settings } from "./strings.js";

/** @typedef {import("./storage.js").Session} Session */

// Two tabs that send their first messages at once begin one conversation.
const LOCK = "clinic-chat";
const STORED_MS = 300;

/**
 * @param {import("./api.js").Api} api
 * @param {object} beginner
 * @param {(session: Session) => void} beginner.onBegun
 * @param {(sentence: string, wait: number) => void} beginner.onFailed sentence: of the clinic, or ""; wait: milliseconds until the next try
 * @param {() => string} beginner.onOutdated the document is older than the service: take back what was written
 * @returns {(id: string) => Promise<void>} begins, or goes on with what another tab has begun meanwhile, however often it
 *   takes; id: of the first message. Beginning again with it, after a cut or in another tab, gives the same conversation
 */
export function readyToBegin(api, { onBegun, onFailed, onOutdated }) {
  let isBusy = false;
  let failures = 0;
  let timer = 0;

  const open = async (/** @type {string} */ id) => {
    // A beginning whose answer was lost may have got through: whichever tab comes next goes on with it.
    const first = readBeginning() ?? id;
    writeBeginning(first);
    try {
      const { conversation, token } = await api.begin(settings.consent, first);
      const session = { conversation, token, seen: 0 };
      // Written before another tab has its turn.
      writeSession(session);
      return session;
    } catch (error) {
      if (isTaken(error)) writeBeginning(newId());
      throw error;
    }
  };

  const fail = (/** @type {unknown} */ error, /** @type {string} */ id) => {
    const refusal = error instanceof Refusal ? error : null;
    if (refusal?.status === 422 && !history.state) {
      // The wording is no longer the one: have the new one read before anything is sent.
      history.replaceState({ draft: onOutdated() }, "");
      location.reload();
      return;
    }
    const wait = Math.max((refusal?.retryAfter ?? 0) * 1000, pauseAfter(failures));
    failures += 1;
    timer = setTimeout(begin, wait, id);
    if ((refusal && !isTaken(refusal)) || failures >= TOLD_AFTER_FAILURES) onFailed(refusal?.message ?? "", wait);
  };

  const begin = async (/** @type {string} */ id) => {
    if (isBusy) return;
    isBusy = true;
    clearTimeout(timer);
    try {
      const session = await alone(async () => readSession() ?? (await open(id)));
      failures = 0;
      history.replaceState(null, "");
      onBegun(session);
    } catch (error) {
      fail(error, id);
    } finally {
      isBusy = false;
    }
  };
  return begin;
}

/**
 * @param {unknown} error
 * @returns {boolean} whether the id has begun another conversation: under another wording, or lost with this browser's memory of it
 */
function isTaken(error) {
  return error instanceof Refusal && error.code === "id_reused";
}

/** @returns {string} what was taken back before the document was loaded anew */
export function takenBack() {
  return history.state?.draft ?? "";
}

/**
 * Let no other tab do the same at the same time, where the browser can say so.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function alone(work) {
  /** @type {Promise<T> | undefined} */
  let working;
  const once = () => (working ??= work());
  await new Promise((go) => {
    const held = async () => {
      go(await once());
      // What this tab has stored takes a moment to reach the other one.
      await new Promise((resolve) => setTimeout(resolve, STORED_MS));
    };
    // There may be no locks here, or they are blocked; or the work fails, which it tells by itself.
    Promise.resolve().then(() => navigator.locks.request(LOCK, held)).catch(go);
  });
  return once();
}
