/** The conversation as a text that the visitor keeps. It is made here: nothing goes anywhere. */

import { el, part } from "./dom.js";
import { clinicNow, dayAndTimeOf } from "./moments.js";
import { fill, strings } from "./strings.js";

/** @param {Element} row */
function lines(row) {
  const time = row.querySelector("time");
  const name = row.querySelector(".chat-name")?.textContent;
  const text = row.querySelector(".chat-text")?.textContent;
  return `${time ? `${dayAndTimeOf(new Date(time.dateTime))} · ` : ""}${name}\n${text}\n`;
}

/** Have the browser save what is on the screen, with names, days and times. */
export function download() {
  const now = clinicNow();
  const head = fill(strings.transcript, { clinic: document.title, time: dayAndTimeOf(now) });
  const rows = [...part("list").children].filter((row) => row.dataset.seq);
  const text = [`${head}\n`, ...rows.map(lines)].join("\n");
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = el("a");
  link.href = url;
  link.download = `chat-${now.toLocaleDateString("sv")}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
