// node rehearsal.cjs BROWSER FOLDER REPORT OUT
// Takes the pictures of a rehearsal that the page on microdata shows: the custodian's report, a
// chapter's section on the respondents, and what is said of the run.
const { pathToFileURL } = require("node:url");
const { launch, serve } = require("./served.cjs");

const [browserPath, folder, report, out] = process.argv.slice(2);

(async () => {
  const server = await serve(`${folder}/site`);
  const browser = await launch(browserPath);
  const page = await browser.newPage();
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  const shots = [
    ["report", pathToFileURL(report).href, "pre", 0, 720],
    ["chapter", `${server.base}/book/activism.html`, "table.released", -150, 620],
    ["run", `${server.base}/book/your_own_microdata.html`, ".release-facts", -150, 620],
  ];
  for (const [name, address, selector, above, height] of shots) {
    await page.setViewport({ width: 900, height, deviceScaleFactor: 1.5 });
    await page.goto(address, { waitUntil: "networkidle0" });
    await page.evaluate((wanted, by) => {
      document.querySelector(wanted).scrollIntoView({ behavior: "instant" });
      window.scrollBy({ top: by, behavior: "instant" });
    }, selector, above);
    await new Promise((done) => setTimeout(done, 800));
    await page.screenshot({ path: `${out}/rehearsal-${name}.png` });
  }
  await browser.close();
  server.close();
})();
