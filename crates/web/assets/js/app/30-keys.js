// Keys. The sheet at /keyboard lists them.
{
  const places = { h: "/", c: "/catalog", s: "/catalog?filters[kind]=system", a: "/api-docs", t: "/teams", g: "/catalog-graph", p: "/problems", w: "/changes" };
  let waitsForPlace = false;

  const isTyping = (target) => target.closest?.("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]");

  const stepRow = (step) => {
    const rows = [...document.querySelectorAll("table.data tbody tr")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("selected"));
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))] ?? rows[0];
    for (const row of rows) row.classList.toggle("selected", row === next);
    next.querySelector("a")?.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const stepTab = (step) => {
    const tabs = [...document.querySelectorAll(".tabs a")];
    const at = tabs.findIndex((tab) => tab.hasAttribute("aria-current"));
    if (at >= 0) tabs[at + step]?.click();
  };

  const showSheet = async () => {
    const answer = await fetch("/keyboard");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Keyboard");
    dialog.append(page.getElementById("keyboard"));
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    document.body.append(dialog);
    dialog.tabIndex = -1;
    dialog.showModal();
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-dialog='keyboard']");
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      showSheet();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
    if (isTyping(event.target)) return;
    const { key } = event;
    if (waitsForPlace) {
      waitsForPlace = false;
      if (places[key]) location.href = inTime(places[key]);
      return;
    }
    const actions = {
      g: () => { waitsForPlace = true; setTimeout(() => { waitsForPlace = false; }, 1500); },
      "?": showSheet,
      j: () => stepRow(1),
      k: () => stepRow(-1),
      f: () => document.querySelector("[data-filter]")?.focus(),
      "[": () => stepTab(-1),
      "]": () => stepTab(1),
    };
    const button = /^[a-z]$/.test(key) ? document.querySelector(`[data-key="${key}"]`) : null;
    const action = actions[key] ?? (button && (() => button.click()));
    if (action) {
      event.preventDefault();
      action();
    }
  });
}
