// Finds claims by their words, numbers and ids as one types; the theme's button; the code switch.
(() => {
  "use strict";
  const here = document.currentScript.src;
  const root = new URL("../", here);
  const russian = document.documentElement.lang === "ru";
  let held;

  // Loaded as a script, which pages opened from disk may do too.
  const claims = () =>
    (held ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL("claims-index.js", root).href;
      script.onload = () => resolve(window.exileClaims);
      script.onerror = reject;
      document.head.append(script);
    }));

  const SCALE = { thousand: 1e3, thousands: 1e3, тысяч: 1e3, тысячи: 1e3, тыс: 1e3, million: 1e6, millions: 1e6, миллион: 1e6, миллиона: 1e6, миллионов: 1e6, млн: 1e6 };
  const ids = /^[a-z0-9]+(?:-[a-z0-9]+)+$/;

  // What is typed as words and numbers: "700,000", "700 thousand" and "80 %" are numbers.
  const tokens = (typed) => {
    const text = typed.toLowerCase().normalize("NFC").trim();
    if (ids.test(text)) return [{ id: text }, ...text.split("-").map((word) => ({ word, weak: true }))];
    const parts = text
      .replace(/(\d)[\s\u00a0\u202f,](?=\d{3}(?!\d))/g, "$1")
      .replace(/(\d),(\d)/g, "$1.$2")
      .match(/\d+(?:\.\d+)?|[\p{L}][\p{L}’'-]*/gu) ?? [];
    const found = [];
    for (const part of parts) {
      const before = found.at(-1);
      if (/^\d/.test(part)) found.push({ number: Number(part) });
      else if (SCALE[part] && before && "number" in before) before.number *= SCALE[part];
      else if (SCALE[part] === 1e6) found.push({ number: 1e6, word: part });
      else found.push({ word: part });
    }
    return found;
  };

  // A word without its ending: enough to find its other forms.
  const stem = (word) => {
    if (/[а-яё]/.test(word)) return word.length > 6 ? word.slice(0, -2) : word.length > 4 ? word.slice(0, -1) : word;
    return word.replace(/(?<=\w{3})(?:ing|ed|es|s)$/, "");
  };
  const STOP = new Set("a an and are as at be by do does did for from how in is it many much of on or the their they to was were what who with и в во на не что как с со по из за о об у от ли".split(" "));

  const texts = (claim) => {
    if (claim.texts) return claim.texts;
    const low = (text) => (text ?? "").toLowerCase();
    return (claim.texts = [
      [low(claim.n), 30], [low(claim.s), 20], [low(claim.rn), 30], [low(claim.rs), 20],
      [low(claim.a), 8], [low(claim.ra), 8], [low(claim.t), 6], [low(claim.x), 3],
    ]);
  };

  const points = (claim, token) => {
    let sum = 0;
    if (token.id) sum = claim.id === token.id ? 1000 : claim.id.startsWith(token.id) ? 200 : 0;
    if ("number" in token) {
      if (claim.k.includes(token.number)) sum += 100 + 60 / claim.k.length;
      else if (claim.m.includes(token.number)) sum += 20;
    }
    if (token.word) {
      const word = stem(token.word);
      if (claim.id.split("-").some((part) => part.startsWith(word))) sum += 15;
      for (const [text, worth] of texts(claim)) {
        const at = text.search(new RegExp(`(?<![\\p{L}\\d])${word.replace(/[^\p{L}\d]/gu, ".")}`, "u"));
        if (at >= 0) sum += worth;
      }
    }
    return sum;
  };

  const find = async (typed) => {
    const all = tokens(typed);
    const asked = all.filter((t) => !(t.word && !("number" in t) && STOP.has(t.word)));
    if (!asked.length) return [];
    const scored = (await claims()).map((claim) => {
      const each = asked.map((token) => points(claim, token) / (token.weak ? 10 : 1));
      return { claim, sum: each.reduce((a, b) => a + b, 0), hits: each.filter(Boolean).length };
    });
    const exact = asked.some((t) => t.id) ? 1 : asked.length;
    const fitting = scored.filter((s) => s.hits >= exact);
    const kept = fitting.length ? fitting : scored.filter((s) => s.hits);
    return kept.sort((a, b) => b.hits - a.hits || b.sum - a.sum).map((s) => s.claim);
  };

  const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const mark = (text, typed) => {
    const words = tokens(typed).filter((t) => t.word && !STOP.has(t.word)).map((t) => stem(t.word));
    const numbers = (typed.match(/\d[\d.,]*/g) ?? []).map((n) => n.replace(/[.,]$/, ""));
    const any = [...numbers.map((n) => `(?<!\\d)${n.replace(/\./g, "\\.")}(?!\\d)`), ...words.map((w) => `(?<!\\p{L})${w.replace(/[^\p{L}\d]/gu, ".")}`)];
    const safe = escape(text);
    return any.length ? safe.replace(new RegExp(any.join("|"), "giu"), (m) => `<mark>${m}</mark>`) : safe;
  };

  const cyrillic = (text) => /[а-яё]/i.test(text);
  const item = (claim, typed, full) => {
    const ru = russian || cyrillic(typed);
    const address = new URL(`${ru ? "ru/" : ""}claims/${claim.id}/index.html`, root).href;
    const statement = ru ? claim.rs : claim.s;
    const answer = ru ? claim.ra : claim.a;
    const word = ru ? claim.rw : claim.w;
    const lang = ru && !russian ? ' lang="ru" hreflang="ru"' : "";
    return `<li><a href="${address}"${lang}><svg class="g" aria-hidden="true"><use href="#g-${claim.h}"/></svg><span>${mark(statement, typed)}</span><small>${escape(word)}${full ? `. ${mark(answer, typed)}` : ""}</small></a></li>`;
  };

  window.exile = { find, item, mark, cyrillic, root, russian };

  const attend = (form) => {
    const input = form.querySelector("input");
    const list = form.querySelector(".hits");
    if (!list) return;
    let asked = 0;
    const show = async () => {
      const turn = ++asked;
      const typed = input.value;
      const hits = typed.trim() ? await find(typed) : [];
      if (turn !== asked) return;
      list.innerHTML = hits.slice(0, 6).map((claim) => item(claim, typed)).join("");
      list.hidden = !list.innerHTML;
    };
    input.addEventListener("focus", () => claims(), { once: true });
    input.addEventListener("input", show);
    form.addEventListener("keydown", (event) => {
      const links = [...list.querySelectorAll("a")];
      const at = links.indexOf(document.activeElement);
      if (event.key === "Escape") (list.innerHTML = ""), input.focus();
      else if (event.key === "ArrowDown" && links.length) links[Math.min(at + 1, links.length - 1)].focus(), event.preventDefault();
      else if (event.key === "ArrowUp" && at >= 0) (at ? links[at - 1] : input).focus(), event.preventDefault();
    });
    document.addEventListener("click", (event) => form.contains(event.target) || (list.innerHTML = ""));
    return { input, show };
  };

  const start = () => {
    const forms = [...document.querySelectorAll("form.find")].map((form) => [form, attend(form)]);
    const fromAddress = () => {
      const typed = new URLSearchParams(location.hash.slice(1)).get("q");
      const [, box] = forms.find(([form]) => form.dataset.main !== undefined) ?? [];
      if (typed && box) (box.input.value = typed), box.show(), box.input.focus();
    };
    fromAddress();
    addEventListener("hashchange", fromAddress);
    document.querySelectorAll("[data-q]").forEach((link) =>
      link.addEventListener("click", (event) => {
        const [, box] = forms.find(([form]) => form.dataset.main !== undefined) ?? [];
        if (!box) return;
        event.preventDefault();
        box.input.value = link.dataset.q;
        box.show();
        box.input.focus();
      }),
    );
    document.addEventListener("keydown", (event) => {
      const typing = /INPUT|TEXTAREA|SELECT/.test(document.activeElement?.tagName);
      if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !typing)) {
        event.preventDefault();
        (forms.find(([form]) => form.dataset.main !== undefined) ?? forms[0])?.[0].querySelector("input").focus();
      }
    });

    const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private windows */ } };
    const data = document.documentElement.dataset;
    document.querySelectorAll(".theme-button").forEach((button) =>
      button.addEventListener("click", () => {
        data.theme = data.mode = data.theme === "dark" ? "light" : "dark";
        keep("mode", data.mode);
        keep("theme", data.theme);
      }),
    );
    // Where nobody chose, the system does, and may change its mind.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
      if (data.mode === "auto") data.theme = event.matches ? "dark" : "light";
    });

    const cells = document.querySelectorAll("details.hide");
    const switches = document.querySelectorAll(".code-switch");
    const openAll = (open) => cells.forEach((cell) => (cell.open = open));
    if (data.code === "open") openAll(true);
    switches.forEach((button) => {
      button.setAttribute("aria-checked", String(data.code === "open"));
      button.addEventListener("click", () => {
        const open = data.code !== "open";
        if (open) data.code = "open";
        else delete data.code;
        keep("code", open ? "open" : "folded");
        openAll(open);
        button.setAttribute("aria-checked", String(open));
      });
    });
    // Code can be copied once it is open.
    cells.forEach((cell) =>
      cell.addEventListener("toggle", () => {
        const code = cell.querySelector("pre");
        if (!cell.open || !code || cell.querySelector(".copybtn") || !navigator.clipboard) return;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "copybtn";
        button.textContent = russian ? "Копировать" : "Copy";
        button.addEventListener("click", async () => {
          await navigator.clipboard.writeText(code.textContent);
          button.textContent = "Copied";
        });
        code.before(button);
      }),
    );
    // The menu of downloads.
    document.querySelectorAll('[data-bs-toggle="dropdown"]').forEach((opener) => {
      const menu = opener.parentElement.querySelector(".dropdown-menu");
      const set = (open) => {
        menu.classList.toggle("show", open);
        opener.setAttribute("aria-expanded", String(open));
      };
      opener.addEventListener("click", () => set(!menu.classList.contains("show")));
      document.addEventListener("click", (event) => opener.parentElement.contains(event.target) || set(false));
      opener.parentElement.addEventListener("keydown", (event) => {
        if (event.key === "Escape") set(false), opener.focus();
      });
    });
    // Paper shows the evidence, whatever was folded.
    const folded = () => document.querySelectorAll("details:not([open]):is(.claim-evidence, .ev, .chart-how)");
    let opened = [];
    addEventListener("beforeprint", () => (opened = [...folded()]).forEach((d) => (d.open = true)));
    addEventListener("afterprint", () => opened.forEach((d) => (d.open = false)));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
