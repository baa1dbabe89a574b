// node axe.cjs BROWSER SITE PAGE...
// Prints, as JSON, what axe-core finds on each page: in both themes, on a desk and on a phone,
// with everything that folds unfolded and every chart drawn. Of a table it looks at the first
// rows. What is drawn in a chart is for look.cjs.
const axe = require("axe-core");
const { each, launch, serve } = require("./served.cjs");

const [browserPath, site, ...names] = process.argv.slice(2);
// Each theme and each width is looked at in full once. Of the other two states, what theme and
// width do only together: contrast, of two texts of each kind.
const STATES = [
  { theme: "light", width: 1280, full: true },
  { theme: "dark", width: 1280 },
  { theme: "dark", width: 360, full: true },
  { theme: "light", width: 360 },
];
const OPTIONS = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  resultTypes: ["violations"],
};
const ROWS = 15;
const CONTRAST = { runOnly: { type: "rule", values: ["color-contrast"] }, resultTypes: ["violations"] };
const OPENERS = [
  ".dropdown-launch-buttons > button",
  ".dropdown-download-buttons > button",
  ".search-button__button",
  ".primary-toggle",
  ".secondary-toggle",
];

const drawn = (page) =>
  page.waitForFunction(
    () =>
      [...document.querySelectorAll("figure.chart:not(.drawn)")].every(
        (f) => f.dataset.drawn === "live" && (!f.clientWidth || !f.drawnFor || Math.abs(f.clientWidth - f.drawnFor) <= 1),
      ),
    { timeout: 60000 },
  );

const full = (options) => axe.run({ exclude: ["figure.chart svg"] }, options);
const sampled = (options) => {
  const seen = new Map();
  const texts = [...document.body.querySelectorAll("*")].filter((element) => {
    if (![...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim())) return false;
    let kind = "";
    for (let e = element, n = 0; e && n < 5; e = e.parentElement, n++) kind += `${e.tagName}.${e.getAttribute("class")}>`;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    return seen.get(kind) <= 2;
  });
  return texts.length ? axe.run({ include: texts }, options) : { violations: [] };
};

(async () => {
  const server = await serve(site);
  const browser = await launch(browserPath);
  const found = [];
  await each(browser, names, async (page, name) => {
    const run = async (state, look, options) => {
      // What fades in has its colours only at the end.
      await page.evaluate(() => document.getAnimations().forEach((a) => a.finish()));
      const { violations } = await page.evaluate(look, options);
      for (const { id, help, nodes } of violations) {
        for (const { target, html, failureSummary } of nodes) {
          const selector = target.flat().join(" ");
          found.push({ page: name, state, id, help, selector, html, failureSummary });
        }
      }
    };
    for (const { theme, width, full: all } of STATES) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
      // High enough for every chart to be in view, since charts are drawn on sight.
      await page.setViewport({ width, height: 30000 });
      if (page.url() === "about:blank") {
        await page.goto(`${server.base}/${name}`, { waitUntil: "load" });
        await page.evaluate(axe.source);
        await page.evaluate((rows) => {
          document.querySelectorAll("details").forEach((d) => (d.open = true));
          for (const body of document.querySelectorAll("tbody")) [...body.rows].slice(rows).forEach((r) => r.remove());
        }, ROWS);
      }
      await drawn(page);
      await page.setViewport({ width, height: 900 });
      // The theme finds out what scrolls a moment after the window has changed.
      await new Promise((done) => setTimeout(done, 500));
      await run(`${theme} ${width}`, all ? full : sampled, all ? OPTIONS : CONTRAST);
      if (name !== names[0]) continue;
      // What opens above the page: the menu of downloads, the search field, the two lists.
      for (const opener of OPENERS) {
        const opened = await page.evaluate((selector) => {
          document.querySelectorAll("dialog[open]").forEach((d) => d.close());
          const visible = [...document.querySelectorAll(selector)].find((b) => b.offsetParent);
          visible?.click();
          return Boolean(visible);
        }, opener);
        if (opened) await run(`${theme} ${width} ${opener}`, full, OPTIONS);
      }
      await page.evaluate(() => document.querySelectorAll("dialog[open]").forEach((d) => d.close()));
    }
  }, 1);
  await browser.close();
  server.close();
  console.log(JSON.stringify(found));
})();
