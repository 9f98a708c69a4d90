// The contents of the pack, as `columns.rs` wrote them: unpacked, and made into a catalog that can be asked.

async function unpack() {
  const element = document.getElementById('contents');
  const letters = atob(element.textContent);
  element.remove();
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

function readCatalog(contents, madeAt) {
  const count = contents.name.length;
  const total = count + contents.missing.length;
  const word = (number) => contents.words[number];
  const refs = new Array(total);
  for (let i = 0; i < count; i += 1) {
    refs[i] = `${word(contents.kind[i])}:${word(contents.namespace[i])}/${contents.name[i]}`.toLowerCase();
  }
  contents.missing.forEach((ref, i) => { refs[count + i] = ref; });
  const byRef = new Map(refs.map((ref, i) => [ref, i]));
  const mail = new Map(contents.mail);
  const declared = new Map(contents.declared);
  const journeys = new Set(contents.journeys);
  const plurals = new Map(contents.kinds.map(([kind, plural]) => [kind.toLowerCase(), plural]));
  const relations = readEdges(contents.edges);
  const linksFrom = firstOfEach(contents.links.of, count);
  const none = [];
  const kind = (i) => refs[i].slice(0, refs[i].indexOf(':'));

  return {
    about: contents,
    madeAt,
    count,
    total,
    refs,
    kind,
    find: (ref) => byRef.get(ref.toLowerCase()),
    isMissing: (i) => i >= count,
    name: (i) => (i < count ? contents.name[i] : refs[i].slice(refs[i].indexOf('/') + 1)),
    title: (i) => (i < count && contents.title[i]) || (i < count ? contents.name[i] : refs[i]),
    kindWord: (i) => (i < count ? word(contents.kind[i]) : kind(i)),
    plural: (kindName) => plurals.get(kindName) || kindName,
    namespace: (i) => (i < count ? word(contents.namespace[i]) : ''),
    description: (i) => contents.description[i] || '',
    type: (i) => (i < count ? word(contents.type[i]) : ''),
    lifecycle: (i) => (i < count ? word(contents.lifecycle[i]) : ''),
    tags: (i) => (i < count ? contents.tags[i].map(word) : none),
    mail: (i) => mail.get(i) || '',
    declared: (i) => declared.get(i) || '',
    isJourney: (i) => journeys.has(i),
    // The other ends of an entity's relations: what it names, and what names it.
    out: (i, relation) => (relations.get(relation) ? relations.get(relation).out.get(i) || none : none),
    into: (i, relation) => (relations.get(relation) ? relations.get(relation).into.get(i) || none : none),
    relations,
    links: (i) => {
      const found = [];
      const all = contents.links;
      for (let at = linksFrom[i]; at !== undefined && all.of[at] === i; at += 1) {
        found.push({
          purpose: word(all.purpose[at]),
          label: word(all.label[at]),
          href: all.href[at],
          value: all.value[at],
        });
      }
      return found;
    },
    kinds: () => {
      const counts = new Map();
      for (let i = 0; i < count; i += 1) counts.set(kind(i), (counts.get(kind(i)) || 0) + 1);
      return counts;
    },
  };
}

function readEdges(edges) {
  const relations = new Map();
  for (const [relation, steps, to] of edges) {
    const both = { out: new Map(), into: new Map() };
    let from = 0;
    steps.forEach((step, at) => {
      from += step;
      pushTo(both.out, from, to[at]);
      pushTo(both.into, to[at], from);
    });
    relations.set(relation, both);
  }
  return relations;
}

function pushTo(map, key, value) {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}

function firstOfEach(owners, count) {
  const first = new Array(count);
  for (let at = owners.length - 1; at >= 0; at -= 1) first[owners[at]] = at;
  return first;
}
