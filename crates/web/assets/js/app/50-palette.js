// The palette: a dialog over any page, opened by Ctrl or Cmd with K, by a slash, or from the field in the bar. The server makes
// the list; the field keeps the focus, and says which option is chosen. Without this script the field in the bar searches.
{
  let dialog = null;
  let input = null;
  let list = null;
  let chosen = -1;
  let asking = null;
  let timer = 0;

  const options = () => [...list.querySelectorAll('[role="option"]')];

  const choose = (at) => {
    const all = options();
    if (!all.length) return;
    chosen = (at + all.length) % all.length;
    for (const [place, option] of all.entries()) option.setAttribute("aria-selected", String(place === chosen));
    input.setAttribute("aria-activedescendant", all[chosen].id);
    all[chosen].scrollIntoView({ block: "nearest" });
  };

  const fill = async () => {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    const answer = await fetch(inTime(`/palette?q=${encodeURIComponent(input.value)}`), { signal: mine.signal }).catch(() => null);
    if (mine.signal.aborted || !dialog) return;
    const html = answer?.ok ? await answer.text().catch(() => "") : "";
    if (mine.signal.aborted || !dialog) return;
    list.innerHTML = html || '<p class="palette-none">The server does not answer. Press Enter to search.</p>';
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    choose(0);
    const count = options().length;
    say(count === 1 ? "1 choice" : `${count} choices`);
  };

  const take = (option, event) => {
    const press = option?.dataset.press;
    if (press) {
      dialog.close();
      document.querySelector(press)?.click();
      return;
    }
    const href = option ? option.href : inTime(`/search?query=${encodeURIComponent(input.value)}`);
    if (event.ctrlKey || event.metaKey) window.open(href, "_blank", "noopener");
    else location.href = href;
  };

  const onKey = (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      choose(chosen + steps[event.key]);
    } else if (event.key === "PageDown" || event.key === "PageUp") {
      event.preventDefault();
      const to = chosen + (event.key === "PageDown" ? 8 : -8);
      choose(Math.max(0, Math.min(options().length - 1, to)));
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      take(options()[chosen], event);
    } else if (event.key === "Tab") {
      event.preventDefault();
    }
  };

  const make = () => {
    dialog = document.createElement("dialog");
    dialog.className = "palette";
    dialog.setAttribute("aria-label", "Find a service, team, page or action");
    dialog.innerHTML =
      '<div class="palette-field"><input type="text" role="combobox" aria-expanded="true" aria-haspopup="listbox" ' +
      'aria-controls="palette-list" aria-autocomplete="list" aria-label="Find a service, team, page or action" ' +
      'placeholder="A service, team, page or action" autocomplete="off" autocapitalize="off" spellcheck="false"><kbd>Esc</kbd></div>' +
      '<div class="palette-results"></div>';
    input = dialog.querySelector("input");
    list = dialog.querySelector(".palette-results");
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(fill, 40);
    });
    input.addEventListener("keydown", onKey);
    list.addEventListener("pointermove", (event) => {
      const at = options().indexOf(event.target.closest('[role="option"]'));
      if (at >= 0 && at !== chosen) choose(at);
    });
    list.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (!option) return;
      if (option.dataset.press) {
        event.preventDefault();
        take(option, event);
      }
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => {
      clearTimeout(timer);
      asking?.abort();
      dialog.remove();
      dialog = null;
    });
    document.body.append(dialog);
  };

  const open = (text) => {
    if (dialog || document.querySelector("dialog[open]")) return;
    make();
    input.value = text;
    dialog.showModal();
    input.focus();
    fill();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const isOpener = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping;
    if (!isOpener && !isSlash) return;
    event.preventDefault();
    if (dialog && isOpener) dialog.close();
    else open("");
  });

  document.addEventListener("click", (event) => {
    const field = event.target.closest?.("[data-palette-open]");
    if (!field) return;
    open(field.value);
    field.value = "";
  });

  // Who comes to the field by keyboard and types, types into the palette.
  document.addEventListener("input", (event) => {
    const field = event.target.closest?.("[data-palette-open]");
    if (!field || !field.value) return;
    open(field.value);
    field.value = "";
  });
}
