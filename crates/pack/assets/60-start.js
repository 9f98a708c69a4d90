// The frame around the pages: the bar, the age of the pack, addresses and keys.

const PAGES = { '/': homePage, '/kind': kindPage, '/entity': entityPage, '/impact': impactPage, '/keys': keysPage };
const OLD = 24 * 3600 * 1000;
const VERY_OLD = 7 * OLD;

function where() {
  const [path, query] = (location.hash.slice(1) || '/').split(/\?(.*)/s);
  return { page: PAGES[path] || homePage, parameters: new URLSearchParams(query || '') };
}

function frameOf(app) {
  const { about } = app.catalog;
  const search = el('input', {
    type: 'search', id: 'search', placeholder: 'A service, a team, a person', autocomplete: 'off', spellcheck: 'false', 'aria-label': 'Search',
    oninput: () => {
      // Typing makes one step of the history, not one for each letter.
      const next = search.value.trim() ? address.search(search.value) : '#/';
      if (where().page === homePage) history.replaceState(null, '', next);
      else location.hash = next;
      show(app, true);
    },
    onkeydown: (event) => {
      const first = document.querySelector('.hits a');
      if (event.key === 'Enter' && first) location.hash = first.getAttribute('href');
      if (event.key === 'Escape') { search.value = ''; location.hash = '#/'; }
    },
  });
  const theme = el('button', { type: 'button', class: 'quiet-button', onclick: () => nextTheme(theme) }, themeWords());
  const live = /^https?:/.test(about.base) ? outside(about.base, 'The portal') : '';
  app.searchField = search;
  app.age = el('section', { id: 'age', 'aria-label': 'Age of this pack' });
  app.main = el('main', { id: 'main', tabindex: '-1' });
  app.status = el('p', { class: 'off-screen', role: 'status' });
  return [
    el('a', { class: 'skip', href: '#main', onclick: (event) => { event.preventDefault(); app.main.focus(); } }, 'Skip to the content'),
    el('header', { id: 'bar' }, el('a', { class: 'brand', href: '#/' }, `${about.portal} pack`), el('div', { role: 'search' }, search), el('nav', { 'aria-label': 'Pack' }, el('a', { href: '#/impact' }, 'Impact'), el('a', { href: '#/kind?kind=group' }, 'Teams'), el('a', { href: '#/keys' }, 'Keys'), live, theme)),
    app.age,
    app.status,
    app.main,
  ];
}

function themeWords() {
  const names = { system: 'Colours: system', light: 'Colours: light', dark: 'Colours: dark' };
  return names[document.documentElement.dataset.theme];
}

function nextTheme(button) {
  const root = document.documentElement;
  root.dataset.theme = { system: 'dark', dark: 'light', light: 'system' }[root.dataset.theme];
  button.textContent = themeWords();
}

function tellAge(app) {
  const { seq } = app.catalog.about;
  const at = app.catalog.madeAt;
  const age = Date.now() - at;
  app.age.className = age > VERY_OLD ? 'very-old' : age > OLD ? 'old' : '';
  const exact = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  app.age.replaceChildren(
    el('strong', {}, age < -60000 ? 'Made in the future, by this machine’s clock' : `Made ${ago(at, Date.now())}`),
    `, as of change ${seq}. `,
    el('span', { class: 'exact' }, `${exact} UTC. `),
    age > OLD ? 'What has changed since is not in it.' : '',
  );
}

function show(app, typing) {
  const { page, parameters } = where();
  const { title, body, status } = page(app, parameters);
  const heading = el('h1', { tabindex: '-1' }, title);
  app.main.replaceChildren(heading, ...[body].flat(2).filter(Boolean));
  app.status.textContent = status || '';
  document.title = `${title} · ${app.catalog.about.portal} pack`;
  const query = page === homePage ? parameters.get('q') || '' : '';
  if (app.searchField.value.trim() !== query.trim()) app.searchField.value = query;
  if (typing) return;
  window.scrollTo(0, 0);
  if (app.started && document.activeElement !== app.searchField) heading.focus({ preventScroll: true });
}

function moveInHits(step) {
  const all = [...document.querySelectorAll('#search, .hits li > .hit > .entity a')];
  const at = all.indexOf(document.activeElement);
  if (at < 0 || all.length < 2) return false;
  all[Math.min(Math.max(at + step, 0), all.length - 1)].focus();
  return true;
}

function onKey(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && moveInHits(event.key === 'ArrowDown' ? 1 : -1)) {
    event.preventDefault();
    return;
  }
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const { page, parameters } = where();
  const i = page === entityPage ? app.catalog.find(parameters.get('ref') || '') : undefined;
  if (event.key === '/') { app.searchField.focus(); app.searchField.select(); }
  else if (event.key === 'h') location.hash = '#/';
  else if (event.key === 'i') location.hash = i === undefined ? '#/impact' : address.impact(app.catalog, [[i, DOWN]]);
  else if (event.key === '?') location.hash = '#/keys';
  else return;
  event.preventDefault();
}

async function start() {
  const catalog = readCatalog(await unpack(), Number(document.body.dataset.made));
  const app = { catalog, search: buildSearch(catalog), impact: buildImpact(catalog), started: false };
  const root = document.getElementById('app');
  root.replaceChildren(...frameOf(app));
  document.getElementById('plain').remove();
  tellAge(app);
  setInterval(() => tellAge(app), 30000);
  show(app, false);
  app.started = true;
  if (where().page === homePage) app.searchField.focus();
  window.addEventListener('hashchange', () => show(app, document.activeElement === app.searchField && where().page === homePage));
  document.addEventListener('keydown', (event) => onKey(app, event));
}

start().catch((error) => {
  // Teams and contacts are in the file as a plain table; they are shown rather than nothing.
  document.documentElement.classList.add('failed');
  document.getElementById('app').remove();
  const words = document.getElementById('too-old');
  if (words) words.hidden = false;
  console.error(error);
});
