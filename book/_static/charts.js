// Redraws the static pictures of charts as live ones when they come into view.
// Vega is fetched once, from the site's own files, and only if there is a chart to draw.
// Colours are the style sheet's: a chart names roles, so a change of theme redraws nothing.
(() => {
  "use strict";
  const base = new URL(".", document.currentScript.src);
  const FAMILY = "'Source Sans 3', system-ui, sans-serif";
  let library;

  const load = () =>
    (library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL("vega.js", base).href;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    }));

  const pen = document.createElement("canvas").getContext("2d");
  const width = (text, font) => ((pen.font = font), pen.measureText(text).width);

  // A text in as many lines as its room asks for; one line stays a string.
  const wrap = (text, room, font) => {
    const lines = [""];
    for (const word of String(text ?? "").split(" ")) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (lines.at(-1) && width(longer, font) > room) lines.push(word);
      else lines[lines.length - 1] = longer;
    }
    return lines.length > 1 ? lines : lines[0];
  };

  // What must change in a drawing for the room that it has: titles and long labels take lines,
  // legends take columns that fit.
  const fit = (spec, room) => {
    const font = `13px ${FAMILY}`;
    const visit = (group) => {
      for (const axis of group.axes ?? []) {
        const upright = ["left", "right"].includes(axis.orient);
        const along = upright ? (typeof spec.height === "number" ? spec.height : 260) : room * 0.8;
        if (typeof axis.title === "string") axis.title = wrap(axis.title, along, font);
        if (upright && axis.labels !== false && axis.labelLimit !== 0) {
          const most = Math.min(240, Math.max(90, room * 0.42));
          // Rows that are too low for two lines keep theirs on one, which may be longer.
          const rows = `max(1, length(domain('${axis.scale}')))`;
          const tall = (typeof spec.height === "number" ? spec.height : 260) - 60;
          const low = `${tall} / ${rows} < 29`;
          axis.labelLimit = { signal: `${low} ? ${Math.max(most, room * 0.53)} : ${most + 30}` };
          const text = axis.encode?.labels?.update?.text;
          if (!text && !axis.format && !axis.formatType) {
            const update = { text: { signal: `${low} ? datum.label : lines(datum.label, ${most})` } };
            axis.encode = { ...axis.encode, labels: { ...axis.encode?.labels, update: { ...axis.encode?.labels?.update, ...update } } };
          }
        }
      }
      for (const legend of group.legends ?? []) {
        legend.labelLimit = Math.max(60, room - 44);
        const name = legend.fill ?? legend.stroke ?? legend.shape ?? legend.strokeDash ?? legend.opacity;
        const domain = spec.scales?.find((scale) => scale.name === name)?.domain;
        const widest = Array.isArray(domain)
          ? Math.max(...domain.map((label) => width(String(label), font)))
          : room / 2;
        const columns = Math.max(1, Math.floor(room / (widest + 44)));
        const wanted = typeof legend.columns === "number" && legend.columns > 0 ? legend.columns : Infinity;
        legend.columns = Math.min(columns, wanted, Array.isArray(domain) ? domain.length : Infinity);
        if (!Number.isFinite(legend.columns)) delete legend.columns;
        if (typeof legend.title === "string") legend.title = wrap(legend.title, room, font);
      }
      (group.marks ?? []).filter((mark) => mark.type === "group").forEach(visit);
    };
    visit(spec);
    return spec;
  };

  const specOf = (figure) => JSON.parse(figure.querySelector(".chart-spec").textContent);

  const draw = async (figure) => {
    const picture = figure.querySelector(".chart-picture");
    const spec = specOf(figure);
    const style = getComputedStyle(figure);
    const drawnFor = figure.clientWidth;
    const room = drawnFor - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    // The width is said, not measured by the library: it would measure its own last drawing.
    if (spec.width === "container") spec.width = room;
    const options = {
      actions: false,
      renderer: "svg",
      patch: (compiled) => fit(compiled, room),
      expressionFunctions: { lines: (text, most) => wrap(text, most, `13px ${FAMILY}`) },
    };
    const host = document.createElement("div");
    host.className = "chart-live";
    // Drawn beside the other and out of sight, so that the page does not jump.
    picture.after(host);
    try {
      const old = figure.liveChart;
      const result = await vegaEmbed(host, spec, options);
      if (old) {
        const chosen = (spec.params ?? []).filter((p) => p.bind);
        for (const { name } of chosen) result.view.signal(name, old.view.signal(name));
        if (chosen.length) await result.view.runAsync();
        old.finalize();
      }
      figure.liveChart = result;
      figure.drawnFor = drawnFor;
      figure.querySelectorAll(".chart-live").forEach((other) => other !== host && other.remove());
      // The fields of a chart that readers can change must stay within reach of a screen reader.
      // It hears of the still picture, whose text says what a hundred parts would not.
      host.querySelector("svg").setAttribute("aria-hidden", "true");
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

  const quote = (value) => {
    let text = String(value ?? "");
    // A spreadsheet must not take words for a formula.
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };

  const asCsv = (rows) => {
    const names = columns(rows);
    const lines = rows.map((row) => names.map((name) => quote(row[name])).join(","));
    return [names.map(quote).join(","), ...lines].join("\r\n") + "\r\n";
  };

  const save = (name, type, content) => {
    const link = document.createElement("a");
    link.download = name;
    link.href = URL.createObjectURL(new Blob([content], { type }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  const meta = (name) =>
    document.querySelector(`meta[name="${name}"], meta[property="${name}"]`)?.content ?? "";

  // Whoever meets the chart elsewhere should know what it says, whence, and where to check it.
  const account = (figure) => {
    const said = figure.querySelector(".chart-source")?.cloneNode(true);
    said?.querySelectorAll(".second-hand").forEach((sign) => sign.replaceWith(" (second-hand)"));
    const page = meta("og:url") || location.href;
    return {
      title: figure.querySelector(".chart-title")?.textContent.trim() ?? document.title,
      source: said?.textContent.replace(/\s+/g, " ").trim() ?? "",
      book: meta("og:site_name"),
      date: meta("citation_publication_date").replaceAll("/", "-"),
      licence: "CC BY 4.0",
      address: new URL(figure.dataset.address ?? `#${figure.id}`, page).href,
    };
  };

  const csvOf = (figure) => {
    const { title, source, book, date, licence, address } = account(figure);
    const head = [title, source, `${book}, ${date}`, licence, address];
    return [
      head.map((line) => `${quote(`# ${line}`)}\r\n`).join(""),
      ...tables(specOf(figure)).map(asCsv),
    ].join("\r\n");
  };

  const escape = (text) =>
    text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

  // The pages' own letters travel with the picture; where they cannot be had, the system's do.
  const letters = async () => {
    try {
      const answer = await fetch(new URL("fonts/source-sans-3-latin.woff2", base));
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const text = bytes.reduce((sum, byte) => sum + String.fromCharCode(byte), "");
      return `@font-face{font-family:"Source Sans 3";font-weight:200 900;src:url(data:font/woff2;base64,${btoa(text)})}`;
    } catch {
      return "";
    }
  };

  // A picture stands on white wherever it goes, so it takes the light values of the roles.
  const light = (text) => {
    const probe = document.createElement("div");
    probe.className = "light";
    document.body.append(probe);
    const style = getComputedStyle(probe);
    const fixed = text.replace(/var\((--[\w-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
    probe.remove();
    return fixed;
  };

  // The picture alone: of a live chart as it stands, of a drawing as it is made for a desk.
  const bare = async (figure) => {
    if (figure.liveChart) return figure.liveChart.view.toSVG();
    const own = figure.querySelector(".for-download")?.content ?? figure;
    const drawing = own.querySelector(own === figure ? ".pic svg" : "svg").cloneNode(true);
    drawing.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    drawing.removeAttribute("class");
    const rules = ".halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}";
    return drawing.outerHTML.replace(">", `><style>${rules}</style>`);
  };

  const pictureOf = async (figure) => {
    const inner = light(await bare(figure));
    const [, w, h] = inner.match(/width="([\d.]+)" height="([\d.]+)"/).map(Number);
    const { title, source, book, date, licence, address } = account(figure);
    const margin = 20;
    const lines = (text, size, weight) => [wrap(text, w, `${weight} ${size}px ${FAMILY}`)].flat();
    const head = lines(title, 18, 650);
    const foot = [source, `${book}, ${date}. ${licence}. ${address}`].flatMap((t) => lines(t, 12, 400));
    const top = margin + head.length * 24 + 6;
    const height = top + h + 10 + foot.length * 17 + margin;
    const set = (list, start, step, style) =>
      list.map((line, n) => `<text x="${margin}" y="${start + n * step}" ${style}>${escape(line)}</text>`).join("");
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${w + 2 * margin}" height="${height}" ` +
      `viewBox="0 0 ${w + 2 * margin} ${height}" font-family="${FAMILY}"><title>${escape(title)}</title>` +
      `<desc>${escape(`${source} ${licence}. ${address}`)}</desc><style>${await letters()}</style>` +
      light(`<rect width="100%" height="100%" fill="var(--paper)"/>`) +
      light(set(head, margin + 16, 24, 'font-size="18" font-weight="650" fill="var(--ink)"')) +
      inner.replace("<svg", `<svg x="${margin}" y="${top}"`) +
      light(set(foot, top + h + 22, 17, 'font-size="12" fill="var(--muted)"')) +
      "</svg>"
    );
  };

  const pixels = async (svg) => {
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    await image.decode();
    const canvas = document.createElement("canvas");
    // Twice as fine as on the screen.
    canvas.width = 2 * image.width;
    canvas.height = 2 * image.height;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  };

  const embedLine = (figure) => {
    const { title, address } = account(figure);
    const height = Math.ceil(figure.getBoundingClientRect().height / 20) * 20 + 80;
    return `<iframe src="${escape(address)}" title="${escape(title)}" width="100%" height="${height}" style="border:0" loading="lazy"></iframe>`;
  };

  const addTools = (figure) => {
    if (figure.querySelector(".chart-tools")) return;
    const name = `${location.pathname.split("/").pop().replace(".html", "")}-${figure.id}`;
    const tools = document.createElement("div");
    tools.className = "chart-tools";
    const offer = (label, title, action) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.title = title;
      button.addEventListener("click", () => action(button));
      tools.append(button);
      return button;
    };
    // What opens below the chart closes at a second press.
    const unfold = (label, title, make) => {
      const kind = `chart-${label.toLowerCase()}`;
      const opener = offer(label, title, () => {
        const open = figure.querySelector(`.${kind}`);
        opener.setAttribute("aria-expanded", String(!open));
        if (open) return open.remove();
        const part = document.createElement("div");
        part.className = kind;
        make(part);
        figure.append(part);
      });
      opener.setAttribute("aria-expanded", "false");
    };
    unfold("Table", "Show the numbers that the chart draws", (part) => {
      part.classList.add("chart-data", "table-scroll");
      part.tabIndex = 0;
      part.setAttribute("role", "region");
      part.setAttribute("aria-label", "Numbers that the chart draws");
      part.append(...tables(specOf(figure)).map(asTable));
    });
    offer("PNG", "Download the picture as pixels", async () =>
      save(`${name}.png`, "image/png", await pixels(await pictureOf(figure))),
    );
    offer("SVG", "Download the picture as vectors", async () =>
      save(`${name}.svg`, "image/svg+xml", await pictureOf(figure)),
    );
    offer("CSV", "Download the numbers", () => save(`${name}.csv`, "text/csv", csvOf(figure)));
    if (figure.dataset.address) {
      unfold("Embed", "Show a line that puts the chart on another page", (part) => {
        const line = document.createElement("textarea");
        line.readOnly = true;
        line.rows = 3;
        line.value = embedLine(figure);
        line.setAttribute("aria-label", "Line that embeds the chart");
        const alone = document.createElement("a");
        alone.href = figure.dataset.address;
        alone.textContent = "The chart by itself";
        part.append(line, alone);
        line.select();
      });
    }
    figure.append(tools);
  };

  const start = () => {
    const figures = [...document.querySelectorAll("figure.chart:not(.drawn)")];
    document.querySelectorAll("figure.chart.drawn").forEach(addTools);
    if (!figures.length) return;
    const seen = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (!entry.isIntersecting) continue;
          seen.unobserve(entry.target);
          // Letters first: what is measured in others does not fit.
          Promise.all([load(), document.fonts?.load(`13px ${FAMILY}`)]).then(() => draw(entry.target));
        }
      },
      { rootMargin: "400px" },
    );
    let waiting;
    const resized = new ResizeObserver(() => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        for (const figure of figures) {
          const moved = figure.dataset.drawn && Math.abs(figure.clientWidth - figure.drawnFor) > 1;
          if (moved && figure.clientWidth) draw(figure);
        }
      }, 120);
    });
    figures.forEach((figure) => (seen.observe(figure), resized.observe(figure)));
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
