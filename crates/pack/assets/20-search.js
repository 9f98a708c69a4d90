// Search: whole names first, then beginnings of words, then anywhere inside, then initials; with slips of the finger when
// that finds little.

const inOrder = new Intl.Collator('en').compare;
const plainText = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/ß/g, 'ss');
const wordsOf = (text) => text.match(/[\p{L}\p{N}]+/gu) || [];
// Words also begin where a camel's hump does.
const humps = (text) => text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');

function buildSearch(catalog) {
  const entries = [];
  const vocabulary = new Map();
  for (let i = 0; i < catalog.count; i += 1) {
    const name = plainText(catalog.name(i));
    const title = plainText(catalog.title(i));
    const words = new Set([...wordsOf(plainText(humps(catalog.name(i)))), ...wordsOf(plainText(humps(catalog.title(i))))]);
    const initials = [plainText(humps(catalog.name(i))), plainText(humps(catalog.title(i)))]
      .map((text) => wordsOf(text).map((one) => one[0]).join(''));
    const squashed = wordsOf(name).join('');
    entries.push({ name, title, squashed, words: [...words], initials, rest: undefined });
    for (const one of words) {
      const known = vocabulary.get(one);
      if (known) known.push(i);
      else vocabulary.set(one, [i]);
    }
  }
  return { catalog, entries, vocabulary };
}

// What is not in a name is made when it is first looked at.
function restOf(search, i) {
  const entry = search.entries[i];
  if (entry.rest === undefined) {
    const { catalog } = search;
    const owners = catalog.out(i, 'ownedBy').map((owner) => catalog.title(owner));
    entry.rest = {
      facts: [catalog.kindWord(i), catalog.type(i), ...catalog.tags(i), catalog.mail(i)].map(plainText).filter(Boolean),
      long: plainText([...owners, catalog.description(i)].join(' ')),
    };
  }
  return entry.rest;
}

function scoreWord(search, i, word) {
  const entry = search.entries[i];
  if (entry.name === word || entry.title === word) return 100;
  if (entry.name.startsWith(word) || entry.title.startsWith(word)) return 80;
  if (entry.words.some((one) => one.startsWith(word))) return 60;
  if (entry.name.includes(word) || entry.title.includes(word) || entry.squashed.includes(word)) return 40;
  if (word.length > 1 && entry.initials.some((one) => one.startsWith(word))) return 35;
  const rest = restOf(search, i);
  if (rest.facts.some((one) => one.startsWith(word))) return 25;
  return word.length > 2 && rest.long.includes(word) ? 8 : 0;
}

// Which entities have a word that a slip or two away from this one.
function nearWord(search, word) {
  const found = new Set();
  const allowed = word.length < 4 ? 0 : word.length < 8 ? 1 : 2;
  if (allowed === 0) return found;
  for (const [known, owners] of search.vocabulary) {
    // A word that is still being typed is held against as much of a longer one.
    const start = known.slice(0, word.length);
    if (distance(word, known, allowed) <= allowed || (start.length > 3 && distance(word, start, allowed) <= allowed)) {
      owners.forEach((i) => found.add(i));
    }
  }
  return found;
}

// How many letters differ, are too many, are missing or stand the wrong way round; anything beyond `most` is `most + 1`.
function distance(a, b, most) {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const change = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min(change, row[j] + 1, next[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
      least = Math.min(least, next[j]);
    }
    if (least > most) return most + 1;
    before = row;
    row = next;
  }
  return row[b.length];
}

const WEIGHT = { system: 4, domain: 4, component: 3, api: 3, group: 3, resource: 2, user: 1, location: -30 };
const FEW = 5;

function findAll(search, query, most) {
  const words = plainText(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return { hits: [], total: 0 };
  const ref = search.catalog.find(query.trim());
  let scored = [];
  for (let i = 0; i < search.catalog.count; i += 1) {
    let sum = i === ref ? 500 : 0;
    for (const word of words) {
      const score = scoreWord(search, i, word);
      if (score === 0) {
        sum = i === ref ? sum : 0;
        break;
      }
      sum += score;
    }
    if (sum > 0) scored.push([i, sum]);
  }
  if (scored.length < FEW) scored = withSlips(search, wordsOf(plainText(query)), scored);
  const weight = (i) => WEIGHT[search.catalog.kind(i)] || 0;
  scored.sort((a, b) => b[1] + weight(b[0]) - a[1] - weight(a[0]) || inOrder(search.entries[a[0]].title, search.entries[b[0]].title));
  return { hits: scored.slice(0, most).map(([i]) => i), total: scored.length };
}

function withSlips(search, words, exact) {
  const near = words.map((word) => nearWord(search, word));
  const known = new Set(exact.map(([i]) => i));
  const candidates = new Set(near.flatMap((set) => [...set]));
  const found = [...exact];
  for (const i of candidates) {
    if (known.has(i)) continue;
    let sum = 0;
    for (let at = 0; at < words.length; at += 1) {
      const score = scoreWord(search, i, words[at]) || (near[at].has(i) ? 5 : 0);
      if (score === 0) {
        sum = 0;
        break;
      }
      sum += score;
    }
    if (sum > 0) found.push([i, sum]);
  }
  return found;
}
