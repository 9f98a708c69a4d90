//! Sheets as their entries make them, their words and files, and what alerting tools send.

use model::{EntityRef, Seq, Timestamp};
use serde_json::json;
use sheets::{
    Contact, Entry, Frozen, FrozenHit, FrozenRoot, FrozenTeam, Question, Sheet, Standing, What,
    alerts::{self, Tool},
    compare,
    messages::{Template, message},
    paste_text, timeline_csv, timeline_json, timeline_markdown,
};

fn r(text: &str) -> EntityRef {
    EntityRef::parse(text).unwrap()
}

fn team(name: &str) -> FrozenTeam {
    FrozenTeam {
        team: r(&format!("group:default/{name}")),
        title: format!("Team {name}"),
        is_known: true,
        mail: Some(format!("{name}@x.example")),
        contacts: vec![Contact {
            purpose: "Chat".to_owned(),
            label: format!("#{name}"),
            href: Some(format!("https://chat.example/{name}")),
            value: None,
        }],
        above: None,
        worst: "down".to_owned(),
        hits: 1,
        examples: vec!["Shop".to_owned()],
        things: vec![r("component:default/shop")],
        owns_root: false,
    }
}

fn hit(name: &str, severity: &str) -> FrozenHit {
    FrozenHit {
        entity_ref: r(&format!("component:default/{name}")),
        title: name.to_owned(),
        severity: severity.to_owned(),
        delay: String::new(),
        owner: None,
        through: r("resource:default/queue"),
        because: "depends on".to_owned(),
        way: vec!["Queue".to_owned(), name.to_owned()],
    }
}

fn frozen(seq: u64, teams: &[&str], hits: &[(&str, &str)]) -> Frozen {
    Frozen {
        seq: Seq(seq),
        at: Timestamp(0),
        roots: vec![FrozenRoot {
            entity_ref: r("resource:default/queue"),
            title: "Queue".to_owned(),
            state: "down".to_owned(),
            owner: None,
        }],
        teams: teams.iter().map(|name| team(name)).collect(),
        hits: hits.iter().map(|(name, severity)| hit(name, severity)).collect(),
        hit_count: hits.len(),
        ..Frozen::default()
    }
}

/// Entries a second apart, by the same person.
fn fold(entries: Vec<What>) -> Sheet {
    let entry = |(number, what): (u32, What)| Entry {
        number,
        at: Timestamp(i64::from(number) * 1000),
        actor: "user:default/jane".to_owned(),
        what,
    };
    Sheet::fold("id", (1..).zip(entries).map(entry).collect()).unwrap()
}

fn opened() -> What {
    What::Opened { title: "Queue is down".to_owned(), source: None, text: None }
}

fn look(impact: Frozen) -> What {
    What::Frozen { impact: Box::new(impact), difference: None }
}

fn says(name: &str, standing: Standing, note: Option<&str>) -> What {
    What::Team { team: r(&format!("group:default/{name}")), standing, note: note.map(str::to_owned) }
}

#[test]
fn a_sheet_is_what_its_entries_say() {
    let sheet = fold(vec![
        opened(),
        look(frozen(7, &["a", "b"], &[("shop", "down")])),
        says("a", Standing::Told, Some("by phone")),
        says("a", Standing::Answered, None),
        says("nobody", Standing::Told, None),
        What::Titled { title: "Other".to_owned() },
        What::Closed { note: Some("done".to_owned()) },
    ]);
    assert_eq!((sheet.title.as_str(), sheet.is_open(), sheet.revision), ("Other", false, 7));
    assert_eq!(sheet.counts(), [1, 0, 0, 1]);
    let line = sheet.team(&r("group:default/a")).unwrap();
    assert_eq!(line.note.as_deref(), Some("by phone"), "a change without a note keeps the one before");
    assert_eq!(line.changed, Some((Timestamp(4000), "user:default/jane".to_owned())));
    assert!(fold(vec![opened(), What::Closed { note: None }, What::Reopened]).is_open());
    assert_eq!(Sheet::fold("id", Vec::new()), None);
}

#[test]
fn another_look_keeps_who_was_told() {
    let sheet = fold(vec![
        opened(),
        look(frozen(7, &["a", "b", "c"], &[])),
        says("b", Standing::Seen, None),
        says("c", Standing::Waiting, None),
        look(frozen(9, &["b", "d"], &[])),
    ]);
    assert_eq!(sheet.looks, 2);
    let lines: Vec<_> = sheet.teams.iter().map(|line| (line.team.team.name(), line.standing, line.is_gone)).collect();
    let want = [
        ("b", Standing::Seen, false),
        ("d", Standing::Waiting, false),
        ("a", Standing::Waiting, true),
        ("c", Standing::Waiting, true),
    ];
    assert_eq!(lines, want);
    assert_eq!(sheet.shown_teams().count(), 2, "whoever is gone and was not told is not shown");
}

#[test]
fn a_message_that_went_marks_teams_as_told_and_one_that_did_not_marks_none() {
    let sent = |failure: Option<&str>| What::Sent {
        sender: "Chat".to_owned(),
        teams: vec![r("group:default/a"), r("group:default/b")],
        failure: failure.map(str::to_owned),
    };
    let base = || vec![opened(), look(frozen(7, &["a", "b"], &[])), says("b", Standing::Answered, None)];
    let sheet = |failure| fold(base().into_iter().chain([sent(failure)]).collect());
    assert_eq!(sheet(Some("refused")).counts(), [1, 0, 0, 1]);
    assert_eq!(sheet(None).counts(), [0, 1, 0, 1], "nobody is set back");
}

#[test]
fn answers_can_be_given_again_and_settled() {
    let verdict = |right| What::Verdict {
        question: Question::Owner,
        entity: r("component:default/shop"),
        other: Some(r("group:default/a")),
        right,
        note: None,
    };
    let settled = What::Settled {
        question: Question::Owner,
        entity: r("component:default/shop"),
        other: Some(r("group:default/a")),
    };
    let sheet = fold(vec![opened(), verdict(true), verdict(false), settled]);
    let all: Vec<_> = sheet.verdicts.values().map(|verdict| (verdict.right, verdict.is_settled)).collect();
    assert_eq!(all, [(false, true)]);
}

#[test]
fn the_difference_between_two_looks_is_told() {
    let before = frozen(1, &["a", "b"], &[("x", "down"), ("y", "down")]);
    let after = frozen(2, &["b", "c"], &[("y", "degraded"), ("z", "down")]);
    let difference = compare(&before, &after);
    assert_eq!(difference.teams_added, [r("group:default/c")]);
    assert_eq!(difference.teams_removed, [r("group:default/a")]);
    assert_eq!(difference.hits_added, [r("component:default/z")]);
    assert_eq!(difference.hits_removed, [r("component:default/x")]);
    assert_eq!(difference.hits_changed, [r("component:default/y")]);
    assert!(difference.words().starts_with("teams that came: group:default/c; "), "{}", difference.words());
    assert_eq!(compare(&before, &before).words(), "nothing differs");
}

#[test]
fn entries_survive_being_stored() {
    let all = [
        opened(),
        look(frozen(7, &["a"], &[("shop", "down")])),
        says("a", Standing::Told, None),
        What::Alert { source: "Grafana".to_owned(), resolved: true, text: "over".to_owned() },
        What::Verdict {
            question: Question::Missing,
            entity: r("component:default/x"),
            other: None,
            right: false,
            note: Some("n".to_owned()),
        },
        What::Reopened,
    ];
    for what in all {
        let stored = serde_json::to_string(&what).unwrap();
        assert!(stored.starts_with(&format!("{{\"kind\":\"{}\"", what.kind())), "{stored}");
        assert_eq!(serde_json::from_str::<What>(&stored).unwrap(), what);
    }
}

#[test]
fn the_text_names_what_fails_whom_to_call_and_where_to_look() {
    let sheet = fold(vec![
        opened(),
        look(frozen(7, &["a", "b"], &[("shop", "down")])),
        says("b", Standing::Answered, Some("on it")),
    ]);
    let text = paste_text(&sheet, "https://portal.example/call-sheets/id");
    for line in [
        "Queue is down\n",
        "- shop (down): Queue → shop\n",
        "- Team a: not told yet, #a https://chat.example/a, a@x.example\n",
        "- Team b: answered (on it), #b https://chat.example/b, b@x.example\n",
        "As of change 7, 1 Jan 1970 00:00 UTC. https://portal.example/call-sheets/id\n",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[test]
fn the_timeline_has_a_form_for_each_taste_and_nothing_in_it_becomes_markup() {
    let sheet = fold(vec![opened(), What::Note { text: "=1+1 | <b>\n\"x\" [a](b)".to_owned() }]);
    let csv = timeline_csv(&sheet);
    assert!(csv.contains("\"'=1+1 | <b>\n\"\"x\"\" [a](b)\""), "{csv}");
    let markdown = timeline_markdown(&sheet);
    assert!(markdown.contains("=1+1 \\| \\<b> \"x\" \\[a\\](b) |\n"), "{markdown}");
    assert_eq!(markdown.lines().count(), 8, "{markdown}");
    let json = timeline_json(&sheet);
    assert_eq!(json["entries"][1]["kind"], "note");
    assert_eq!(json["entries"][1]["at"], "1970-01-01T00:00:02Z");
    assert!(json["entries"][1]["details"].get("kind").is_none());
}

#[test]
fn messages_have_the_form_that_the_other_side_takes() {
    let sheet = fold(vec![opened(), look(frozen(7, &["a"], &[]))]);
    let teams: Vec<_> = sheet.shown_teams().collect();
    let of = |template| message(template, &sheet, &teams, "text\nmore", "https://portal.example/x");
    let slack = of(Template::Slack);
    assert_eq!(slack["blocks"][0]["text"]["text"], "Queue is down");
    assert_eq!(slack["blocks"][2]["elements"][0]["url"], "https://portal.example/x");
    let card = of(Template::Teams);
    assert_eq!(card["attachments"][0]["content"]["body"][2]["text"], "more");
    let lure = message(Template::Teams, &sheet, &teams, "[Sign in](https://evil.example)", "https://portal.example/x");
    assert_eq!(lure["attachments"][0]["content"]["body"][1]["text"], r"\[Sign in\]\(https://evil.example\)");
    let generic = of(Template::Generic);
    assert_eq!((&generic["to"], &generic["seq"]), (&json!(["a@x.example"]), &json!(7)));
}

#[test]
fn alertmanager_and_grafana_name_what_fails_by_labels() {
    let body = json!({
        "version": "4", "groupKey": "{}:{alertname=\"Lag\"}", "status": "firing",
        "commonLabels": {"alertname": "Lag", "team": "x"},
        "commonAnnotations": {"summary": "Kafka lags"},
        "externalURL": "https://alerts.example",
        "alerts": [{"status": "firing", "labels": {"cluster": "eu", "service": "kafka"}, "annotations": {},
            "generatorURL": "https://prom.example/graph"}],
    });
    let alert = alerts::read(Tool::Alertmanager, &body).unwrap();
    assert_eq!((alert.title.as_str(), alert.is_resolved), ("Kafka lags", false));
    assert_eq!(alert.texts[..2], ["kafka", "eu"], "what names the thing goes first");
    assert_eq!(alert.url.as_deref(), Some("https://prom.example/graph"));
    assert_eq!(alert.key, "alertmanager:{}:{alertname=\"Lag\"}");
    let mut over = body.clone();
    over["status"] = json!("resolved");
    over["title"] = json!("[RESOLVED] Lag");
    let over = alerts::read(Tool::Grafana, &over).unwrap();
    assert_eq!((over.title.as_str(), over.is_resolved), ("[RESOLVED] Lag", true));
}

#[test]
fn pagerduty_and_opsgenie_are_understood_too() {
    let body = json!({"event": {"event_type": "incident.triggered", "data": {
        "id": "P1", "title": "Checkout fails", "html_url": "javascript:alert(1)",
        "service": {"summary": "checkout-service"}}}});
    let alert = alerts::read(Tool::PagerDuty, &body).unwrap();
    assert_eq!((alert.key.as_str(), alert.texts[0].as_str()), ("pagerduty:P1", "checkout-service"));
    assert_eq!(alert.url, None, "only the web is linked");
    let body = json!({"action": "Close", "alert": {"alertId": "a1", "message": "Disk", "entity": "orders-db",
        "tags": ["db"], "details": {"cluster": "eu", "service": "orders"}}});
    let alert = alerts::read(Tool::Opsgenie, &body).unwrap();
    assert!(alert.is_resolved && alert.texts.starts_with(&["orders-db".to_owned(), "Disk".to_owned()]), "{alert:?}");
    assert!(alert.texts.contains(&"orders".to_owned()) && alert.texts.contains(&"db".to_owned()));
    for tool in Tool::ALL {
        assert_eq!(alerts::read(tool, &json!({"text": "hello"})), None, "{}", tool.title());
        assert_eq!(Tool::parse(tool.word()), Some(tool));
    }
}
