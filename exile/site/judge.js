// Judge it yourself: asks the book's own engine, in Python, and shows what it says.
const root = document.getElementById("judge");
const known = JSON.parse(root.dataset.settings);
const here = new URL(".", import.meta.url).href;
const fresh = () => ({ everywhere: {}, readings: {}, counts: {}, moved: {} });
let engine = null, claims = [], published = {}, choices = null;
let claim = "", settings = fresh();

const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((c) => c != null));
  return node;
};
const shape = (code) => make("span", { class: `headline-shape headline-${code}`, "aria-hidden": "true" }, known.headlines[code].shape);
const ask = (method, ...given) => JSON.parse(engine[method](...given));
const text = () => JSON.stringify(settings);

// The address carries claim and settings, so that a link gives what its sender saw.
function read() {
  const given = new URLSearchParams(location.hash.slice(1));
  claim = given.get("claim") || "";
  try { settings = { ...fresh(), ...JSON.parse(given.get("s") || "{}") }; } catch { settings = fresh(); }
}
function write() {
  const said = new URLSearchParams({ claim });
  const changed = Object.fromEntries(Object.entries(settings).filter(([, v]) => Object.keys(v).length));
  if (Object.keys(changed).length) said.set("s", JSON.stringify(changed));
  history.replaceState(null, "", `#${said}`);
}

async function start() {
  const status = make("p", { role: "status" }, "Loading the engine, about 6 MB …");
  root.replaceChildren(status);
  try {
    const { loadPyodide } = await import(`${here}pyodide.mjs`);
    const [python, zip, state] = await Promise.all([
      loadPyodide({ indexURL: here }),
      fetch(`${here}engine.zip`).then((r) => r.arrayBuffer()),
      fetch(`${here}state.json`).then((r) => r.text()),
    ]);
    python.unpackArchive(zip, "zip", { extractDir: "/engine" });
    python.globals.set("state", state);
    engine = python.runPython("import sys; sys.path.insert(0, '/engine')\nfrom exile.judge import Judge\nJudge(state)");
  } catch (problem) {
    status.textContent = "The engine could not be loaded. It needs a browser of 2023 or later, and the site's folder 'judge'.";
    console.info(problem);
    return;
  }
  claims = ask("claims");
  published = ask("judge", "{}");
  if (!claims.some((c) => c.id === claim)) claim = "car-27-4";
  if (!claims.some((c) => c.id === claim)) claim = claims[0].id;
  build();
}

function build() {
  choices = ask("choices", claim);
  const picker = make("select", { id: "judge-claim", onchange: (e) => { claim = e.target.value; build(); } },
    ...claims.map((c) => make("option", { value: c.id, selected: c.id === claim }, c.statement)));
  const form = make("form", { class: "judge-form", onsubmit: (e) => e.preventDefault() });
  for (const reading of choices.readings)
    form.append(segment("readings", reading.key, `How is this part read: ${reading.words}?`, reading.options));
  if (choices.evidence.length) form.append(evidence());
  form.append(
    segment("everywhere", "second_hand", "Do figures count that we know from reports alone?", [
      { value: true, words: "yes" }, { value: false, words: "no" }]),
    segment("everywhere", "alpha", "How much chance do you allow?", known.alpha.map((a) => ({ value: a, words: `${100 * a} %` }))),
    segment("everywhere", "corrected", "Are the tests corrected for being many?", [
      { value: true, words: "yes" }, { value: false, words: "no" }]),
    segment("everywhere", "trifle", "What is more than a trifle?", known.trifle.map((t) => ({ value: t, words: `${t} points` }))),
    segment("everywhere", "equivalence", "What is the same size?", known.equivalence.map((t) => ({ value: t, words: `within ${t} points` }))));
  if (choices.scenarios.length)
    form.append(segment("everywhere", "scenario", "How many people answered, and how well were they drawn?",
      [{ value: null, words: "the least favourable" }, ...choices.scenarios.map((s) => ({ value: s, words: `as if ${s}` }))]));
  form.append(make("p", {}, make("button", { type: "button", class: "judge-reset", onclick: () => { settings = fresh(); build(); } }, "Back to the book’s choices")));
  root.replaceChildren(
    make("p", {}, make("label", { for: "judge-claim" }, "Claim"), picker),
    make("div", { class: "judge-grid" },
      make("div", { class: "judge-result", id: "judge-result", "aria-live": "polite" }), form,
      make("div", { class: "judge-more", id: "judge-more" })));
  show();
}

// What stands in the settings for an option, and nothing where it is the book's own.
function segment(group, key, question, options) {
  const name = `${group}:${key}`;
  const field = make("fieldset", { "data-group": group, "data-key": key }, make("legend", {}, question));
  const list = make("div", { class: "judge-segment" });
  options.forEach((option, place) => {
    const chosen = settings[group][key] === undefined ? place === 0 : settings[group][key] === option.value;
    list.append(make("label", {}, make("input", {
      type: "radio", name, value: place, checked: chosen,
      onchange: () => { if (place === 0) delete settings[group][key]; else settings[group][key] = option.value; show(); },
    }), make("span", {}, make("span", { class: "judge-worn" }), option.words)));
  });
  field.append(list);
  field.dataset.options = JSON.stringify(options.map((o, place) => ({ [group]: place ? { [key]: o.value } : {} })));
  return field;
}

function evidence() {
  const scale = (unit) => (unit.startsWith("share") ? 100 : 1);
  const field = make("fieldset", { class: "judge-evidence" }, make("legend", {}, "What counts as evidence, and what did it find?"));
  for (const piece of choices.evidence) {
    const count = make("input", {
      type: "checkbox", checked: settings.counts[piece.key] ?? piece.decides,
      onchange: (e) => { if (e.target.checked === piece.decides) delete settings.counts[piece.key]; else settings.counts[piece.key] = e.target.checked; show(); },
    });
    const by = scale(piece.unit), value = settings.moved[piece.key] ?? piece.value;
    const amount = make("input", {
      type: "number", step: "any", value: Number.isFinite(+value) ? +(by * value).toPrecision(4) : "", "aria-label": `Suppose it found, ${piece.label}`,
      oninput: (e) => { const x = e.target.value === "" ? NaN : +e.target.value / by; if (!Number.isFinite(x) || Math.abs(x - piece.value) < 5e-5 * Math.max(1, Math.abs(piece.value))) delete settings.moved[piece.key]; else settings.moved[piece.key] = x; show(); },
    });
    const unit = { share: "%", share_difference: "points", ratio: "times", odds_ratio: "odds ratio", count: "" }[piece.unit];
    field.append(make("div", { class: "judge-piece" },
      make("label", {}, count, ` ${piece.label}`),
      make("span", { class: "judge-note" }, `${piece.part}; ${piece.people}; grade ${piece.grade}${piece.second_hand ? "; from reports" : ""}${piece.because ? `; set aside: ${piece.because}` : ""}`),
      make("label", { class: "judge-amount" }, "suppose ", amount, ` ${unit}`)));
  }
  return field;
}

function show() {
  write();
  const now = ask("judge", text(), claim)[claim], before = published[claim];
  const changed = text() !== JSON.stringify(fresh());
  const result = document.getElementById("judge-result");
  result.replaceChildren(...[
    make("p", { class: "judge-who" }, changed ? "As you judge" : "As the book judges"),
    make("p", { class: `judge-headline headline-${now.headline}` }, shape(now.headline), make("strong", {}, now.word),
      now.headline === "not_a_matter_of_fact" ? null : make("span", { class: "judge-people" }, now.people)),
    make("p", { class: "judge-answer" }, now.answer),
    now.headline !== before.headline ? make("p", { class: "judge-note" }, `The book says: ${before.word}.`) : null,
  ].filter(Boolean));
  root.querySelectorAll("fieldset[data-options]").forEach((field) => {
    const { group, key } = field.dataset;
    const base = structuredClone(settings);
    delete base[group][key];
    const worn = JSON.parse(engine.headlines(JSON.stringify(base), claim, field.dataset.options));
    field.querySelectorAll("label").forEach((label, place) => {
      label.querySelector(".judge-worn").replaceChildren(shape(worn[place]));
      label.querySelector("input").setAttribute("aria-label", `${label.textContent.slice(1)}: would be ${known.headlines[worn[place]].word}`);
    });
  });
  const parts = make("ul", { class: "judge-parts" }, ...now.parts.map((part) => {
    const was = before.parts.find((p) => p.part === part.part && p.scope === part.scope);
    return make("li", {}, make("span", {}, `${part.words}; ${part.people}`),
      make("span", { class: `verdict verdict-${part.verdict}` }, part.label + (was && was.label !== part.label ? ` (book: ${was.label})` : "")));
  }));
  const everywhere = { ...fresh(), everywhere: settings.everywhere };
  const all = Object.keys(settings.everywhere).length ? ask("judge", JSON.stringify(everywhere)) : published;
  const tally = (told, code) => Object.values(told).filter((t) => t.headline === code).length;
  const rows = Object.entries(known.headlines).map(([code, h]) => make("tr", {}, make("th", { scope: "row" }, shape(code), ` ${h.word}`),
    make("td", {}, String(tally(published, code))), make("td", {}, String(tally(all, code)))));
  const moved = claims.filter((c) => all[c.id].headline !== published[c.id].headline);
  document.getElementById("judge-more").replaceChildren(
    make("h3", {}, "The parts of this claim"), parts,
    make("h3", {}, "All claims, by what you chose for all"),
    make("table", {}, make("thead", {}, make("tr", {}, make("td"), make("th", { scope: "col" }, "book"), make("th", { scope: "col" }, "you"))), make("tbody", {}, ...rows)),
    moved.length ? make("ul", {}, ...moved.map((c) => make("li", {}, make("a", { href: `#${new URLSearchParams({ claim: c.id, s: JSON.stringify({ everywhere: settings.everywhere }) })}`,
      onclick: (e) => { e.preventDefault(); claim = c.id; build(); } }, c.statement), ` ${published[c.id].word} → ${all[c.id].word}`)))
      : make("p", { class: "judge-note" }, "These choices move no other headline."),
    make("p", {}, make("button", { type: "button", onclick: async (e) => { await navigator.clipboard.writeText(location.href); e.target.textContent = "Copied"; } }, "Copy a link to these choices")));
  // Which choices the page now answers: whoever follows it from outside can wait for that.
  root.dataset.answered = location.hash;
}

read();
addEventListener("hashchange", () => { read(); if (engine) build(); });
if (location.hash.includes("claim=") && new URLSearchParams(location.hash.slice(1)).has("s")) start();
else root.append(make("p", {}, make("button", { type: "button", class: "judge-start", onclick: start }, "Load the engine and judge"),
  make("span", { class: "judge-note" }, " about 6 MB, from this site; nothing that you choose leaves your browser")));
