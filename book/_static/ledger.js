// Filters the ledger: a claim stays while one of its verdicts fits every field.
(() => {
  "use strict";
  const start = () => {
    const form = document.querySelector("form[data-filters]");
    if (!form) return;
    const groups = [...document.getElementById(form.dataset.filters).tBodies];
    const output = form.querySelector("output");
    const fields = ["verdict", "scope", "grade", "robustness"];

    const apply = () => {
      const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (row) =>
        fields.every((f) => !form.elements[f].value || row.dataset[f] === form.elements[f].value);
      let shown = 0;
      for (const group of groups) {
        const text = group.textContent.toLowerCase();
        const rows = [...group.rows].slice(1);
        rows.forEach((row) => (row.hidden = !fits(row)));
        group.hidden = rows.every((row) => row.hidden) || !words.every((w) => text.includes(w));
        shown += !group.hidden;
      }
      output.textContent = `${shown} of ${groups.length} claims`;
    };

    // The address keeps the choice, so that a filtered ledger can be linked to.
    const remember = () => {
      const chosen = [...new FormData(form)].filter(([, value]) => value);
      const query = new URLSearchParams(chosen).toString();
      history.replaceState(null, "", query ? `?${query}` : location.pathname);
    };
    for (const [name, value] of new URLSearchParams(location.search)) {
      // A name such as "length" is the form's own and no field.
      const field = form.elements.namedItem(name);
      if (field?.name === name) field.value = value;
    }

    form.addEventListener("input", () => (apply(), remember()));
    form.addEventListener("submit", (event) => event.preventDefault());
    apply();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
