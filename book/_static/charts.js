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
      drawn.setAttribute("role", "img");
      drawn.setAttribute("aria-label", picture.getAttribute("aria-label"));
      picture.hidden = true;
      figure.dataset.drawn = "live";
    } catch (problem) {
      host.remove();
      console.error("chart not drawn:", problem);
    }
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
