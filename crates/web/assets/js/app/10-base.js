// Small conveniences on top of pages that work without them. Everything listens on the document, so that parts of the page
// may be swapped at any time.
"use strict";

const remember = (name, value) => {
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=31536000; SameSite=Lax`;
};

// Where the page shows the past, the addresses that scripts make stay there.
const inTime = (address) => {
  const { at } = document.documentElement.dataset;
  return at ? `${address}${address.includes("?") ? "&" : "?"}at=${encodeURIComponent(at)}` : address;
};

const say = (text) => {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
};

const toast = (text) => {
  const box = document.createElement("p");
  box.className = "toast";
  box.textContent = text;
  document.body.append(box);
  say(text);
  setTimeout(() => box.remove(), 2500);
};

// Buttons that change how the page looks do so at once, without loading it.
const toggles = {
  theme(button) {
    const root = document.documentElement;
    root.dataset.theme = button.value;
    remember("theme", button.value);
    const next = { system: "dark", dark: "light", light: "system" }[button.value];
    const icon = { system: "sun-moon", dark: "moon", light: "sun" }[button.value];
    const use = button.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${icon}`));
    button.title = `Colours: ${button.value}`;
    button.setAttribute("aria-label", `Change colours, now ${button.value}`);
    button.value = next;
  },
  rail(button) {
    const narrow = button.value === "narrow";
    if (narrow) document.documentElement.dataset.rail = "narrow";
    else delete document.documentElement.dataset.rail;
    remember("rail", button.value);
    button.value = narrow ? "wide" : "narrow";
  },
};

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.dataset.toggle) {
    event.preventDefault();
    toggles[button.dataset.toggle](button);
  }
});

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy], [data-copy-from]");
  if (copy) {
    const source = copy.dataset.copyFrom && document.getElementById(copy.dataset.copyFrom);
    await navigator.clipboard.writeText(source ? source.textContent : copy.dataset.copy);
    toast("Copied");
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || copy) menu.open = false;
  }
});

// A long list of values gets a field that narrows it.
const addListFilter = (details) => {
  if (details.querySelector("input")) return;
  const input = document.createElement("input");
  input.type = "search";
  input.setAttribute("aria-label", "Narrow these values");
  input.placeholder = "Type to narrow";
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const item of details.querySelectorAll("li")) {
      item.hidden = !item.textContent.toLowerCase().includes(wanted);
    }
  });
  details.querySelector("summary").after(input);
};
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("[data-filter-list]") && event.target.open) addListFilter(event.target);
}, true);
