// node charts.cjs BROWSER SITE PAGE...
// Presses every button of every chart on each page. Prints, as JSON, for each chart its
// specification, the cells of the tables that then show, and the files that were saved.
const { launch, serve } = require("./served.cjs");

const [browserPath, site, ...names] = process.argv.slice(2);

// What a press would save, kept in the page: browsers let only so many downloads through.
const catchFiles = () => {
  window.caught = {};
  HTMLAnchorElement.prototype.click = function () {
    window.caught[this.download] = fetch(this.href)
      .then((answer) => answer.arrayBuffer())
      .then((bytes) => btoa(new Uint8Array(bytes).reduce((t, x) => t + String.fromCharCode(x), "")));
  };
};

const saved = async (page, name) => {
  await page.waitForFunction((n) => n in window.caught, { timeout: 15000 }, name);
  return page.evaluate((n) => window.caught[n], name);
};

(async () => {
  const server = await serve(site);
  const browser = await launch(browserPath);
  const found = [];
  for (const name of names) {
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(catchFiles);
    // High enough for every chart to be in view, since charts are drawn on sight.
    await page.setViewport({ width: 1280, height: 30000 });
    await page.goto(`${server.base}/${name}`, { waitUntil: "load" });
    await page.waitForFunction(
      () => [...document.querySelectorAll("figure.chart:not(.drawn)")].every((f) => f.dataset.drawn),
      { timeout: 60000 },
    );
    const stem = name.split("/").pop().replace(".html", "");
    for (const figure of await page.$$("figure.chart")) {
      const press = async (label) => {
        for (const button of await figure.$$(".chart-tools button")) {
          if ((await button.evaluate((b) => b.textContent)) === label) return button.click();
        }
        throw new Error(`no button ${label}`);
      };
      const id = await figure.evaluate((f) => f.id);
      const spec = JSON.parse(await figure.$eval(".chart-spec", (s) => s.textContent));
      await press("Table");
      const tables = await figure.$$eval(".chart-data table", (all) =>
        all.map((t) => [...t.rows].map((row) => [...row.cells].map((cell) => cell.textContent))),
      );
      await press("Table");
      const closed = !(await figure.$(".chart-data"));
      const files = {};
      for (const label of ["CSV", "SVG", "PNG"]) {
        await press(label);
        const kind = label.toLowerCase();
        files[kind] = await saved(page, `${stem}-${id}.${kind}`);
      }
      found.push({ page: name, id, spec, tables, closed, files });
    }
    await page.close();
  }
  await browser.close();
  server.close();
  console.log(JSON.stringify(found));
})();
