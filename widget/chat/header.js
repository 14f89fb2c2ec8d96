/** The head of the chat: whose it is, who speaks, whether the clinic is open. */

import { icon, part, write } from "./dom.js";
import { visitTimeOf } from "./moments.js";
import { fill, strings } from "./strings.js";

/**
 * @param {string} owner bot, waiting, staff or closed
 * @param {string | null} name of who of the staff it is
 */
export function showOwner(owner, name) {
  const subtitle = part("subtitle");
  const texts = {
    bot: strings.subtitleBot,
    waiting: strings.subtitleWaiting,
    staff: name ? fill(strings.subtitleStaffNamed, { name }) : strings.subtitleStaff,
    closed: strings.subtitleClosed,
  };
  const text = texts[/** @type {keyof typeof texts} */ (owner)] ?? texts.bot;
  if (subtitle.textContent !== text) subtitle.replaceChildren(...(owner === "staff" ? [icon("person")] : []), text);
}

/** @param {import("./api.js").Practice} practice */
export function showHours({ open, changes_at: changesAt, time_zone: zone }) {
  const line = part("hours");
  const change = changesAt ? visitTimeOf(changesAt, zone) : null;
  // A clinic that has told no hours at all is not said to be closed.
  line.hidden = !open && !change;
  line.classList.toggle("is-open", open);
  if (!open) write(line, change ? fill(strings.closedUntil, { time: change.text }) : "");
  else write(line, change?.isToday ? fill(strings.openUntil, { time: change.text }) : strings.openNow);
  write(part("person").lastChild, open || !change ? strings.talkToPerson : strings.leaveMessage);
}
