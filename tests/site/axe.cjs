// node axe.cjs BROWSER SITE PAGE...
// Prints, as JSON, what axe-core finds on each page: in both themes, on a desk and on a phone,
// with everything that folds unfolded and every chart drawn.
const axe = require("axe-core");
const { launch, serve } = require("./served.cjs");

const [browserPath, site, ...names] = process.argv.slice(2);
const WIDTHS = [1280, 360];
const THEMES = ["light", "dark"];
const OPTIONS = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  resultTypes: ["violations"],
};

const settle = (page) =>
  page.waitForFunction(
    () =>
      [...document.querySelectorAll("figure.chart:not(.drawn)")].every((f) => f.dataset.drawn === "live"),
    { timeout: 60000 },
  );

(async () => {
  const server = await serve(site);
  const browser = await launch(browserPath);
  const found = [];
  for (const name of names) {
    const page = await browser.newPage();
    const run = async (state) => {
      // What fades in has its colours only at the end.
      await page.evaluate(() => document.getAnimations().forEach((a) => a.finish()));
      const { violations } = await page.evaluate((options) => axe.run(document, options), OPTIONS);
      for (const { id, help, nodes } of violations) {
        for (const { target, html, failureSummary } of nodes) {
          const selector = target.flat().join(" ");
          found.push({ page: name, state, id, help, selector, html, failureSummary });
        }
      }
    };
    for (const theme of THEMES) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
      for (const width of WIDTHS) {
        // High enough for every chart to be in view, since charts are drawn on sight.
        await page.setViewport({ width, height: 30000 });
        await page.goto(`${server.base}/${name}`, { waitUntil: "load" });
        await page.evaluate(axe.source);
        await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
        await settle(page);
        await page.setViewport({ width, height: 900 });
        await run(`${theme} ${width}`);
        // What opens above the page: the menu of downloads, the search field, the two lists.
        for (const opener of [
          ".dropdown-launch-buttons > button",
          ".dropdown-download-buttons > button",
          ".search-button__button",
          ".primary-toggle",
          ".secondary-toggle",
        ]) {
          if (name !== names[0]) continue;
          const opened = await page.evaluate((selector) => {
            document.querySelectorAll("dialog[open]").forEach((d) => d.close());
            const visible = [...document.querySelectorAll(selector)].find((b) => b.offsetParent);
            visible?.click();
            return Boolean(visible);
          }, opener);
          if (opened) await run(`${theme} ${width} ${opener}`);
        }
      }
    }
    await page.close();
  }
  await browser.close();
  server.close();
  console.log(JSON.stringify(found));
})();
