// A style sheet that only some moments need, fetched with the first of them.

export function sheet(name) {
  return new Promise((resolve) => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "stylesheet", href: new URL(`./${name}`, import.meta.url).href });
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
}
