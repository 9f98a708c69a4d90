// The card that a link to an entity shows when the pointer rests on it, or the keyboard is on it for a moment.
{
  let timer = 0;
  let card = null;
  let shownFor = null;
  const known = new Map();

  const hide = () => {
    clearTimeout(timer);
    card?.remove();
    shownFor?.removeAttribute("aria-describedby");
    card = shownFor = null;
  };

  const show = async (link) => {
    const address = link.dataset.peek;
    if (!known.has(address)) {
      const answer = await fetch(address).catch(() => null);
      known.set(address, answer?.ok ? await answer.text() : "");
    }
    const html = known.get(address);
    if (!html || !link.isConnected || !(link.matches(":hover") || link === document.activeElement)) return;
    hide();
    card = document.createElement("div");
    card.id = "peek";
    card.className = "peek";
    card.setAttribute("role", "tooltip");
    card.innerHTML = html;
    document.body.append(card);
    shownFor = link;
    link.setAttribute("aria-describedby", "peek");
    const at = link.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, window.innerWidth - card.offsetWidth - 8));
    const below = at.bottom + card.offsetHeight + 8 < window.innerHeight;
    card.style.left = `${left + window.scrollX}px`;
    card.style.top = `${(below ? at.bottom + 6 : at.top - card.offsetHeight - 6) + window.scrollY}px`;
  };

  const soon = (event) => {
    const link = event.target.closest?.("a[data-peek]");
    if (!link || link === shownFor) return;
    clearTimeout(timer);
    timer = setTimeout(() => show(link), event.type === "focusin" ? 600 : 400);
  };
  document.addEventListener("pointerover", soon);
  document.addEventListener("focusin", soon);
  document.addEventListener("pointerout", (event) => {
    if (event.target.closest?.("a[data-peek]")) hide();
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
}
