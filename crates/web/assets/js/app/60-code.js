// The button that copies a code frame is only there with scripts.
for (const button of document.querySelectorAll("[data-copy-from]")) button.hidden = false;
document.addEventListener("htmx:after:swap", () => {
  for (const button of document.querySelectorAll("[data-copy-from]")) button.hidden = false;
});
// An address with a fragment opens what the fragment stands in; browsers do so only when the page is loaded, and not all.
const openTarget = () => {
  let name = location.hash.slice(1);
  try {
    name = decodeURIComponent(name);
  } catch {
    // A stray percent sign names nothing.
  }
  const target = name && document.getElementById(name);
  let opened = false;
  for (let fold = target?.closest?.("details"); fold; fold = fold.parentElement?.closest("details")) {
    opened ||= !fold.open;
    fold.open = true;
  }
  if (opened) target.scrollIntoView();
};
addEventListener("hashchange", openTarget);
openTarget();
