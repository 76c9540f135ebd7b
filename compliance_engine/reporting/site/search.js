"use strict";
// Finds pages whose title, id or text has every word that was typed. The list of pages is pages.js; no server is asked.
(function () {
  const box = document.getElementById("search");
  const list = document.getElementById("results");
  const root = document.documentElement.dataset.root;
  const most = 40;
  if (!box || !list || !window.PAGES) return;

  const pages = window.PAGES.map((page) => ({
    page,
    name: (page.title + " " + page.id).toLowerCase(),
    all: (page.title + " " + page.id + " " + page.kind + " " + page.text).toLowerCase(),
  }));

  function show() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.replaceChildren();
    list.hidden = words.length === 0;
    if (list.hidden) return;
    const found = pages.filter((entry) => words.every((word) => entry.all.includes(word)));
    const weight = (entry) => words.filter((word) => entry.name.includes(word)).length;
    found.sort((one, other) => weight(other) - weight(one));
    for (const { page } of found.slice(0, most)) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = root + page.href;
      link.textContent = page.title;
      const kind = document.createElement("span");
      kind.className = "kind";
      kind.textContent = page.kind + (page.title === page.id ? "" : " · " + page.id);
      item.append(link, kind);
      list.append(item);
    }
    if (found.length !== 1) {
      const count = document.createElement("li");
      count.className = "count";
      count.textContent = found.length > most ? found.length + " found, the first " + most + " shown" : found.length + " found";
      list.append(count);
    }
  }

  box.addEventListener("input", show);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      box.value = "";
      show();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== box) {
      event.preventDefault();
      box.focus();
    }
  });
  window.addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });
  // index.html?q=words is a search that can be sent to somebody.
  box.value = new URLSearchParams(location.search).get("q") || "";
  show();
})();
