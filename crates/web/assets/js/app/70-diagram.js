// Pictures of graphs: zoom, drag, and what belongs together under the pointer. Without this they are as large as they are, and
// scroll.
(() => {
  const LEAST = 0.15, MOST = 3;

  function start(figure) {
    const scroll = figure.querySelector(".diagram-scroll");
    const svg = scroll && scroll.querySelector("svg.dg");
    if (!svg || figure.dataset.started) return;
    figure.dataset.started = "yes";
    const natural = { width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height };
    let scale = 1;

    // Keeps the point (x, y) of the frame where it is.
    function zoom(to, x = scroll.clientWidth / 2, y = scroll.clientHeight / 2) {
      const next = Math.min(MOST, Math.max(LEAST, to));
      const at = { x: (scroll.scrollLeft + x) / scale, y: (scroll.scrollTop + y) / scale };
      scale = next;
      svg.setAttribute("width", natural.width * scale);
      svg.setAttribute("height", natural.height * scale);
      scroll.scrollLeft = at.x * scale - x;
      scroll.scrollTop = at.y * scale - y;
    }

    const fitting = () => Math.min(1, scroll.clientWidth / natural.width, scroll.clientHeight / natural.height);
    const fit = () => zoom(Math.abs(scale - fitting()) < 0.01 ? 1 : fitting());
    const act = { in: () => zoom(scale * 1.25), out: () => zoom(scale / 1.25), fit };

    const tools = figure.querySelector(".diagram-tools");
    tools.addEventListener("click", (event) => {
      const button = event.target.closest("[data-zoom]");
      if (button) act[button.dataset.zoom]();
    });
    scroll.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const name = { "+": "in", "=": "in", "-": "out", 0: "fit" }[event.key];
      if (!name) return;
      event.preventDefault();
      event.stopPropagation();
      act[name]();
    });
    scroll.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = scroll.getBoundingClientRect();
      zoom(scale * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
    }, { passive: false });
    drag(scroll);
    light(svg);
    // A picture that is too large is made smaller as long as it can be read; what it is about stands in the middle.
    tools.hidden = fitting() > 0.97;
    zoom(Math.max(0.62, Math.min(1, scroll.clientWidth / natural.width)));
    const middle = svg.querySelector(".dg-root") ?? svg.querySelector(".dg-frame");
    if (middle) show(scroll, middle);
  }

  // Brings a node to the middle of the frame, without moving the page.
  function show(scroll, node) {
    const box = scroll.getBoundingClientRect(), at = node.getBoundingClientRect();
    scroll.scrollLeft += at.left + at.width / 2 - box.left - scroll.clientWidth / 2;
    scroll.scrollTop += at.top + at.height / 2 - box.top - scroll.clientHeight / 2;
  }

  function drag(scroll) {
    let from = null, moved = false;
    scroll.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return;
      from = { x: event.clientX, y: event.clientY, left: scroll.scrollLeft, top: scroll.scrollTop };
      moved = false;
    });
    addEventListener("pointermove", (event) => {
      if (!from) return;
      const x = event.clientX - from.x, y = event.clientY - from.y;
      if (!moved && Math.hypot(x, y) < 4) return;
      moved = true;
      scroll.classList.add("dragging");
      scroll.scrollLeft = from.left - x;
      scroll.scrollTop = from.top - y;
    });
    addEventListener("pointerup", () => {
      from = null;
      scroll.classList.remove("dragging");
    });
    // The end of a drag is no click on a link, and a link is not dragged away.
    scroll.addEventListener("click", (event) => {
      if (moved) event.preventDefault();
      moved = false;
    }, true);
    scroll.addEventListener("dragstart", (event) => event.preventDefault());
  }

  // A node under the pointer or with the focus lights up with its lines and neighbours.
  function light(svg) {
    const nodes = new Map([...svg.querySelectorAll("[data-node]")].map((node) => [node.dataset.node, node]));
    const lines = [...svg.querySelectorAll("[data-from]")];
    let lit = null;
    function show(id) {
      if (id === lit) return;
      lit = id;
      svg.querySelectorAll(".lit").forEach((part) => part.classList.remove("lit"));
      svg.classList.toggle("has-lit", id !== null);
      if (id === null) return;
      nodes.get(id).classList.add("lit");
      for (const line of lines) {
        const { from, to } = line.dataset;
        if (from !== id && to !== id) continue;
        line.classList.add("lit");
        for (const end of [from, to]) nodes.get(end)?.classList.add("lit");
      }
    }
    const over = (event) => show(event.target.closest?.("[data-node]")?.dataset.node ?? null);
    svg.addEventListener("pointerover", over);
    svg.addEventListener("pointerleave", () => show(null));
    svg.addEventListener("focusin", over);
    svg.addEventListener("focusout", () => show(null));
  }

  const all = () => document.querySelectorAll("[data-diagram]").forEach(start);
  document.addEventListener("DOMContentLoaded", all);
  if (document.readyState !== "loading") all();
  // Parts of a page that are swapped in.
  document.addEventListener("htmx:after:swap", all);
})();
