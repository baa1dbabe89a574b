// node look.cjs BROWSER SITE both|one PAGE...
// Looks at every drawing on each page: on a desk and again when the window has become a phone's,
// in light; and the other way round in the dark, unless one visit will do. Prints, as JSON, texts
// and marks that lack contrast against what lies beneath them, texts that are cut, shortened, tiny
// or on top of each other, ids that occur twice, hosts that were asked, errors that were logged,
// and pages wider than the window.
const { each, launch, serve } = require("./served.cjs");

const [browserPath, site, visits, ...names] = process.argv.slice(2);
const VISITS = [
  ["light", 1280, 390],
  ["dark", 390, 1280],
];

const looks = () => {
  const found = [];
  const parse = (colour) => {
    const numbers = (colour.match(/[\d.]+/g) ?? []).map(Number);
    if (/^color\(srgb/.test(colour)) {
      const [r, g, b, a = 1] = numbers;
      return [255 * r, 255 * g, 255 * b, a];
    }
    const [r, g, b, a = 1] = numbers;
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], under) =>
    [r, g, b].map((x, i) => a * x + (1 - a) * under[i]).concat(1);
  const luminance = (colour) =>
    colour
      .slice(0, 3)
      .map((x) => x / 255)
      .map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4))
      .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
  const opacity = (element, top) => {
    let all = 1;
    for (let e = element; e && e !== top; e = e.parentElement) all *= +getComputedStyle(e).opacity;
    return all;
  };
  const paint = (element, kind, svg) => {
    const style = getComputedStyle(element);
    if (style[kind] === "none" || style[kind].startsWith("url")) return null;
    const [r, g, b, a] = parse(style[kind]);
    const alpha = a * +style[`${kind}Opacity`] * opacity(element, svg);
    if (kind === "stroke" && !parseFloat(style.strokeWidth)) return null;
    return alpha > 0.02 ? [r, g, b, alpha] : null;
  };
  const backdrop = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
    const paper = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
    const hex = paper.match(/\w\w/g)?.map((x) => parseInt(x, 16)) ?? [255, 255, 255];
    return layers.reverse().reduce((under, layer) => over(layer, under), [...hex, 1]);
  };
  const hit = (shape, x, y) => {
    const matrix = shape.getScreenCTM();
    if (!matrix) return [false, false];
    const point = new DOMPoint(x, y).matrixTransform(matrix.inverse());
    return [shape.isPointInFill(point), shape.isPointInStroke(point)];
  };
  // What a reader sees at a point, up to but without an element of the drawing.
  const beneath = (svg, shapes, x, y, upTo) => {
    let seen = backdrop(svg);
    for (const shape of shapes) {
      if (shape === upTo || shape.compareDocumentPosition(upTo) & Node.DOCUMENT_POSITION_PRECEDING) break;
      const [fills, strokes] = hit(shape, x, y);
      const fill = fills && paint(shape, "fill", svg);
      if (fill) seen = over(fill, seen);
      const stroke = strokes && paint(shape, "stroke", svg);
      if (stroke) seen = over(stroke, seen);
    }
    return seen;
  };

  for (const svg of document.querySelectorAll("main svg, figure.chart svg")) {
    const frame = svg.getBoundingClientRect();
    if (frame.width < 60 || frame.height < 20 || svg.closest(".replaced") || svg.parentElement.closest("svg")) continue;
    const place = svg.closest("[id]")?.id ?? "";
    const report = (kind, text, more = "") => found.push({ kind, place, text, more: String(more) });
    const shapes = [...svg.querySelectorAll("path, rect, circle, line, polyline, polygon, ellipse")].filter(
      // Lines of a grid, a pixel wide, are no ground that a text or a mark stands on.
      (s) => !s.closest("defs, symbol, clipPath, mask, .role-axis-grid"),
    );
    const texts = [...svg.querySelectorAll("text")].filter((t) => {
      const box = t.getBoundingClientRect();
      return t.textContent.trim() && box.width > 0 && opacity(t, svg) > 0.02 && getComputedStyle(t).visibility === "visible";
    });
    const boxes = [];
    for (const text of texts) {
      const said = text.textContent.trim();
      const box = text.getBoundingClientRect();
      const style = getComputedStyle(text);
      const scale = svg.viewBox.baseVal?.width ? frame.width / svg.viewBox.baseVal.width : 1;
      const size = parseFloat(style.fontSize) * scale;
      if (size < 11.5) report("tiny text", said, size.toFixed(1));
      if (/…$/.test(said)) report("shortened text", said);
      if (box.left < frame.left - 1.5 || box.right > frame.right + 1.5 || box.top < frame.top - 3 || box.bottom > frame.bottom + 3)
        report("text outside its picture", said, [box.left - frame.left, frame.right - box.right].map(Math.round));
      const colour = paint(text, "fill", svg);
      // A watermark is meant to be looked through.
      if (colour && colour[3] > 0.3) {
        const halo = /stroke/.test(style.paintOrder) && paint(text, "stroke", svg);
        for (const share of [0.2, 0.5, 0.8]) {
          const x = box.left + share * box.width;
          const y = box.top + 0.5 * box.height;
          const under = halo || beneath(svg, shapes, x, y, text);
          const ratio = contrast(over(colour, under), under);
          if (ratio < 4.45) {
            report("text without contrast", said, ratio.toFixed(2));
            break;
          }
        }
      }
      // Letters stand within their line, and lines of one text belong together.
      boxes.push({ said, text, left: box.left, right: box.right, top: box.top + 0.15 * box.height, bottom: box.bottom - 0.15 * box.height });
    }
    for (const [n, a] of boxes.entries())
      for (const b of boxes.slice(n + 1)) {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 1 && !(a.said === b.said && wide > 0.9 * (a.right - a.left)))
          report("texts overlap", `${a.said} | ${b.said}`, Math.round(wide));
        else if (high > 3 && wide > -2 && wide <= 1) report("texts touch", `${a.said} | ${b.said}`);
      }
    const plot = svg.querySelector(".role-frame")?.getBoundingClientRect() ?? frame;
    const done = new Set();
    for (const shape of shapes) {
      if (shape.closest(".role-axis, .role-legend, .background, .deco") || shape.classList.contains("background")) continue;
      const kind = shape.closest(".role-mark")?.getAttribute("class") ?? shape.getAttribute("class") ?? "";
      const box = shape.getBoundingClientRect();
      if (box.width + box.height < 2) continue;
      const paints = ["fill", "stroke"].map((k) => paint(shape, k, svg)).filter(Boolean);
      if (!paints.length) continue;
      // Tints behind the marks: bands across the plot, and the room within which a line may lie.
      const tint = Math.max(...paints.map((p) => p[3])) <= 0.5;
      if (Math.max(...paints.map((p) => p[3])) <= 0.25 && /mark-(rect|area)/.test(kind)) continue;
      if (tint && (/mark-area/.test(kind) || box.height > 0.9 * plot.height || box.width > 0.9 * plot.width)) continue;
      if (/mark-shape/.test(kind)) continue; // the outlines of countries
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const under = /mark-symbol/.test(kind) ? backdrop(svg) : beneath(svg, shapes.filter((s) => s !== shape && (svg.querySelector(".role-frame") ? !s.closest(".role-mark") : s.closest(".deco") || (s.parentElement === shape.parentElement && s.parentElement.tagName === "g"))), x, y, shape);
      // A ring of paper around a dot sets it off, whatever lies beneath.
      const ring = paints.length > 1 ? contrast(over(paints[0], under), over(paints[1], under)) : 0;
      const ratio = Math.max(ring, ...paints.map((p) => contrast(over(p, under), under)));
      const key = `${kind} ${ratio.toFixed(2)}`;
      if (ratio < 2.95 && !done.has(key)) report("mark without contrast", kind || shape.outerHTML.slice(0, 100), ratio.toFixed(2));
      done.add(key);
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const twice = new Set(ids.filter((id, n) => ids.indexOf(id) !== n));
  for (const id of twice) found.push({ kind: "id twice", place: id, text: "", more: "" });
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1)
    found.push({ kind: "page wider than the window", place: "", text: "", more: `${root.scrollWidth}` });
  return found;
};

const settle = (page) =>
  page
    .waitForFunction(
      () =>
        [...document.querySelectorAll("figure.chart:not(.drawn)")].every(
          (f) => f.dataset.drawn === "live" && (!f.clientWidth || Math.abs(f.clientWidth - f.drawnFor) <= 1),
        ),
      { timeout: 60000 },
    )
    .then(() => page.evaluate(() => document.fonts.ready.then(() => new Promise((done) => setTimeout(done, 250)))));

(async () => {
  const server = await serve(site);
  const browser = await launch(browserPath);
  const found = [];
  await each(browser, names, async (page, name) => {
    const also = [];
    page.on("console", (m) => m.type() === "error" && also.push({ kind: "console error", place: "", text: m.text(), more: "" }));
    page.on("pageerror", (e) => also.push({ kind: "script error", place: "", text: String(e), more: "" }));
    page.on("request", (r) => {
      if (!/^(data|blob):/.test(r.url()) && !r.url().startsWith(server.base))
        also.push({ kind: "foreign host", place: "", text: r.url(), more: "" });
    });
    for (const [theme, first, second] of visits === "one" ? VISITS.slice(0, 1) : VISITS) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
      // High enough for every chart to be in view, since charts are drawn on sight.
      await page.setViewport({ width: first, height: 30000 });
      await page.goto(`${server.base}/${name}`, { waitUntil: "load" });
      await settle(page);
      for (const problem of await page.evaluate(looks)) found.push({ page: name, state: `${theme} ${first}`, ...problem });
      await page.setViewport({ width: second, height: 30000 });
      await new Promise((done) => setTimeout(done, 300));
      await settle(page);
      for (const problem of await page.evaluate(looks)) found.push({ page: name, state: `${theme} ${first} to ${second}`, ...problem });
    }
    found.push(...also.map((problem) => ({ page: name, state: "", ...problem })));
  });
  await browser.close();
  server.close();
  console.log(JSON.stringify(found));
})();
