/**
 * Sound and notifications for new work. They say how much of what kind, never what anybody wrote.
 *
 * Of all open pages one speaks, so that nothing is heard twice; it is the one that holds the lock.
 */

/** @typedef {Record<string, number>} Counts */

const SWITCH = "staff-alerts";
const REMEMBERED = "staff-counts";
const LOCK = "staff-alerts";
/** @type {[string, string, string][]} count, what one of them is called, and several */
const KINDS = [
  ["emergency", "emergency", "emergencies"],
  ["medical", "medical question", "medical questions"],
  ["failed", "message without an answer", "messages without an answer"],
  ["people", "visitor asking for a person", "visitors asking for a person"],
  ["booking", "booking request", "booking requests"],
];
/** @type {[string, string, string][]} said when nothing of the above is new: who has taken over hears of the next message */
const ELSE = [["unanswered", "visitor waiting for an answer", "visitors waiting for an answer"]];

let isSpeaker = false;
/** @type {AudioContext | null} */
let audio = null;

/** Tell whether this page has to hear of news while it is hidden. */
export function wantsNews() {
  return isSpeaker && isOn();
}

/** Show the switch, and speak up when work comes. */
export function startAlerts() {
  for (const label of document.querySelectorAll("[data-alerts]")) {
    const box = label.querySelector("input");
    if (!(label instanceof HTMLElement) || !box) continue;
    label.hidden = false;
    box.checked = isOn();
    box.addEventListener("change", () => void turn(box.checked));
  }
  window.addEventListener("storage", (event) => event.key === SWITCH && showSwitches());
  void becomeSpeaker();
  document.body.addEventListener("live:queue", (event) => hear(/** @type {CustomEvent<Counts>} */ (event).detail));
  hear(JSON.parse(document.body.dataset.counts ?? "{}"));
}

function isOn() {
  return read(SWITCH) === "on";
}

/** @param {boolean} on */
async function turn(on) {
  write(SWITCH, on ? "on" : "off");
  showSwitches();
  if (!on) return;
  sound(1);
  if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
}

function showSwitches() {
  for (const box of document.querySelectorAll("[data-alerts] input")) {
    if (box instanceof HTMLInputElement) box.checked = isOn();
  }
}

async function becomeSpeaker() {
  if (!navigator.locks) {
    isSpeaker = true;
    return;
  }
  await navigator.locks.request(LOCK, () => {
    isSpeaker = true;
    // Held until the page goes; then another one speaks.
    return new Promise(() => {});
  });
}

/** @param {Counts} counts */
function hear(counts) {
  const before = JSON.parse(read(REMEMBERED) ?? "null");
  // Only the page that speaks remembers what has been said.
  if (isSpeaker || before === null) write(REMEMBERED, JSON.stringify(counts));
  const news = before === null ? "" : sentence(before, counts);
  if (!news) return;
  if (!document.hidden) announce(news);
  if (!wantsNews()) return;
  sound((counts.emergency ?? 0) > (before.emergency ?? 0) ? 3 : 1);
  notify(news);
}

/**
 * @param {Counts} before
 * @param {Counts} counts
 */
function sentence(before, counts) {
  const parts = [KINDS, ELSE].map((kinds) => more(kinds, before, counts)).find((found) => found.length);
  return parts ? `New: ${parts.join(", ")}` : "";
}

/**
 * @param {[string, string, string][]} kinds
 * @param {Counts} before
 * @param {Counts} counts
 * @returns {string[]} how many more there are of each kind, in words
 */
function more(kinds, before, counts) {
  return kinds.flatMap(([kind, one, several]) => {
    const number = (counts[kind] ?? 0) - (before[kind] ?? 0);
    return number > 0 ? [`${number} ${number === 1 ? one : several}`] : [];
  });
}

/** @param {string} news */
function announce(news) {
  const place = document.getElementById("announcement");
  if (place) place.textContent = news;
}

/** @param {string} news */
function notify(news) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  try {
    const shown = new Notification(news, { tag: "staff", icon: "/static/visitors/icon.svg" });
    shown.addEventListener("click", () => {
      window.focus();
      location.assign("/staff/");
    });
  } catch {
    // Phones have notifications only for installed pages; the sound is there all the same.
  }
}

/**
 * Play a soft double tone, several times for what is urgent.
 * @param {number} times
 */
function sound(times) {
  try {
    audio ??= new AudioContext();
    void audio.resume();
    for (let number = 0; number < times; number += 1) {
      tone(audio, audio.currentTime + number * 0.6, 660);
      tone(audio, audio.currentTime + number * 0.6 + 0.18, 880);
    }
  } catch {
    // A browser without sound.
  }
}

/**
 * @param {AudioContext} context
 * @param {number} at
 * @param {number} frequency
 */
function tone(context, at, frequency) {
  const oscillator = context.createOscillator();
  const volume = context.createGain();
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.32);
}

/** @param {string} key */
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing: the switch then lasts as long as the page.
  }
}
