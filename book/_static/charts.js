// Redraws the static pictures of charts as live ones when they come into view.
// Vega is fetched once, from the site's own files, and only if there is a chart to draw.
(() => {
  "use strict";
  const base = new URL(".", document.currentScript.src);
  let library;

  const load = () =>
    (library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL("vega.js", base).href;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    }));

  const dark = () => document.documentElement.dataset.theme === "dark";

  const config = (isDark) => {
    const ink = isDark ? "#e6e6e6" : "#1f2328";
    const soft = isDark ? "#b8bcc2" : "#57606a";
    return {
      axis: { labelColor: soft, titleColor: soft, gridColor: isDark ? "#8886" : "#8883" },
      legend: { labelColor: ink, titleColor: ink },
      header: { labelColor: ink, titleColor: ink },
      text: { color: ink },
      title: { color: ink },
    };
  };

  const draw = async (figure, forceLight) => {
    const picture = figure.querySelector(".chart-picture");
    const spec = JSON.parse(figure.querySelector(".chart-spec").textContent);
    const options = { actions: false, renderer: "svg", config: config(!forceLight && dark()) };
    const host = document.createElement("div");
    host.className = "chart-live";
    picture.after(host);
    try {
      const result = await vegaEmbed(host, spec, options);
      figure.liveChart?.finalize();
      figure.liveChart = result;
      figure.querySelectorAll(".chart-live").forEach((old) => old !== host && old.remove());
      // The fields of a chart that readers can change must stay within reach of a screen reader.
      const drawn = host.querySelector("svg");
      // It hears of the still picture, whose text says what a hundred parts would not.
      drawn.setAttribute("aria-hidden", "true");
      picture.classList.add("replaced");
      figure.dataset.drawn = "live";
      addTools(figure);
    } catch (problem) {
      host.remove();
      console.error("chart not drawn:", problem);
    }
  };

  // The rows that a chart draws, as a table on demand and as files.
  const round = (value) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;

  const columns = (rows) => [...new Set(rows.flatMap((row) => Object.keys(row)))];

  // A layer that draws one mark from no data has a row without columns.
  const tables = (spec) =>
    Object.values(spec.datasets ?? {}).filter((rows) => columns(rows).length);

  const asTable = (rows) => {
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    for (const name of columns(rows)) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const name of columns(rows)) line.insertCell().textContent = round(row[name]) ?? "";
    }
    return table;
  };

  const asCsv = (rows) => {
    const quote = (value) => {
      let text = String(value ?? "");
      // A spreadsheet must not take words for a formula.
      if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
      return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    const names = columns(rows);
    const lines = rows.map((row) => names.map((name) => quote(row[name])).join(","));
    return [names.map(quote).join(","), ...lines].join("\r\n") + "\r\n";
  };

  const save = (name, address) => {
    const link = document.createElement("a");
    link.download = name;
    link.href = address;
    link.click();
  };

  const saveText = (name, type, text) => {
    const address = URL.createObjectURL(new Blob([text], { type }));
    save(name, address);
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };

  const addTools = (figure) => {
    if (figure.querySelector(".chart-tools")) return;
    const spec = JSON.parse(figure.querySelector(".chart-spec").textContent);
    const name = `${location.pathname.split("/").pop().replace(".html", "")}-${figure.id}`;
    const tools = document.createElement("div");
    tools.className = "chart-tools";
    // Light text of the dark theme needs the page's colour behind it wherever the picture goes.
    const filled = async (make) => {
      const { view } = figure.liveChart;
      const before = view.background();
      view.background(getComputedStyle(document.body).backgroundColor);
      const picture = await make(view);
      view.background(before);
      return picture;
    };
    const offer = (label, title, action) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.title = title;
      button.addEventListener("click", action);
      tools.append(button);
      return button;
    };
    const shown = offer("Table", "Show the numbers that the chart draws", () => {
      const open = figure.querySelector(".chart-data");
      shown.setAttribute("aria-expanded", String(!open));
      if (open) return open.remove();
      const data = document.createElement("div");
      data.className = "chart-data table-scroll";
      data.tabIndex = 0;
      data.setAttribute("role", "region");
      data.setAttribute("aria-label", "Numbers that the chart draws");
      data.append(...tables(spec).map(asTable));
      figure.append(data);
    });
    shown.setAttribute("aria-expanded", "false");
    offer("CSV", "Download the numbers", () =>
      saveText(`${name}.csv`, "text/csv", tables(spec).map(asCsv).join("\r\n")),
    );
    offer("SVG", "Download the picture as vectors", async () =>
      saveText(`${name}.svg`, "image/svg+xml", await filled((view) => view.toSVG())),
    );
    offer("PNG", "Download the picture as pixels", async () =>
      save(`${name}.png`, await filled((view) => view.toImageURL("png", 2))),
    );
    figure.append(tools);
  };

  const start = () => {
    const figures = [...document.querySelectorAll("figure.chart")];
    if (!figures.length) return;
    const seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (!entry.isIntersecting) continue;
          seen.unobserve(entry.target);
          load().then(() => draw(entry.target));
        }
      },
      { rootMargin: "400px" },
    );
    figures.forEach((figure) => seen.observe(figure));
    const redraw = (forceLight) =>
      figures.filter((f) => f.dataset.drawn).forEach((f) => draw(f, forceLight));
    new MutationObserver(() => redraw(false)).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
    // Paper is light whatever the screen was.
    addEventListener("beforeprint", () => redraw(true));
    addEventListener("afterprint", () => redraw(false));
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
