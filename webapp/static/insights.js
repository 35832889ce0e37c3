// Where the server did not know the browser's time zone yet, or does not know such a
// zone, the address has it now, and that is that.

import { zone } from "./words.js";

const field = document.getElementById("f-zone");
const address = new URL(location.href);

if (field && zone !== field.value && !address.searchParams.has("zone")) {
  address.searchParams.set("zone", zone);
  location.replace(address);
}
