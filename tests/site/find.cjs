// node find.cjs BROWSER SITE UNDER, with words to look for, one a line, on standard input.
// Serves the site under a path, as project sites are, and prints, as JSON, for each of the words
// the addresses of the claims that the box on the front page offers first, and of what the page
// of the search finds; and what a lost address and a bad one lead to.
const { readFileSync } = require("node:fs");
const { launch, serve } = require("./served.cjs");

const [browserPath, site, under] = process.argv.slice(2);
const asked = readFileSync(0, "utf8").split("\n").filter(Boolean);

(async () => {
  const server = await serve(site, { under, lost: "404.html" });
  const browser = await launch(browserPath);
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (e) => errors.push(String(e)));
  const start = `${server.base}${under}/index.html`;
  await page.goto(start, { waitUntil: "load" });
  const box = {};
  for (const words of asked) {
    box[words] = await page.evaluate(async (typed) => {
      const form = document.querySelector("form.find[data-main]");
      const input = form.querySelector("input");
      const list = form.querySelector(".hits");
      list.innerHTML = "";
      input.value = typed;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      for (let n = 0; n < 40 && !list.children.length; n++) await new Promise((r) => setTimeout(r, 25));
      return [...list.querySelectorAll("a")].map((a) => a.pathname);
    }, words);
  }
  const found = {};
  await page.goto(`${server.base}${under}/search.html?q=trust`, { waitUntil: "load" });
  for (const words of asked) {
    await page.evaluate((typed) => {
      document.getElementById("q").value = typed;
      document.getElementById("q").dispatchEvent(new Event("input", { bubbles: true }));
    }, words);
    await page.waitForFunction((w) => document.body.dataset.searched === w, { timeout: 20000 }, words.trim());
    found[words] = await page.evaluate(() => {
      const addresses = (id) => [...document.querySelectorAll(`#${id} a`)].map((a) => a.pathname);
      const excerpts = [...document.querySelectorAll("#pages p")].map((p) => p.textContent);
      return { claims: addresses("claims"), pages: addresses("pages"), excerpts };
    });
  }
  await page.goto(`${start}#q=27`, { waitUntil: "load" });
  await page.waitForFunction(() => document.querySelector("form.find[data-main] .hits a"), { timeout: 10000 });
  const fromHash = await page.$eval("form.find[data-main] input", (i) => i.value);
  const lost = {};
  for (const address of ["/book/nowhere.html", "/claims/none/", "/nowhere/at/all"]) {
    await page.goto(`${server.base}${under}${address}`, { waitUntil: "load" });
    lost[address] = await page.evaluate(() => document.querySelector("[data-to]")?.href ?? "");
  }
  const bad = [];
  for (const address of ["/book/ledger.html?length=1", "/book/ledger.html#%E0%A4%A", "/book/ledger.html?verdict=contradicted#%"]) {
    const before = errors.length;
    await page.goto(`${server.base}${under}${address}`, { waitUntil: "load" });
    const output = await page.$eval(".ledger-filters output", (o) => o.textContent);
    bad.push({ address, output, errors: errors.slice(before) });
  }
  await browser.close();
  server.close();
  console.log(JSON.stringify([{ box, found, fromHash, lost, bad, errors }]));
})();
