// The feed: the WebSocket, its return after every loss, and polling while it is away.
//
// onFrame({ type, data, seq }) gets what the server says; onState({ name, tryAt }) how the
// feed is: live, connecting, reconnecting, polling, offline or signed-out. `shared.js`
// says which tab starts and stops it.

const WATCHDOG = 45_000; // ms of silence; the server speaks every 20 s
const STEADY = 10_000; // ms up, then failures are forgotten
const PATIENCE = 10_000; // ms for a handshake
const POLL = 5_000; // ms between two polls
const POLL_AFTER = 3; // failures

export const delay = (failures, random = Math.random) => random() * Math.min(30_000, 1000 * 2 ** failures);

export class Feed {
  heard = 0; // when the last data came, by this clock
  state = { name: "connecting", tryAt: null }; // what was last said
  #isOn = false;
  #ws = null;
  #name = "connecting";
  #failures = 0;
  #after = null; // the server's wish for the next try, ms
  #polled = false;
  #timers = {};

  constructor({ onFrame, onState, socketURL, statusURL }) {
    Object.assign(this, { onFrame, onState, socketURL, statusURL });
    addEventListener("online", () => this.retry());
    // A socket may look open for long after the network is gone.
    addEventListener("offline", () => (this.#name === "live" ? this.#lost(true) : this.#say()));
    setInterval(() => this.#watch(), 5000);
  }

  start() {
    this.#isOn = true;
    this.#failures = 0;
    this.#connect();
  }

  stop() {
    this.#isOn = false;
    this.#name = "connecting";
    clearInterval(this.#timers.poll);
    this.#timers.poll = null;
    this.#drop();
  }

  // Connect at once, unless connected.
  retry() {
    if (this.#isOn && this.#name !== "live") this.#connect();
  }

  ask(type, more = {}) {
    if (this.#ws?.readyState === 1) this.#ws.send(JSON.stringify({ type, ...more }));
    else this.#poll();
  }

  #connect() {
    this.#drop();
    this.#say("connecting");
    let ws;
    try {
      ws = this.#ws = new WebSocket(this.socketURL);
    } catch {
      this.#lost(false);
      return;
    }
    let opened = false;
    this.#later("patience", PATIENCE, () => this.#lost(false));
    ws.onopen = () => {
      opened = true;
      clearTimeout(this.#timers.patience);
      this.#later("steady", STEADY, () => (this.#failures = 0));
    };
    ws.onmessage = ({ data }) => this.#hear(data);
    ws.onclose = ({ code }) => {
      if (code === 4401 || code === 4403) this.#signedOut();
      else this.#lost(opened);
    };
  }

  #hear(text) {
    this.heard = Date.now();
    const frame = JSON.parse(text);
    if (frame.type === "server_closing") this.#after = frame.data.reconnect_after_ms;
    if (this.#name !== "live") {
      clearInterval(this.#timers.poll);
      this.#timers.poll = null;
      this.#say("live");
    }
    this.onFrame(frame);
  }

  #lost(opened) {
    this.#drop();
    const wait = this.#after ?? delay(this.#failures);
    this.#after = null;
    this.#failures += 1;
    this.tryAt = Date.now() + wait;
    this.#later("retry", wait, () => this.#connect());
    this.#say("reconnecting");
    // A refused handshake looks like any other loss; the answer to a plain GET tells why.
    if (!opened) this.#poll();
    if (this.#failures >= POLL_AFTER) this.#timers.poll ??= setInterval(() => this.#poll(), POLL);
  }

  async #poll() {
    let response = null;
    try {
      response = await fetch(this.statusURL, { cache: "no-store", signal: AbortSignal.timeout(POLL - 500) });
      if (!this.#isOn) return;
      if (response.status === 401) return this.#signedOut();
      if (response.ok) {
        const data = await response.json();
        if (!this.#isOn) return;
        this.heard = Date.now();
        this.onFrame({ type: "snapshot", data, seq: data.seq, timestamp: data.timestamp });
      }
    } catch {
      response = null; // no network, no server, or too slow
    }
    this.#polled = Boolean(response?.ok);
    if (this.#name === "reconnecting") this.#say("reconnecting");
  }

  #signedOut() {
    this.stop();
    this.#say("signed-out");
  }

  #drop() {
    for (const name of ["patience", "steady", "retry"]) clearTimeout(this.#timers[name]);
    const ws = this.#ws;
    this.#ws = null;
    if (!ws) return;
    ws.onopen = ws.onmessage = ws.onclose = null;
    ws.close();
  }

  #watch() {
    if (this.#name === "live" && Date.now() - this.heard > WATCHDOG) this.#lost(true);
  }

  #later(name, ms, action) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = setTimeout(action, ms);
  }

  #say(name = this.#name) {
    if (!this.#isOn && name !== "signed-out") return;
    this.#name = name;
    if (name === "reconnecting" || name === "connecting") {
      if (navigator.onLine === false) name = "offline";
      else if (this.#failures >= POLL_AFTER && this.#polled) name = "polling";
      else if (this.#failures) name = "reconnecting";
    }
    this.state = { name, tryAt: this.#name === "reconnecting" ? this.tryAt : null };
    this.onState(this.state);
  }
}
