// The set-up of an account: a form is sent once, and label names follow what is typed.

for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return void event.preventDefault();
    form.dataset.sent = "yes";
    const busy = form.querySelector(".busy");
    if (busy) busy.textContent = form.dataset.busy;
  });
}
// Back from the next page, a page that was kept whole can be sent again.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    const busy = form.querySelector(".busy");
    if (busy) busy.textContent = "";
  }
});

// Where something is wrong, or a link leads to a form, there one types: once the browser
// has gone to what the address names, which takes the focus away.
function begin() {
  const led = location.hash === "#password" ? document.querySelector("#password [type=password]") : null;
  const field = document.querySelector("[aria-invalid=true]") ?? led;
  field?.focus({ preventScroll: true });
  field?.scrollIntoView({ block: "center" });
}
if (document.readyState === "complete") begin();
else addEventListener("load", () => setTimeout(begin));

const names = document.getElementById("names");
const prefix = document.getElementById("f-label_prefix");
let before = names?.dataset.prefix ?? "";
prefix?.addEventListener("input", () => {
  const start = (text) => (text ? `${text}/` : "");
  for (const node of names.querySelectorAll("bdi"))
    node.textContent = start(prefix.value) + node.textContent.slice(start(before).length);
  before = prefix.value;
});
