// Impact: who else is hit when something fails, when, and by which way. The rules are those of the server's room `insights`,
// word by word: failure goes from a dependency to those that need it, each state spreads by itself, and the earliest arrival
// counts. A hard dependency passes all on, a soft one all but the worst, a redundant group what the last of its members
// passes. Containers are not hit by their parts; they carry them. What fails as a whole takes its parts with it.

const DOWN = 3;
const DEGRADED = 2;
const SLOW = 1;
const LEVELS = [DOWN, DEGRADED, SLOW];
const STATE_WORDS = { [DOWN]: 'down', [DEGRADED]: 'degraded', [SLOW]: 'slow' };
const MACHINES = new Set(['component', 'api', 'resource']);

function buildImpact(catalog) {
  const isContainer = (i) => !MACHINES.has(catalog.kind(i));
  const quality = new Map();
  const redundant = new Map();
  for (const [hit, failing, soft, delay, others] of catalog.about.qualities) {
    // The first one counts.
    if (!quality.has(`${hit} ${failing}`)) quality.set(`${hit} ${failing}`, { soft: soft === 1, delay: secondsOf(delay), others });
    if (others.length) redundant.set(hit, [...(redundant.get(hit) || []), [failing, ...others]]);
  }
  const passes = new Map();
  const needs = new Map();
  const known = new Set();
  const add = (failing, hit, why, inside) => {
    const pair = `${failing} ${hit}`;
    if (failing === hit || known.has(pair)) return;
    known.add(pair);
    const said = (!inside && quality.get(`${hit} ${failing}`)) || { soft: false, delay: 0 };
    const edge = { from: failing, hit, why, soft: said.soft, delay: said.delay, group: undefined };
    pushTo(passes, failing, edge);
    if (!inside && redundant.has(hit)) pushTo(needs, hit, edge);
  };
  const each = (relation, visit) => {
    const both = catalog.relations.get(relation);
    if (both) both.out.forEach((others, from) => others.forEach((to) => visit(from, to)));
  };
  each('consumesApi', (from, to) => add(to, from, 'consumes', false));
  each('dependsOn', (from, to) => add(to, from, 'depends on', false));
  each('partOf', (from, to) => (isContainer(to) ? add(to, from, 'is a part of', true) : add(from, to, 'has the part', false)));
  each('providesApi', (from, to) => add(from, to, 'is provided by', false));
  needs.forEach((edges, hit) => joinGroups(edges, redundant.get(hit)));
  return { catalog, passes, quality, isContainer };
}

// What can stand in for each other, in both directions and from one to the next. Only what is depended on counts.
function joinGroups(edges, declared) {
  const groupOf = new Map(edges.map((edge) => [edge.from, { edges: [edge] }]));
  for (const names of declared) {
    const first = groupOf.get(names[0]);
    if (!first) continue;
    for (const other of names.slice(1)) {
      const group = groupOf.get(other);
      const into = groupOf.get(names[0]);
      if (!group || group === into) continue;
      group.edges.forEach((edge) => { into.edges.push(edge); groupOf.set(edge.from, into); });
    }
  }
  edges.forEach((edge) => { edge.group = groupOf.get(edge.from).edges.length > 1 ? groupOf.get(edge.from) : undefined; });
}

// Weeks, days, hours, minutes and seconds in whole numbers; what is none is felt at once.
function secondsOf(text) {
  const found = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text || '');
  if (!found || /(^P|T)$/.test(text)) return 0;
  const [weeks, days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part || 0));
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds;
}

function delayWords(seconds) {
  let left = seconds;
  const parts = [];
  for (const [unit, length] of [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]]) {
    if (left >= length) parts.push(`${Math.floor(left / length)} ${unit}`);
    left %= length;
  }
  return parts.slice(0, 2).join(' ');
}

// `roots` are [entity, state]. Answers what is hit, worst first, what carries parts that are, and what is spared.
function impactOf(impact, roots) {
  const rootState = new Map();
  roots.forEach(([root, state]) => rootState.set(root, Math.max(rootState.get(root) || 0, state)));
  const arrivals = new Map(LEVELS.map((level) => [level, solve(impact, rootState, level)]));
  const hits = new Map();
  for (const i of arrivals.get(SLOW).keys()) {
    const state = LEVELS.find((level) => arrivals.get(level).has(i));
    const { delay, hops } = arrivals.get(state).get(i);
    hits.set(i, { i, state, delay, hops, root: (rootState.get(i) || 0) >= state });
  }
  const all = [...hits.values()].sort((a, b) => b.state - a.state || a.delay - b.delay || a.hops - b.hops);
  return {
    hits: all,
    carriers: carriersOf(impact, all, rootState),
    spared: sparedOf(impact, arrivals.get(SLOW)),
    arrivals,
    find: (i) => hits.get(i),
  };
}

// When each entity is in the state or worse: one walk in order of time, then of edges.
function solve(impact, rootState, level) {
  const best = new Map();
  const done = new Set();
  const queue = [];
  const failed = new Map();
  const before = (a, b) => a.delay < b.delay || (a.delay === b.delay && a.hops < b.hops);
  const arrive = (i, moment) => {
    if (best.has(i) && !before(moment, best.get(i))) return;
    best.set(i, moment);
    pushHeap(queue, { ...moment, i }, before);
  };
  rootState.forEach((state, i) => { if (state >= level) arrive(i, { delay: 0, hops: 0, via: undefined }); });
  while (queue.length > 0) {
    const { i, delay, hops } = popHeap(queue, before);
    if (done.has(i)) continue;
    done.add(i);
    for (const edge of impact.passes.get(i) || []) {
      if (edge.soft && level === DOWN) continue;
      let moment = { delay: delay + edge.delay, hops: hops + 1, via: edge };
      if (edge.group) {
        const group = failed.get(edge.group) || { left: edge.group.edges.length, last: undefined };
        failed.set(edge.group, group);
        group.left -= 1;
        if (!group.last || before(group.last, moment)) group.last = moment;
        if (group.left > 0) continue;
        moment = group.last;
      }
      arrive(edge.hit, moment);
    }
  }
  return best;
}

function pushHeap(heap, item, before) {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (!before(heap[at], heap[above])) return;
    [heap[at], heap[above]] = [heap[above], heap[at]];
    at = above;
  }
}

function popHeap(heap, before) {
  const first = heap[0];
  const last = heap.pop();
  if (heap.length === 0) return first;
  heap[0] = last;
  for (let at = 0; ;) {
    let least = at;
    for (const below of [2 * at + 1, 2 * at + 2]) if (below < heap.length && before(heap[below], heap[least])) least = below;
    if (least === at) return first;
    [heap[at], heap[least]] = [heap[least], heap[at]];
    at = least;
  }
}

// What carries something: what it is a part of, and what touches it, as journeys of an own kind do.
const containersOf = (catalog, i) => [...catalog.out(i, 'partOf'), ...catalog.out(i, 'touchedBy'), ...catalog.into(i, 'touches')];

// The containers above what fails or is hit, with what each carries; those that are marked as journeys first.
function carriersOf({ catalog, isContainer }, hits, rootState) {
  const carriers = new Map();
  for (const hit of hits) {
    const seen = new Set();
    const open = containersOf(catalog, hit.i);
    while (open.length > 0) {
      const whole = open.pop();
      if (seen.has(whole) || !isContainer(whole) || catalog.isMissing(whole)) continue;
      seen.add(whole);
      open.push(...containersOf(catalog, whole));
      if (rootState.has(whole)) continue;
      const known = carriers.get(whole) || { i: whole, state: 0, delay: 0, parts: [] };
      // Hits come worst first, so the first part is the worst.
      if (known.state === 0) Object.assign(known, { state: hit.state, delay: hit.delay });
      known.parts.push(hit.i);
      carriers.set(whole, known);
    }
  }
  const journey = (carrier) => (catalog.isJourney(carrier.i) ? 1 : 0);
  return [...carriers.values()].sort((a, b) => journey(b) - journey(a) || b.state - a.state || a.delay - b.delay || b.parts.length - a.parts.length);
}

// What goes on because something stands in for what failed.
function sparedOf(impact, arrivals) {
  const spared = new Map();
  for (const i of arrivals.keys()) {
    for (const edge of impact.passes.get(i) || []) {
      if (!edge.group || arrivals.has(edge.hit) || spared.has(edge.group)) continue;
      const standing = edge.group.edges.map((one) => one.from).filter((one) => !arrivals.has(one));
      spared.set(edge.group, { i: edge.hit, failed: i, standing });
    }
  }
  return [...spared.values()];
}

// From the failure to what is hit, as [entity, the edge that leads to it].
function wayTo(answer, i) {
  const arrivals = answer.arrivals.get(answer.find(i).state);
  const way = [];
  for (let at = i; at !== undefined;) {
    const { via } = arrivals.get(at);
    way.unshift({ i: at, via });
    at = via ? via.from : undefined;
  }
  return way;
}
