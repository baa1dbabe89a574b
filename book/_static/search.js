// The page of the search: claims first, then pages, by Pagefind's index of the site.
(() => {
  "use strict";
  const { find, item, cyrillic, root, russian } = window.exile;
  const engines = {};

  // One index for each language; the words typed tell which.
  const engine = (language) =>
    (engines[language] ??= import(new URL("pagefind/pagefind.js", root).href).then(async (library) => {
      const made = library.createInstance({ excerptLength: 32 });
      await made.init(language);
      return made;
    }));

  const say = (list, text) => {
    const line = document.createElement("li");
    line.className = "muted";
    line.textContent = text;
    list.replaceChildren(line);
  };
  const words = russian
    ? { claims: "Такого утверждения нет.", pages: "Таких страниц нет.", off: "По страницам можно искать, только когда сайт открыт с сервера." }
    : { claims: "No claim.", pages: "No page.", off: "Pages can be searched where the site is served; opened from disk, only claims can." };

  const start = () => {
    const input = document.getElementById("q");
    const claims = document.getElementById("claims");
    const pages = document.getElementById("pages");
    let asked = 0;
    const show = async () => {
      const turn = ++asked;
      const typed = input.value.trim();
      if (!typed) return claims.replaceChildren(), pages.replaceChildren();
      const hits = await find(typed);
      if (turn !== asked) return;
      if (hits.length) claims.innerHTML = hits.slice(0, 8).map((claim) => item(claim, typed, true)).join("");
      else say(claims, words.claims);
      try {
        const { results } = await (await engine(russian || cyrillic(typed) ? "ru" : "en")).search(typed);
        const found = await Promise.all(results.slice(0, 12).map((result) => result.data()));
        if (turn !== asked) return;
        if (!found.length) return say(pages, words.pages);
        pages.replaceChildren(
          ...found.map(({ url, excerpt, meta }) => {
            const line = document.createElement("li");
            const link = document.createElement("a");
            link.href = url;
            link.textContent = meta.title ?? url;
            const text = document.createElement("p");
            text.innerHTML = excerpt; // the index marks what was found; its text is escaped
            line.append(link, text);
            return line;
          }),
        );
      } catch {
        if (turn === asked) say(pages, words.off);
      } finally {
        if (turn === asked) document.body.dataset.searched = typed;
      }
    };
    input.value = new URLSearchParams(location.search).get("q") ?? new URLSearchParams(location.hash.slice(1)).get("q") ?? "";
    let waiting;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        history.replaceState(null, "", input.value ? `?q=${encodeURIComponent(input.value)}` : location.pathname);
        show();
      }, 150);
    });
    input.form.addEventListener("submit", (event) => event.preventDefault());
    input.focus();
    show();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
