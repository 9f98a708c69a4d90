//! What is hit, frozen: the answer of `insights` with titles and contacts in it, so that a sheet shows what it showed.

use std::collections::{HashMap, HashSet};

use index::Doc;
use insights::{Impact, Question, Root, State};
use model::{EntityRef, Timestamp};
use sheets::{Contact, Frozen, FrozenHit, FrozenPlace, FrozenRoot, FrozenTeam};

use crate::{
    App, Problem, ToolSpec, View,
    pages::{impact::off_threads, link::EntityLink, reach::Reach},
};

/// How many hits, teams and places are kept. More than a few hundred nobody calls.
const MOST_HITS: usize = 1_000;
const MOST_TEAMS: usize = 300;
const MOST_PLACES: usize = 100;
const MOST_UNOWNED: usize = 100;
/// How many titles of a way are kept, its two ends included.
const LONGEST_WAY: usize = 12;
/// How many things of a team are named.
const MOST_THINGS: usize = 20;
const MOST_EXAMPLES: usize = 3;

/// Looks up what is hit, on a thread that may be busy.
///
/// # Errors
/// 500 when that thread broke off.
pub(crate) async fn freeze(
    app: &App,
    view: &View,
    roots: Vec<(EntityRef, State)>,
    now: Timestamp,
) -> Result<Frozen, Problem> {
    let (app, view) = (app.clone(), view.clone());
    let work = move || freeze_now(&view, &app.settings().tools, roots, now);
    off_threads(work).await
}

fn freeze_now(view: &View, tools: &[ToolSpec], roots: Vec<(EntityRef, State)>, now: Timestamp) -> Frozen {
    let roots = roots.into_iter().map(|(entity_ref, state)| Root { entity_ref, state }).collect();
    let answer = insights::impact(view, &Question { roots, depth: None });
    let places = |journeys: bool| {
        let wanted = answer.carriers.iter().filter(move |carrier| carrier.is_journey == journeys);
        let place = |carrier: &insights::Carrier| FrozenPlace {
            entity_ref: ref_of(&carrier.doc),
            title: title_of(&carrier.doc),
            severity: carrier.severity.word().to_owned(),
            parts: carrier.parts as usize,
        };
        wanted.take(MOST_PLACES).map(place).collect::<Vec<_>>()
    };
    let (journeys, carriers) = (places(true), places(false));
    let (teams, more_teams) = teams(view, tools, &answer);
    let (unowned, more_unowned) = unowned(&answer);
    Frozen {
        more_places: answer.carriers.len() - journeys.len() - carriers.len(),
        seq: view.seq(),
        at: now,
        roots: answer.roots.iter().map(|root| frozen_root(&answer, root.node, root.state)).collect(),
        unknown: answer.unknown.clone(),
        teams,
        more_teams,
        unowned,
        more_unowned,
        hits: answer.hits.iter().take(MOST_HITS).map(|hit| frozen_hit(&answer, hit)).collect(),
        hit_count: answer.hits.len(),
        journeys,
        carriers,
    }
}

fn ref_of(doc: &Doc) -> EntityRef {
    EntityRef::parse(doc.entity_ref()).expect("references in the index are canonical")
}

fn title_of(doc: &Doc) -> String {
    EntityLink::to_doc(doc).title
}

fn owner_of(answer: &Impact, node: u32) -> Option<EntityRef> {
    answer.owner(node).and_then(|owner| EntityRef::parse(owner).ok())
}

fn frozen_root(answer: &Impact, node: u32, state: State) -> FrozenRoot {
    FrozenRoot {
        entity_ref: ref_of(answer.doc(node)),
        title: title_of(answer.doc(node)),
        state: state.word().to_owned(),
        owner: owner_of(answer, node),
    }
}

fn frozen_hit(answer: &Impact, hit: &insights::Hit) -> FrozenHit {
    let path = answer.path(hit);
    let nodes: Vec<u32> = path.iter().map(|step| step.from).chain([hit.node]).collect();
    let last = path.last();
    FrozenHit {
        entity_ref: ref_of(answer.doc(hit.node)),
        title: title_of(answer.doc(hit.node)),
        severity: hit.severity.word().to_owned(),
        delay: if hit.delay.is_none() { String::new() } else { hit.delay.words() },
        owner: owner_of(answer, hit.node),
        through: ref_of(answer.doc(last.map_or(hit.node, |step| step.from))),
        because: last.map_or("", |step| step.channel.words()).to_owned(),
        way: way(answer, &nodes),
    }
}

/// The titles of a way, its middle left out when it is long.
fn way(answer: &Impact, nodes: &[u32]) -> Vec<String> {
    let titles = |nodes: &[u32]| nodes.iter().map(|node| title_of(answer.doc(*node))).collect::<Vec<_>>();
    if nodes.len() <= LONGEST_WAY {
        return titles(nodes);
    }
    let half = LONGEST_WAY / 2;
    let mut all = titles(&nodes[..half]);
    all.push("…".to_owned());
    all.extend(titles(&nodes[nodes.len() - half..]));
    all
}

/// What is gathered about one team.
struct Gathered {
    team: EntityRef,
    worst: State,
    hits: usize,
    owns_root: bool,
    nodes: Vec<u32>,
}

/// Everybody who owns something that fails or is hit, those first who own what fails or is hit hardest.
/// Tells also how many more there are than are kept.
fn teams(view: &View, tools: &[ToolSpec], answer: &Impact) -> (Vec<FrozenTeam>, usize) {
    let mut order: Vec<Gathered> = Vec::new();
    let mut known: HashMap<EntityRef, usize> = HashMap::new();
    let roots = answer.roots.iter().map(|root| (root.node, root.state, true));
    for (node, state, is_root) in roots.chain(answer.hits.iter().map(|hit| (hit.node, hit.severity, false))) {
        let Some(owner) = owner_of(answer, node) else { continue };
        let at = *known.entry(owner.clone()).or_insert_with(|| {
            order.push(Gathered { team: owner, worst: state, hits: 0, owns_root: false, nodes: Vec::new() });
            order.len() - 1
        });
        let gathered = &mut order[at];
        gathered.worst = gathered.worst.max(state);
        gathered.owns_root |= is_root;
        if !gathered.nodes.contains(&node) {
            gathered.hits += 1;
            if gathered.nodes.len() < MOST_THINGS {
                gathered.nodes.push(node);
            }
        }
    }
    order.sort_by_key(|team| (!team.owns_root, std::cmp::Reverse(team.worst), std::cmp::Reverse(team.hits)));
    let kept = order.iter().take(MOST_TEAMS).map(|gathered| frozen_team(view, tools, answer, gathered));
    (kept.collect(), order.len().saturating_sub(MOST_TEAMS))
}

/// What fails or is hit and belongs to nobody, and how much more of that there is than is kept.
fn unowned(answer: &Impact) -> (Vec<EntityRef>, usize) {
    let nodes = answer.roots.iter().map(|root| root.node).chain(answer.hits.iter().map(|hit| hit.node));
    let mut seen = HashSet::new();
    let mut nodes: Vec<u32> = nodes.filter(|node| answer.owner(*node).is_none() && seen.insert(*node)).collect();
    let more = nodes.len().saturating_sub(MOST_UNOWNED);
    nodes.truncate(MOST_UNOWNED);
    (nodes.into_iter().map(|node| ref_of(answer.doc(node))).collect(), more)
}

fn frozen_team(view: &View, tools: &[ToolSpec], answer: &Impact, gathered: &Gathered) -> FrozenTeam {
    let reach = view.find(gathered.team.as_str()).map(|doc| Reach::of(&doc, tools));
    let contact = |link: &crate::pages::ToolLink| Contact {
        purpose: link.purpose.title().to_owned(),
        label: link.label.clone(),
        href: link.href.clone(),
        value: link.value.clone(),
    };
    let examples = gathered.nodes.iter().take(MOST_EXAMPLES).map(|node| title_of(answer.doc(*node)));
    FrozenTeam {
        team: gathered.team.clone(),
        title: reach.as_ref().map_or(gathered.team.name(), |reach| &reach.title).to_owned(),
        is_known: reach.is_some(),
        contacts: reach.iter().flat_map(|reach| &reach.contacts).map(contact).collect(),
        mail: reach.as_ref().and_then(|reach| reach.email.clone()),
        above: reach.and_then(|reach| reach.above),
        worst: gathered.worst.word().to_owned(),
        hits: gathered.hits,
        examples: examples.collect(),
        things: gathered.nodes.iter().map(|node| ref_of(answer.doc(*node))).collect(),
        owns_root: gathered.owns_root,
    }
}
