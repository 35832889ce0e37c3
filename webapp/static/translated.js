// What a page in another language has more: its texts, and the sentences of the server
// by their shape, as mailbeat/sentences.py has them. The server makes the table.

const { lang } = document.documentElement;
export const { texts, shapes } = await import(`./${lang}.js`);
const patterns = shapes.map(([pattern, text]) => [new RegExp(`^(?:${pattern})$`, "s"), text]);
const LONGEST = 2000; // characters that are looked at

export function said(text) {
  if (!text || text.length > LONGEST) return text;
  for (const [pattern, translated] of patterns) {
    const found = pattern.exec(text);
    if (found) return translated.replace(/%(?:%|\((\w+)\)s)/g, (_, name) => (name ? found.groups[name] : "%"));
  }
  return text;
}

// Texts that the scripts choose from tables: marked here, where English pages never come.
const N_ = (text) => text;
N_("Sign-in refused");
N_("Server not reachable");
N_("Certificate not trusted");
N_("Server busy");
N_("Slowed down by the server");
N_("Mailbox not found");
N_("Labels not accepted");
N_("Host not allowed");
N_("Ran out of time");
N_("Fault in Mailbeat");
N_("Failed");
N_("connecting");
N_("fetching");
N_("processing");
N_("categorizing");
N_("labeling");
N_("s");
N_("min");
N_("h");
N_("d");
N_("Connecting");
N_("Live");
N_("Reconnecting");
N_("Polling");
N_("Offline");
N_("Signed out");
N_("now");
N_("just now");
N_("now");
N_("just now");
N_("System theme");
N_("Light theme");
N_("Dark theme");
N_("The server cannot be reached. Nothing was changed.");
N_("The run starts within seconds.");
N_("The run stops at its next message.");
N_("The account is paused.");
N_("The account runs again, at once.");
N_("Everything is paused.");
N_("Everything runs again.");
