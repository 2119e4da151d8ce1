"use strict";
// The page can be read without this. It adds search, filters, folding and a choice of colours.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const entries = all("[data-kind]").map((element) => ({
    element,
    kind: element.dataset.kind,
    project: element.dataset.project,
    action: element.dataset.action,
    text: element.textContent.toLowerCase(),
  }));
  const changes = entries.filter((entry) => entry.action);
  const groups = all(".group");
  const search = one("#search");
  const kind = one("#kind");
  const project = one("#project");
  const tally = one("#tally");
  const none = one("#none");
  const toggles = all("button[data-only]");

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const actions = toggles
      .filter((toggle) => toggle.getAttribute("aria-pressed") === "true")
      .map((toggle) => toggle.dataset.only);
    const isFiltered = Boolean(words.length || actions.length || kind.value || project.value);
    for (const entry of entries) {
      const isShown =
        (!kind.value || entry.kind === kind.value) &&
        (!project.value || entry.project === project.value) &&
        (!actions.length || actions.includes(entry.action)) &&
        words.every((word) => entry.text.includes(word));
      entry.element.hidden = !isShown;
    }
    for (const group of groups) {
      const own = all("[data-kind]", group);
      group.hidden = isFiltered && !own.some((element) => !element.hidden);
      if (isFiltered && !group.hidden) group.open = true;
    }
    const shown = changes.filter((entry) => !entry.element.hidden).length;
    tally.value = isFiltered ? `${shown} of ${changes.length} changes` : `${changes.length} changes`;
    none.hidden = !isFiltered || entries.some((entry) => !entry.element.hidden);
  };

  const fold = (open) => all("details").forEach((element) => { element.open = open; });
  const themes = ["", "light", "dark"];
  const names = ["Colours: system", "Colours: light", "Colours: dark"];
  const theme = one("#theme");
  const paint = (step) => {
    const index = (themes.indexOf(document.documentElement.dataset.theme || "") + step) % themes.length;
    document.documentElement.dataset.theme = themes[index];
    theme.textContent = names[index];
  };

  search.addEventListener("input", apply);
  kind.addEventListener("change", apply);
  project.addEventListener("change", apply);
  // Every count becomes a filter.
  for (const toggle of toggles) {
    toggle.disabled = false;
    toggle.addEventListener("click", () => {
      const pressed = toggle.getAttribute("aria-pressed") === "true";
      toggle.setAttribute("aria-pressed", String(!pressed));
      apply();
    });
  }
  one("#fold").addEventListener("click", () => fold(false));
  one("#unfold").addEventListener("click", () => fold(true));
  theme.addEventListener("click", () => paint(1));
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !isTyping) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) {
      search.value = "";
      apply();
    }
  });
  one(".bar").hidden = false;
  paint(0);
  apply();
})();
