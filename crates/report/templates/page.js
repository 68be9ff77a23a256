"use strict";
document.documentElement.classList.remove("no-script");
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Each filtered list: a form with `data-filters`, and items with `data-…` of the same names. */
for (const form of all("form[data-filters]")) {
  const list = document.getElementById(form.dataset.filters);
  const items = all("[data-text]", list);
  const count = document.getElementById(form.dataset.filters + "-count");
  const empty = document.getElementById(form.dataset.filters + "-empty");
  const apply = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = {};
    for (const select of all("select", form)) if (select.value) chosen[select.name] = [select.value];
    for (const box of all("input[type=checkbox]:checked", form)) (chosen[box.name] ??= []).push(box.value);
    let shown = 0;
    for (const item of items) {
      const fits = words.every((word) => item.dataset.text.includes(word))
        && Object.entries(chosen).every(([name, values]) => values.includes(item.dataset[name]));
      item.hidden = !fits;
      if (fits) shown++;
    }
    count.textContent = `${shown} of ${items.length} shown`;
    empty.hidden = shown > 0;
  };
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
  for (const button of all("[data-area-button]")) {
    button.addEventListener("click", () => {
      form.reset();
      form.elements.area.value = button.dataset.areaButton;
      apply();
      form.scrollIntoView({ block: "start" });
      form.elements.area.focus({ preventScroll: true });
    });
  }
}

for (const button of all("[data-open]")) {
  button.addEventListener("click", () => {
    for (const item of all("details.item:not([hidden])")) item.open = button.dataset.open === "yes";
  });
}

for (const button of all(".copy")) {
  button.addEventListener("click", async () => {
    const text = button.parentElement.querySelector("pre").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages that are opened from a file may not have the clipboard.
      const area = document.body.appendChild(document.createElement("textarea"));
      area.value = text;
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

/** A link to a rule opens it, whatever the filters say. */
const reveal = () => {
  const item = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (item?.matches("details.item")) {
    item.hidden = false;
    item.open = true;
    item.scrollIntoView();
  }
};
addEventListener("hashchange", reveal);
reveal();
