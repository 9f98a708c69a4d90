// Pages that others change while one looks: the server says that there is something new, the page is asked for again, and the
// parts that differ are put in place. What is being typed in is left alone until it is done.
{
  const isBusy = (part) => {
    const field = document.activeElement;
    return part.contains(field) && field.matches("input, textarea, select") && field.value !== field.defaultValue;
  };

  let isStale = false;
  const refresh = async () => {
    isStale = false;
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const region = document.querySelector("[data-live]");
    region.dataset.revision = page.querySelector("[data-live]")?.dataset.revision ?? "";
    for (const part of document.querySelectorAll("[data-live-part]")) {
      const fresh = page.getElementById(part.id);
      if (!fresh || fresh.innerHTML === part.innerHTML) continue;
      if (isBusy(part)) {
        isStale = true;
        continue;
      }
      const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
      const open = [...part.querySelectorAll("details[open]")].map((details) => details.querySelector("summary").textContent);
      part.replaceWith(document.adoptNode(fresh));
      for (const details of fresh.querySelectorAll("details")) {
        if (open.includes(details.querySelector("summary").textContent)) details.open = true;
      }
      if (focused) document.getElementById(focused)?.focus();
    }
  };

  const listen = (region) => {
    region.classList.add("sheet-live");
    const events = new EventSource(region.dataset.live);
    events.addEventListener("changed", (event) => {
      if (event.data !== region.dataset.revision) refresh();
    });
    document.addEventListener("focusout", () => { if (isStale) setTimeout(refresh, 200); });
    addEventListener("pagehide", () => events.close());
  };

  addEventListener("load", () => {
    const region = document.querySelector("[data-live]");
    // The page is there first; the line to the server comes after it.
    if (region) setTimeout(() => listen(region), 1500);
  });
}
