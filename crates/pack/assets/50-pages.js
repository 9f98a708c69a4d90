// The pages. Each answers with its title and what stands below the bar.

const MOST_HITS = 60;

function homePage(app, parameters) {
  const { catalog } = app;
  const query = (parameters.get('q') || '').trim();
  if (query) return resultsPage(app, query);
  const kinds = [...catalog.kinds()].filter(([kind]) => kind !== 'location');
  kinds.sort((a, b) => b[1] - a[1]);
  const teams = byTitle(catalog, allOf(catalog, 'group'));
  return {
    title: catalog.about.organization ? `${catalog.about.organization}’s estate` : 'The estate',
    body: [
      el('p', { class: 'estate' }, kinds.map(([kind, count]) => el('a', { href: address.kind(kind) }, el('strong', {}, count.toLocaleString('en')), ` ${catalog.plural(kind)}`))),
      el('p', {}, el('a', { class: 'button', href: '#/impact' }, 'Something is failing: who is hit?')),
      card('Teams and how to reach them', teamTable(catalog, teams)),
    ],
  };
}

function allOf(catalog, kind) {
  const found = [];
  for (let i = 0; i < catalog.count; i += 1) if (catalog.kind(i) === kind) found.push(i);
  return found;
}

function teamTable(catalog, teams) {
  if (teams.length === 0) return el('p', { class: 'quiet' }, 'No team is in the catalog.');
  const row = (team) => el(
    'tr', {},
    el('th', { scope: 'row' }, entityLink(catalog, team)),
    el('td', {}, el('ul', { class: 'contacts' }, contactsOf(catalog, team).map((one) => el('li', {}, one)))),
    el('td', { class: 'number' }, String(people(catalog, team).length)),
    el('td', { class: 'number' }, String(catalog.into(team, 'ownedBy').length)),
  );
  const head = ['Team', 'Contact', 'People', 'Owns'].map((title, at) => el('th', { scope: 'col', class: at > 1 ? 'number' : undefined }, title));
  const body = el('tbody', {}, teams.slice(0, 100).map(row));
  const table = el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, head)), body));
  if (teams.length <= 100) return table;
  const more = el('button', { type: 'button', class: 'quiet-button', onclick: () => { body.append(...teams.slice(100).map(row)); more.remove(); } }, `Show ${teams.length - 100} more`);
  return [table, more];
}

function resultsPage(app, query) {
  const { catalog } = app;
  const { hits, total } = findAll(app.search, query, MOST_HITS);
  const line = (i) => {
    const owners = catalog.out(i, 'ownedBy');
    return [
      el('div', { class: 'hit' }, entityLink(catalog, i), catalog.type(i) ? el('span', { class: 'quiet' }, catalog.type(i)) : '', owners.length ? el('span', { class: 'owner' }, 'owner ', el('a', { href: address.entity(catalog, owners[0]), tabindex: '-1' }, catalog.title(owners[0]))) : ''),
      catalog.description(i) ? el('p', { class: 'quiet' }, catalog.description(i)) : '',
    ];
  };
  const shown = total > hits.length ? `, the best ${hits.length} are shown` : '';
  return {
    title: `“${query}”`,
    status: total === 0 ? 'Nothing found' : `${counted(total, 'hit', 'hits')}${shown}`,
    body: [
      el('p', { class: 'quiet' }, total === 0 ? 'Nothing in this pack is called so. Try a part of the name, its first letters, or a team.' : `${counted(total, 'hit', 'hits')}${shown}`),
      el('ul', { class: 'hits' }, hits.map((i) => el('li', {}, line(i)))),
    ],
  };
}

function kindPage(app, parameters) {
  const { catalog } = app;
  const kind = parameters.get('kind') || '';
  const all = byTitle(catalog, allOf(catalog, kind));
  const line = (i) => [entityLink(catalog, i), catalog.type(i) ? el('span', { class: 'quiet' }, ` ${catalog.type(i)}`) : ''];
  return {
    title: catalog.plural(kind),
    body: [card(counted(all.length, 'entity', 'entities'), longList(all, 300, line, { class: 'plain columns' }))],
  };
}

function entityPage(app, parameters) {
  const { catalog } = app;
  const i = catalog.find(parameters.get('ref') || '');
  if (i === undefined) {
    return { title: 'Not in the pack', body: [el('p', {}, `${parameters.get('ref')} is not in this pack. It may be new, or gone, or not to be seen by whoever made the pack.`)] };
  }
  const isTeam = catalog.kind(i) === 'group';
  const isPerson = catalog.kind(i) === 'user';
  const facts = [catalog.type(i), catalog.lifecycle(i), ...catalog.tags(i)].filter(Boolean);
  const side = [];
  if (isTeam) side.push(card('Who to call', teamBlock(catalog, i)));
  else if (isPerson) side.push(card('How to reach', contactList(catalog, i, 'No way to reach them is on record.')));
  else side.push(whoToCall(catalog, i));
  const links = linkGroups(catalog, i).filter(([purpose]) => !(isTeam && (purpose === 'On call' || purpose === 'Chat')));
  if (links.length) side.push(card('Links', el('dl', {}, links.map(([purpose, list]) => [el('dt', {}, purpose), el('dd', {}, el('ul', { class: 'plain' }, list.map((link) => el('li', {}, contact(link)))))]))));
  return {
    title: catalog.title(i),
    body: [
      el('p', { class: 'facts' }, el('span', { class: 'kind' }, catalog.kindWord(i)), el('code', {}, catalog.refs[i]), facts.map((fact) => el('span', { class: 'chip' }, fact))),
      catalog.description(i) ? el('p', { class: 'description' }, catalog.description(i)) : '',
      el('div', { class: 'columns-two' }, el('div', { class: 'side' }, side), el('div', { class: 'main' }, relationCards(app, i))),
    ],
  };
}

function whoToCall(catalog, i) {
  const owners = catalog.out(i, 'ownedBy');
  const own = catalog.links(i).filter((link) => link.purpose === 'On call');
  return card(
    'Who to call',
    owners.length ? owners.map((owner) => teamBlock(catalog, owner)) : el('p', { class: 'warning' }, 'Nobody is named as the owner.'),
    own.length ? el('p', {}, 'On call for this: ', el('ul', { class: 'contacts' }, own.map((link) => el('li', {}, contact(link))))) : '',
  );
}

// What people ask about an entity, as heading, relation and end.
const SECTIONS = [
  ['Needs', [['dependsOn', 'out'], ['consumesApi', 'out']]],
  ['Needed by', [['dependsOn', 'into'], ['consumesApi', 'into']]],
  ['Provides', [['providesApi', 'out']]],
  ['Provided by', [['providesApi', 'into']]],
  ['Part of', [['partOf', 'out']]],
  ['Has the parts', [['partOf', 'into']]],
  ['Member of', [['memberOf', 'out']]],
  ['Above it', [['childOf', 'out']]],
  ['Teams below', [['childOf', 'into']]],
];
const TOLD = new Set(['ownedBy', 'dependsOn', 'consumesApi', 'providesApi', 'partOf', 'memberOf', 'childOf']);

function relationCards(app, i) {
  const { catalog } = app;
  const cards = [];
  if (!['group', 'user', 'location'].includes(catalog.kind(i))) cards.push(impactSummary(app, i));
  for (const [title, ends] of SECTIONS) {
    const others = byTitle(catalog, ends.flatMap(([relation, end]) => catalog[end](i, relation)));
    if (others.length) cards.push(card(`${title} (${others.length})`, longList(others, 12, (other) => neighbour(app, i, other, ends[0][1]))));
  }
  const owned = catalog.into(i, 'ownedBy');
  if (owned.length) cards.push(ownedCard(catalog, owned));
  for (const relation of [...catalog.relations.keys()].filter((one) => !TOLD.has(one))) {
    const others = byTitle(catalog, catalog.out(i, relation));
    if (others.length) cards.push(card(`${relation} (${others.length})`, longList(others, 12, (other) => entityLink(catalog, other))));
  }
  return cards;
}

function neighbour(app, i, other, end) {
  const { catalog } = app;
  const [from, to] = end === 'out' ? [i, other] : [other, i];
  const said = app.impact.quality.get(`${from} ${to}`);
  const owners = catalog.out(other, 'ownedBy');
  return [
    entityLink(catalog, other),
    said && said.soft ? el('span', { class: 'chip' }, 'soft') : '',
    said && said.delay ? el('span', { class: 'chip' }, `felt after ${delayWords(said.delay)}`) : '',
    said && said.others.length ? el('span', { class: 'chip' }, 'redundant') : '',
    owners.length ? el('span', { class: 'owner' }, 'owner ', el('a', { href: address.entity(catalog, owners[0]) }, catalog.title(owners[0]))) : '',
  ];
}

function ownedCard(catalog, owned) {
  const kinds = new Map();
  owned.forEach((one) => kinds.set(catalog.kind(one), [...(kinds.get(catalog.kind(one)) || []), one]));
  return card(`Owns (${owned.length})`, [...kinds].map(([kind, list]) => [el('h3', {}, `${catalog.plural(kind)} (${list.length})`), longList(byTitle(catalog, list), 20, (one) => entityLink(catalog, one))]));
}

function impactSummary(app, i) {
  const { catalog } = app;
  const answer = impactOf(app.impact, [[i, DOWN]]);
  const others = answer.hits.filter((hit) => !hit.root);
  const teams = new Set(others.flatMap((hit) => catalog.out(hit.i, 'ownedBy')));
  return card(
    'If it fails',
    el('p', {}, others.length ? `${counted(others.length, 'other is hit', 'others are hit')}, of ${counted(teams.size, 'team', 'teams')}. ` : 'Nothing in the pack says that it needs this. ', el('a', { href: address.impact(catalog, [[i, DOWN]]) }, 'Show the impact')),
  );
}

const STATE_BY_WORD = { down: DOWN, degraded: DEGRADED, slow: SLOW };

function impactPage(app, parameters) {
  const { catalog } = app;
  const roots = [];
  for (const [name, ref] of parameters) {
    const i = catalog.find(ref);
    if (i !== undefined && STATE_BY_WORD[name] && !roots.some(([known]) => known === i)) roots.push([i, STATE_BY_WORD[name]]);
  }
  const body = [rootsCard(app, roots)];
  if (roots.length) body.push(...answerCards(app, roots));
  return { title: 'Impact', body };
}

function rootsCard(app, roots) {
  const { catalog } = app;
  const go = (next) => { location.hash = next.length ? address.impact(catalog, next) : '#/impact'; };
  const row = ([i, state]) => el(
    'li', {},
    entityLink(catalog, i),
    el('select', { 'aria-label': `State of ${catalog.title(i)}`, onchange: (event) => go(roots.map(([one, was]) => [one, one === i ? Number(event.target.value) : was])) },
      LEVELS.map((level) => el('option', { value: level, selected: state === level }, `is ${STATE_WORDS[level]}`))),
    el('button', { type: 'button', class: 'quiet-button', 'aria-label': `Take out ${catalog.title(i)}`, onclick: () => go(roots.filter(([one]) => one !== i)) }, 'Take out'),
  );
  const found = el('ul', { class: 'plain found' });
  const input = el('input', {
    type: 'search', id: 'root-input', autocomplete: 'off', spellcheck: 'false',
    oninput: () => {
      const { hits } = findAll(app.search, input.value, 8);
      const usable = hits.filter((i) => !['group', 'user', 'location'].includes(catalog.kind(i)));
      found.replaceChildren(...usable.map((i) => el('li', {}, el('button', { type: 'button', class: 'quiet-button', onclick: () => go([...roots.filter(([one]) => one !== i), [i, DOWN]]) }, `${catalog.title(i)} (${catalog.kindWord(i)})`))));
    },
  });
  return card('What is failing', roots.length ? el('ul', { class: 'plain roots' }, roots.map(row)) : '', el('p', { class: 'add' }, el('label', { for: 'root-input' }, roots.length ? 'And also' : 'Name it'), input), found);
}

const STATES = [[DOWN, 'Down'], [DEGRADED, 'Degraded'], [SLOW, 'Slow']];

function answerCards(app, roots) {
  const { catalog } = app;
  const answer = impactOf(app.impact, roots);
  const others = answer.hits.filter((hit) => !hit.root);
  const teams = teamsOf(catalog, answer);
  const journeys = [...others, ...answer.carriers].filter((hit) => catalog.isJourney(hit.i));
  const text = impactText(app, roots, answer, teams);
  const cards = [];
  cards.push(el('p', { class: 'sum' }, others.length ? `${counted(others.length, 'other is hit', 'others are hit')}, ${counted(teams.length, 'team has', 'teams have')} to know.` : 'Nothing in the pack says that it needs this.'));
  cards.push(el('p', {}, el('button', { type: 'button', class: 'button', onclick: (event) => copyText(text, event.target) }, 'Copy as text')));
  if (journeys.length) cards.push(card('Journeys touched', el('ul', { class: 'plain' }, journeys.map((hit) => el('li', {}, entityLink(catalog, hit.i))))));
  cards.push(card(`Teams (${teams.length})`, teams.length ? el('ul', { class: 'plain teams' }, teams.map(([team, hits]) => el('li', {}, teamBlock(catalog, team, true), el('p', { class: 'quiet' }, 'for ', hits.slice(0, 5).map((hit, at) => [at ? ', ' : '', catalog.title(hit.i)]), hits.length > 5 ? ` and ${hits.length - 5} more` : '')))) : el('p', { class: 'quiet' }, 'Nobody is named as an owner.')));
  for (const [state, title] of STATES) {
    const hits = others.filter((hit) => hit.state === state);
    if (hits.length) cards.push(card(`${title} (${hits.length})`, longList(hits, 50, (hit) => [entityLink(catalog, hit.i), wayLine(catalog, answer, hit)])));
  }
  if (answer.spared.length) {
    const line = (spared) => [entityLink(catalog, spared.i), el('p', { class: 'way' }, `goes on without ${catalog.title(spared.failed)}, on ${spared.standing.map((one) => catalog.title(one)).join(', ')}`)];
    cards.push(card(`Spared (${answer.spared.length})`, longList(answer.spared, 30, line)));
  }
  if (answer.carriers.length) {
    const line = (carrier) => [entityLink(catalog, carrier.i), el('p', { class: 'way' }, `carries ${counted(carrier.parts.length, 'part', 'parts')} that ${carrier.parts.length === 1 ? 'fails' : 'fail'}: ${carrier.parts.slice(0, 4).map((part) => catalog.title(part)).join(', ')}${carrier.parts.length > 4 ? ' …' : ''}`)];
    cards.push(card(`Carry a part that is hit (${answer.carriers.length})`, longList(answer.carriers, 30, line)));
  }
  return cards;
}

// The owners of everything that is hit, those first who own what is hit hardest.
function teamsOf(catalog, answer) {
  const teams = new Map();
  answer.hits.forEach((hit) => catalog.out(hit.i, 'ownedBy').forEach((team) => teams.set(team, [...(teams.get(team) || []), hit])));
  const worst = (hits) => Math.max(...hits.map((hit) => hit.state));
  return [...teams].sort((a, b) => worst(b[1]) - worst(a[1]) || b[1].length - a[1].length || catalog.title(a[0]).localeCompare(catalog.title(b[0])));
}

function wayText(catalog, answer, hit) {
  return wayTo(answer, hit.i).map(({ i, via }) => (via ? ` → ${catalog.title(i)} (${via.why}${via.soft ? ', soft' : ''}${via.delay ? `, felt after ${delayWords(via.delay)}` : ''})` : catalog.title(i))).join('');
}

const wayLine = (catalog, answer, hit) => el('p', { class: 'way' }, wayText(catalog, answer, hit));

function impactText(app, roots, answer, teams) {
  const { catalog } = app;
  const lines = [`Failing: ${roots.map(([i, state]) => `${catalog.title(i)} (${STATE_WORDS[state]})`).join(', ')}`];
  lines.push(`From a pack made ${new Date(catalog.madeAt).toISOString().slice(0, 16).replace('T', ' ')} UTC, as of change ${catalog.about.seq}`, '');
  for (const [state, title] of STATES) {
    const hits = answer.hits.filter((hit) => !hit.root && hit.state === state);
    if (hits.length) lines.push(`${title} (${hits.length}):`, ...hits.map((hit) => `- ${wayText(catalog, answer, hit)}`), '');
  }
  lines.push('Call:', ...teams.map(([team, hits]) => {
    const ways = contactsOf(catalog, team).map((one) => {
      const link = one.querySelector('a') || (one.tagName === 'A' ? one : undefined);
      return link && !link.href.startsWith('mailto:') ? `${one.textContent} ${link.href}` : one.textContent;
    });
    return `- ${catalog.title(team)}: ${ways.join(', ') || 'no contact on record'} (${hits.length} hit)`;
  }));
  return lines.join('\n');
}

function keysPage() {
  const keys = [['/', 'Search'], ['↑ ↓', 'Go through the hits'], ['Enter', 'Open the first hit, or the one that is chosen'], ['Esc', 'Empty the search'], ['h', 'Home'], ['i', 'Impact of the page’s entity'], ['?', 'This page']];
  return { title: 'Keyboard', body: [card('Keys', el('dl', { class: 'keys' }, keys.map(([key, what]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, what)])))] };
}
