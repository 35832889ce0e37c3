// Tells the server the browser's time zone once, so that hours are those of its clock.

const field = document.getElementById("f-zone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const address = new URL(location.href);

if (field && zone && !address.searchParams.has("zone")) {
  document.cookie = `zone=${zone}; path=/insights; max-age=31536000; samesite=strict`;
  // Where the server does not know this zone, the address has one now, and that is that.
  if (zone !== field.value) {
    address.searchParams.set("zone", zone);
    location.replace(address);
  }
}
