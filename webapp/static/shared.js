// One socket for all tabs of a browser. The tab that holds a lock has the feed, and tells
// the others what it hears; when it goes, the lock is another's. Where there are no locks
// (plain http on another host than this), each tab has a socket of its own.

import { wants } from "./notify.js";
import { Feed } from "./socket.js";

const NAME = "mailbeat-feed";
const ASLEEP = 300_000; // ms hidden, then a tab neither has the socket nor waits for it
const DEAF = 60_000; // ms without a word of the leader, who has one every 20 s

export class SharedFeed {
  heard = 0; // when the last data came, by this clock
  #feed;
  #channel = null;
  #name = "connecting";
  #waiting = null; // ends the wait for the lock
  #leads = false;
  #word = 0; // when the leader last said something, or the wait for one began
  #asleep;

  constructor({ onFrame, onState, ...addresses }) {
    Object.assign(this, { onFrame, onState });
    this.#feed = new Feed({
      ...addresses,
      onFrame: (frame) => this.#tell({ frame, heard: this.#feed.heard }),
      onState: (state) => this.#tell({ state }),
    });
    if (navigator.locks && window.BroadcastChannel) {
      this.#channel = new BroadcastChannel(NAME);
      this.#channel.onmessage = ({ data }) => this.#hear(data);
    }
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", (event) => event.persisted && this.#join());
    document.addEventListener("visibilitychange", () => this.#visible());
    setInterval(() => this.#watch(), 5000);
    this.#join();
  }

  retry() {
    if (this.#name === "signed-out") return;
    this.#join();
    if (this.#leads) this.#feed.retry();
    else this.#channel?.postMessage({ retry: true });
  }

  ask(type, more) {
    if (this.#leads) this.#feed.ask(type, more);
    else this.#channel?.postMessage({ ask: [type, more] });
  }

  // What an action changed comes by the socket; without one it is asked for.
  look() {
    if (this.#name !== "live") this.ask("get_current_status");
  }

  #join(steal = false) {
    if (this.#waiting || this.#name === "signed-out") return;
    const waiting = (this.#waiting = new AbortController());
    this.#word = Date.now();
    const held = () => {
      if (waiting.signal.aborted) return null;
      this.#lead();
      return new Promise((resolve) => waiting.signal.addEventListener("abort", resolve));
    };
    if (!this.#channel) {
      Promise.resolve().then(held);
      return;
    }
    const options = steal ? { steal } : { signal: waiting.signal };
    navigator.locks.request(NAME, options, held).catch(() => this.#robbed(waiting));
    this.#channel.postMessage({ ask: ["get_current_status"] });
  }

  #lead() {
    this.#leads = true;
    this.#feed.start();
  }

  #leave() {
    this.#feed.stop();
    this.#leads = false;
    this.#waiting?.abort();
    this.#waiting = null;
  }

  // Another tab took the lock, as this one seemed dead: it was stopped for a while.
  #robbed(waiting) {
    if (this.#waiting !== waiting) return;
    this.#leave();
    this.#join();
  }

  #tell(message) {
    // That its session ended each tab finds out by itself: one may have signed in again.
    if (message.state?.name === "signed-out") this.#leave();
    else this.#channel?.postMessage(message);
    this.#take(message);
  }

  #take({ frame, heard, state }) {
    if (heard) this.heard = heard;
    if (state) {
      this.#name = state.name;
      this.onState(state);
    }
    if (frame) this.onFrame(frame);
  }

  #hear(message) {
    if (!this.#leads) {
      if (message.state || message.frame) this.#word = Date.now();
      if (this.#name !== "signed-out") this.#take(message);
    } else if (message.ask) {
      this.#tell({ state: this.#feed.state });
      this.#feed.ask(...message.ask);
    } else if (message.retry) this.#feed.retry();
  }

  #watch() {
    const isDeaf = this.#waiting && Date.now() - this.#word > DEAF;
    if (!isDeaf || this.#leads || document.hidden) return;
    this.#leave();
    this.#join(true);
  }

  // A hidden tab gives the socket back after a while, and has news as soon as it is seen.
  #visible() {
    clearTimeout(this.#asleep);
    if (!document.hidden) this.retry();
    else this.#asleep = setTimeout(() => this.#sleep(), ASLEEP);
  }

  #sleep() {
    if (wants()) return; // it shall notify
    this.#leave();
    if (this.#name !== "signed-out") this.#take({ state: { name: "reconnecting", tryAt: null } });
  }
}
