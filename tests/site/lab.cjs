// node lab.cjs BROWSER LAB_ADDRESS NAMES RUN
// Opens notebooks in JupyterLab as somebody does who has just downloaded them: not trusted, no
// network but the server. Prints what is seen; those named in RUN are executed there first.
const { launch } = require("./served.cjs");
const [executable, lab, names, run] = process.argv.slice(2);
const host = new URL(lab).host;

const look = () => {
  const outputs = [...document.querySelectorAll(".jp-OutputArea-output")];
  const figures = outputs.flatMap((o) => [...o.querySelectorAll("figure")]);
  return {
    figures: figures.map((f) => {
      const picture = f.querySelector("img");
      return {
        title: f.querySelector("figcaption")?.textContent ?? "",
        source: /Source: .*Data: /s.test(f.textContent),
        wide: picture && picture.complete ? picture.naturalWidth : 0,
        seen: picture ? picture.getBoundingClientRect().width > 100 : false,
      };
    }),
    errors: outputs.filter((o) => o.dataset.mimeType === "application/vnd.jupyter.error" || o.querySelector(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr'] pre")).map((o) => o.textContent.slice(0, 300)),
    raw: [...document.querySelectorAll(".jp-MarkdownOutput")].map((m) => m.textContent).filter((t) => /\{[\w:]+\}`|```\{/.test(t)),
    comparing: outputs.some((o) => /As published/.test(o.textContent)),
  };
};

(async () => {
  const browser = await launch(executable);
  const found = [];
  for (const name of JSON.parse(names)) {
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    const foreign = [];
    page.on("request", (r) => {
      const url = new URL(r.url());
      if (url.protocol.startsWith("http") && url.host !== host) foreign.push(r.url());
    });
    await page.goto(`${lab}/lab/tree/${name}.ipynb?reset`, { waitUntil: "domcontentloaded" });
    await page.waitForSelector(".jp-Notebook .jp-Cell", { timeout: 120000 });
    const settled = async () => {
      let last = -1;
      for (let i = 0; i < 60; i++) {
        const now = await page.evaluate(() => document.querySelectorAll(".jp-OutputArea-output, .jp-MarkdownOutput").length);
        if (now && now === last) return;
        last = now;
        await new Promise((r) => setTimeout(r, 500));
      }
    };
    await settled();
    const before = await page.evaluate(look);
    let after = null;
    if (JSON.parse(run).includes(name)) {
      await page.waitForFunction(() => window.jupyterapp?.commands.hasCommand("notebook:run-all-cells"), { timeout: 60000 });
      // Asked from here: a wait inside the page ends with the protocol's own limit, three minutes.
      await page.evaluate(() => {
        window.ran = "";
        window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => { window.ran = "done"; }, (e) => { window.ran = String(e); });
      });
      // The promise may end before a kernel has begun: the last cell's words end the wait.
      const done = () => !/^\[\*\]/m.test([...document.querySelectorAll(".jp-InputPrompt")].map((p) => p.textContent).join("\n")) &&
        [...document.querySelectorAll(".jp-OutputArea-output")].some((o) => /As published/.test(o.textContent)) && window.ran !== "";
      for (let i = 0; i < 600 && !(await page.evaluate(done)); i++) await new Promise((r) => setTimeout(r, 500));
      const ran = await page.evaluate(() => window.ran);
      if (ran !== "done") throw new Error(`${name}: ${ran}`);
      await settled();
      after = await page.evaluate(look);
    }
    found.push({ name, before, after, foreign });
    await page.close();
  }
  await browser.close();
  console.log(JSON.stringify(found));
})().catch((e) => { console.error(e); process.exit(1); });
