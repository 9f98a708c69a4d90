// The parts that pages are made of. Whatever comes from the catalog becomes text, and only text.

function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(4).filter((child) => child !== undefined && child !== null && child !== ''));
  return element;
}

// Only what leads to the web, to mail, a telephone or a chat is ever a link.
const isSafe = (address) => /^(https?:\/\/|(mailto|tel|sip|slack|msteams):)/i.test(address) && !/[\u0000-\u0020]/.test(address.trim());

function outside(address, label) {
  if (!isSafe(address)) return el('span', {}, label);
  return el('a', { href: address.trim(), rel: 'noopener noreferrer', target: /^https?:/i.test(address) ? '_blank' : undefined }, label);
}

const mailTo = (address) => (/^[^\s@?&:/()<>]+@[^\s@?&:/()<>]+$/.test(address) ? outside(`mailto:${address}`, address) : el('span', {}, address));

const address = {
  entity: (catalog, i) => `#/entity?ref=${encodeURIComponent(catalog.refs[i])}`,
  kind: (kind) => `#/kind?kind=${encodeURIComponent(kind)}`,
  impact: (catalog, roots) => `#/impact?${roots.map(([i, state]) => `${STATE_WORDS[state]}=${encodeURIComponent(catalog.refs[i])}`).join('&')}`,
  search: (query) => `#/?q=${encodeURIComponent(query)}`,
};

function entityLink(catalog, i) {
  const missing = catalog.isMissing(i);
  return el(
    'span', { class: `entity kind-${/^[a-z]+$/.test(catalog.kind(i)) ? catalog.kind(i) : 'other'}`, title: catalog.refs[i] },
    el('a', { href: address.entity(catalog, i), class: missing ? 'missing' : undefined }, catalog.title(i)),
    el('span', { class: 'kind' }, catalog.kindWord(i)),
    missing ? el('span', { class: 'chip warn' }, 'not in the pack') : '',
  );
}

const byTitle = (catalog, list) => [...new Set(list)].sort((a, b) => inOrder(catalog.title(a), catalog.title(b)));
const counted = (count, one, many) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

// A list that shows its beginning, and the rest when asked.
function longList(items, most, make, attributes) {
  const list = el('ul', attributes || { class: 'plain' }, items.slice(0, most).map((item) => el('li', {}, make(item))));
  if (items.length <= most) return list;
  const more = el('button', {
    type: 'button',
    class: 'quiet-button',
    onclick: () => {
      const added = items.slice(most).map((item) => el('li', {}, make(item)));
      list.append(...added);
      more.remove();
      const first = added[0].querySelector('a, button');
      if (first) first.focus();
    },
  }, `Show ${items.length - most} more`);
  return el('div', {}, list, more);
}

function card(title, ...children) {
  return el('section', { class: 'card' }, el('h2', {}, title), ...children);
}

// What people are reached by, in the order in which one tries it.
function contactsOf(catalog, team) {
  const links = catalog.links(team);
  const of = (purpose) => links.filter((link) => link.purpose === purpose);
  const found = [...of('On call'), ...of('Chat')].map((link) => contact(link));
  if (catalog.mail(team)) found.push(mailTo(catalog.mail(team)));
  return found;
}

function contact(link) {
  const label = link.value && !link.href ? `${link.label}: ${link.value}` : link.label;
  return el('span', { class: link.purpose === 'On call' ? 'contact on-call' : 'contact' }, link.href ? outside(link.href, label) : label);
}

const people = (catalog, team) => byTitle(catalog, catalog.into(team, 'memberOf'));

function personLine(catalog, person) {
  const mail = catalog.mail(person);
  return [entityLink(catalog, person), mail ? el('span', { class: 'mail' }, mailTo(mail)) : ''];
}

function contactList(catalog, i, otherwise) {
  const contacts = contactsOf(catalog, i);
  return contacts.length ? el('ul', { class: 'contacts' }, contacts.map((one) => el('li', {}, one))) : el('p', { class: 'quiet' }, otherwise);
}

// Who to call about an entity: its owners, with every way to reach them.
function teamBlock(catalog, team, isBrief) {
  const members = people(catalog, team);
  const list = members.length ? longList(members, isBrief ? 30 : 6, (person) => personLine(catalog, person)) : '';
  const above = catalog.out(team, 'childOf');
  return el(
    'div', { class: 'team' },
    el('p', { class: 'team-name' }, entityLink(catalog, team)),
    contactList(catalog, team, catalog.isMissing(team) ? 'The pack knows nothing about it.' : 'No way to reach it is on record.'),
    isBrief && members.length ? el('details', {}, el('summary', {}, counted(members.length, 'person', 'people')), list) : list,
    above.length ? el('p', { class: 'quiet' }, 'If nobody answers: ', above.map((one) => entityLink(catalog, one))) : '',
  );
}

const PURPOSES = ['On call', 'Dashboards', 'Runbooks', 'Chat', 'Source', 'Delivery', 'Quality', 'Issues', 'Documentation', 'Other'];

function linkGroups(catalog, i) {
  const links = catalog.links(i);
  const groups = new Map();
  links.forEach((link) => groups.set(link.purpose, [...(groups.get(link.purpose) || []), link]));
  const place = (purpose) => (PURPOSES.indexOf(purpose) + 1 || PURPOSES.length);
  const declared = catalog.declared(i);
  if (declared) groups.set('Source', [...(groups.get('Source') || []), { label: 'Descriptor', href: declared, value: '' }]);
  return [...groups.keys()].sort((a, b) => place(a) - place(b)).map((purpose) => [purpose, groups.get(purpose)]);
}

function ago(then, now) {
  const seconds = Math.floor((now - then) / 1000);
  const steps = [[60, 1, 'second'], [7200, 60, 'minute'], [172800, 3600, 'hour'], [5184000, 86400, 'day'], [63072000, 2592000, 'month'], [Infinity, 31536000, 'year']];
  if (seconds < 10) return 'just now';
  const [, unit, name] = steps.find(([limit]) => seconds < limit);
  const count = Math.floor(seconds / unit);
  return `${count} ${name}${count === 1 ? '' : 's'} ago`;
}

async function copyText(text, button) {
  const words = button.textContent;
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch (refused) {
    // Browsers that give no clipboard to files have an older way.
    const area = el('textarea', { class: 'off-screen', 'aria-hidden': 'true' });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand('copy');
    area.remove();
  }
  button.textContent = done ? 'Copied' : 'The browser refuses; select the text instead';
  setTimeout(() => { button.textContent = words; }, 2000);
}
