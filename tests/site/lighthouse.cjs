// node lighthouse.cjs BROWSER SITE CATEGORIES PAGE...
// Prints, as JSON, what Lighthouse says of each page on a slow phone: scores from 0 to 100,
// bytes and requests of the first load, and what cost points.
const { launch, serve } = require("./served.cjs");

const [browserPath, site, categories, ...names] = process.argv.slice(2);

(async () => {
  const { default: lighthouse } = await import(require.resolve("lighthouse"));
  const server = await serve(site);
  const browser = await launch(browserPath);
  const port = new URL(browser.wsEndpoint()).port;
  const said = [];
  for (const page of names) {
    const { lhr } = await lighthouse(`${server.base}/${page}`, {
      port,
      logLevel: "silent",
      onlyCategories: categories.split(","),
      disableFullPageScreenshot: true,
      // A slow phone matters to speed alone.
      throttlingMethod: categories.includes("performance") ? "simulate" : "provided",
    });
    const scores = {};
    const lost = {};
    for (const [name, { score, auditRefs }] of Object.entries(lhr.categories)) {
      scores[name] = Math.round(100 * score);
      for (const { id, weight } of auditRefs) {
        const audit = lhr.audits[id];
        if (weight && audit.score !== null && audit.score < 1) {
          lost[id] = audit.displayValue ?? audit.details?.items ?? audit.title;
        }
      }
    }
    const requests = lhr.audits["network-requests"]?.details?.items ?? [];
    const bytes = requests.reduce((sum, { transferSize }) => sum + (transferSize ?? 0), 0);
    said.push({ page, scores, lost, requests: requests.length, bytes });
  }
  await browser.close();
  server.close();
  console.log(JSON.stringify(said));
})();
