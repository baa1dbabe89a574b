// What the page "Judge it yourself" says in a browser: at first, and under each of some settings.
const { launch, serve } = require("./served.cjs");
const [executable, site, asked] = process.argv.slice(2);

(async () => {
  const { base, close } = await serve(site);
  const browser = await launch(executable);
  const page = await browser.newPage();
  const foreign = [], errors = [];
  page.on("request", (r) => { if (!r.url().startsWith(base) && !r.url().startsWith("data:")) foreign.push(r.url()); });
  page.on("pageerror", (e) => errors.push(e.message));
  await page.setViewport({ width: 390, height: 844 });
  const before = [];
  page.on("requestfinished", (r) => before.push(r.url()));
  await page.goto(`${base}/book/judge.html`, { waitUntil: "load" });
  const eager = before.filter((u) => /pyodide|engine\.zip|state\.json|stdlib/.test(u));
  // By keyboard alone: the button, and then the choices.
  await page.focus(".judge-start");
  await page.keyboard.press("Enter");
  // Asked again and again from here: the page's own timers stand still while it computes.
  const answered = async () => {
    while (!(await page.evaluate(() => document.getElementById("judge").dataset.answered)))
      if (errors.length) throw new Error(errors[0]);
      else await new Promise((r) => setTimeout(r, 100));
  };
  await answered();
  const told = [];
  for (const { claim, settings } of JSON.parse(asked)) {
    const hash = new URLSearchParams({ claim, s: JSON.stringify(settings) });
    await page.evaluate((h) => { delete document.getElementById("judge").dataset.answered; location.hash = h; }, `#${hash}`);
    await answered();
    told.push(await page.evaluate(() => ({
      word: document.querySelector(".judge-headline strong").textContent,
      answer: document.querySelector(".judge-answer").textContent,
      wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    })));
  }
  console.log(JSON.stringify([{ told, foreign, errors, eager }]));
  await browser.close();
  close();
})().catch((e) => { console.error(e); process.exit(1); });
