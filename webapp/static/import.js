// A file of rules that is too long is refused before it is sent.

import { _ } from "./gettext.js";

const file = document.getElementById("f-file");
const most = Number(file?.dataset.most);

file?.addEventListener("change", () => {
  const isLong = (file.files[0]?.size ?? 0) > most;
  const told = isLong ? _("This file has more than {0} KB. `mailbeat rules import` takes it.", Math.floor(most / 1024)) : "";
  file.setCustomValidity(told.replaceAll("`", ""));
  file.reportValidity();
});
