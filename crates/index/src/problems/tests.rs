//! What a board finds, and how it can be asked.

use std::sync::Arc;

use model::{
    Code, DeclaredRelation, Diagnostic, EntityBody, EntityRef, Place, Seq, Severity, StoredEntity, Timestamp, Uid,
};

use super::{Board, Problem, ProblemCounts, ProblemQuery};
use crate::{Filter, Fold, Snapshot, Visibility};

const FILE: &str = "url:https://example.org/a.yaml";

fn entity(kind: &str, name: &str, line: u32, relations: &[(&str, &str)]) -> StoredEntity {
    let relation = |(forward, other): &(&str, &str)| DeclaredRelation {
        forward: (*forward).into(),
        reverse: "ownerOf".into(),
        other: EntityRef::parse(other).unwrap(),
        line: 0,
    };
    StoredEntity {
        entity_ref: EntityRef::new(kind, "default", name),
        uid: Uid(u128::from(line) + 1),
        body: EntityBody::from_json(format!(
            r#"{{"metadata":{{"annotations":{{"backstage.io/managed-by-location":"{FILE}"}},"name":"{name}"}},"apiVersion":"a/v1","kind":"{kind}","spec":{{}}}}"#
        )),
        relations: relations.iter().map(relation).collect(),
        errors: Vec::new(),
        parents: Vec::new(),
        line,
        warnings: Vec::new(),
    }
}

fn diagnostic(severity: Severity, code: &'static str) -> Diagnostic {
    Diagnostic {
        code: Code(code.into()),
        severity,
        message: "odd".to_owned(),
        help: None,
        place: None,
        field: None,
        error: None,
    }
}

fn record(entity_ref: Option<&str>, file: &str, since: i64) -> Problem {
    Problem {
        entity_ref: entity_ref.map(|text| EntityRef::parse(text).unwrap()),
        diagnostic: diagnostic(Severity::Error, "E0103"),
        location: Some(file.into()),
        root: Some(Uid(1)),
        served: false,
        since: Some(Timestamp(since)),
        owners: Vec::new(),
    }
}

fn snapshot(entities: Vec<StoredEntity>) -> Arc<Snapshot> {
    Fold::build(Seq(7), entities.into_iter().map(Arc::new).collect()).snapshot()
}

/// A team with three components: one with advice, one owned by nobody, one owned by a component.
fn estate() -> Arc<Snapshot> {
    let advice = vec![diagnostic(Severity::Info, "W1001")];
    let team = ("ownedBy", "group:default/a");
    snapshot(vec![
        entity("group", "a", 1, &[]),
        StoredEntity { warnings: advice, ..entity("component", "bag", 2, &[team]) },
        entity("component", "ghost", 3, &[("ownedBy", "group:default/nobody"), ("dependsOn", "api:default/none")]),
        entity("component", "odd", 4, &[("ownedBy", "component:default/bag")]),
    ])
}

fn show(problems: &[&Problem]) -> Vec<String> {
    let name = |p: &Problem| p.entity_ref.as_ref().map_or("-", EntityRef::name).to_owned();
    problems.iter().map(|p| format!("{} {}", p.diagnostic.code, name(p))).collect()
}

#[test]
fn a_board_holds_everything_that_is_wrong_errors_first() {
    let snapshot = estate();
    let records = vec![record(Some("api:default/sick"), FILE, 5), record(None, "url:https://example.org/gone", 9)];
    let board = Board::build(&snapshot, records);
    let want = ["E0103 -", "E0103 sick", "W1006 ghost", "W1007 ghost", "W1007 odd", "W1001 bag"];
    let all: Vec<&Problem> = board.problems().iter().collect();
    assert_eq!(show(&all), want);
    assert_eq!(board.seq(), Seq(7));
    let counts = ProblemCounts::of(board.problems());
    assert_eq!((counts, counts.total()), (ProblemCounts { errors: 2, warnings: 3, infos: 1 }, 6));
    assert_eq!(board.count_by_code()[&(Severity::Warning, Code("W1007".into()))], 2);
}

#[test]
fn what_only_the_catalog_tells_has_a_place() {
    let board = Board::build(&estate(), Vec::new());
    let ghost = EntityRef::new("component", "default", "ghost");
    let problem = board.of_entity(&ghost).find(|problem| problem.diagnostic.field.is_some()).unwrap();
    let Place { location, line, .. } = problem.diagnostic.place.clone().unwrap();
    assert_eq!((&*location, line, problem.location.as_deref()), (FILE, 3, Some(FILE)));
    assert_eq!(problem.diagnostic.message, "the owner `group:default/nobody` is no known group or user");
    assert_eq!(problem.diagnostic.field.as_deref(), Some("spec.owner"));
}

#[test]
fn a_board_can_be_asked_by_entity_owner_code_and_file() {
    let board = Board::build(&estate(), vec![record(None, "url:https://example.org/gone", 9)]);
    let ghost = EntityRef::new("component", "default", "ghost");
    assert_eq!(show(&board.of_entity(&ghost).collect::<Vec<_>>()), ["W1006 ghost", "W1007 ghost"]);
    assert_eq!(show(&board.of_owner("group:default/a").collect::<Vec<_>>()), ["W1001 bag"]);
    assert_eq!(show(&board.of_owner("component:default/bag").collect::<Vec<_>>()), ["W1007 odd"]);
    assert_eq!(show(&board.of_code(&Code("W1006".into())).collect::<Vec<_>>()), ["W1006 ghost"]);
    assert_eq!(board.of_location("url:https://example.org/gone").count(), 1);
    assert_eq!(board.worst(&ghost), Some(Severity::Warning));
    assert_eq!(board.worst(&EntityRef::new("group", "default", "a")), None);
    let mut warned: Vec<_> = board.refs(Severity::Warning).map(EntityRef::name).collect();
    warned.sort_unstable();
    assert_eq!(warned, ["ghost", "odd"]);
}

#[test]
fn a_document_that_is_no_entity_belongs_to_the_only_owner_of_its_file() {
    let sick = || vec![record(Some("api:default/sick"), FILE, 5)];
    let team = ("ownedBy", "group:default/a");
    let one = snapshot(vec![entity("component", "x", 1, &[team]), entity("component", "y", 2, &[team])]);
    assert_eq!(*Board::build(&one, sick()).problems()[0].owners[0], *"group:default/a");
    let other = ("ownedBy", "group:default/b");
    let two = snapshot(vec![entity("component", "x", 1, &[team]), entity("component", "y", 2, &[other])]);
    assert!(Board::build(&two, sick()).problems()[0].owners.is_empty());
}

#[test]
fn selections_combine_and_hidden_entities_have_no_problems() {
    let snapshot = estate();
    let sick = record(Some("api:default/sick"), FILE, 5);
    let board = Board::build(&snapshot, vec![sick, record(Some("component:default/bag"), FILE, 6)]);
    let view = snapshot.view(Visibility::Everything);
    let ask = |query: ProblemQuery| show(&board.select(&view, &query));
    let default = ProblemQuery::default;
    assert_eq!(ask(ProblemQuery { codes: vec!["w1007".into(), "W1006".into()], ..default() }).len(), 3);
    assert_eq!(ask(ProblemQuery { owners: vec!["group:default/a".into()], ..default() }), ["E0103 bag", "W1001 bag"]);
    assert_eq!(ask(ProblemQuery { owners: vec![String::new()], ..default() }), ["E0103 sick"]);
    assert_eq!(ask(ProblemQuery { severities: vec![Severity::Info], ..default() }), ["W1001 bag"]);
    assert_eq!(ask(ProblemQuery { locations: vec!["nowhere".into()], ..default() }), Vec::<String>::new());
    assert_eq!(ask(ProblemQuery { roots: vec![Uid(1)], ..default() }), ["E0103 bag", "E0103 sick"]);
    let ghost = vec!["component:default/ghost".to_owned()];
    assert_eq!(ask(ProblemQuery { entities: ghost, codes: vec!["W1006".into()], ..default() }), ["W1006 ghost"]);
    let odd = Visibility::Where(Filter::Equals("metadata.name".into(), "odd".into()));
    let cut = board.select(&snapshot.view(odd), &default());
    assert_eq!(show(&cut), ["E0103 sick", "W1007 odd"], "what is in no catalog hides nothing");
    assert!(board.select(&snapshot.view(Visibility::Nothing), &default()).is_empty());
}

#[test]
fn one_entity_has_the_same_problems_with_and_without_a_board() {
    let snapshot = estate();
    let board = Board::build(&snapshot, Vec::new());
    let view = snapshot.view(Visibility::Everything);
    for name in ["bag", "ghost", "odd"] {
        let entity_ref = EntityRef::new("component", "default", name);
        let doc = view.find(entity_ref.as_str()).unwrap();
        let alone = Board::problems_of_entity(&view, &doc, Vec::new());
        let mut alone = show(&alone.iter().collect::<Vec<_>>());
        let mut among = show(&board.of_entity(&entity_ref).collect::<Vec<_>>());
        alone.sort();
        among.sort();
        assert_eq!(alone, among);
    }
}
