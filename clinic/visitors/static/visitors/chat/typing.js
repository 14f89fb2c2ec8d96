/** Tells the clinic that the visitor types: seldom, never what, and that they have stopped. */

const AGAIN_MS = 3_000;
const STOPPED_MS = 5_000;

/** The typing of one tab. */
export class Typing {
  /** @param {(on: boolean) => void} tell */
  constructor(tell) {
    this.tell = tell;
    this.toldAt = 0;
    this.timer = 0;
  }

  /** A key was pressed in the box. */
  press() {
    const now = Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stop(), STOPPED_MS);
    if (now - this.toldAt < AGAIN_MS) return;
    this.toldAt = now;
    this.tell(true);
  }

  /** The box is empty, was sent, or nothing was typed for a while. */
  stop() {
    clearTimeout(this.timer);
    if (!this.toldAt) return;
    this.toldAt = 0;
    this.tell(false);
  }
}
