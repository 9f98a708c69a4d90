//! How sheets look on the wire.

use auth::SheetHead;
use serde_json::{Value, json};
use sheets::{Sheet, TeamLine};

use crate::api::v1::parameters::rfc3339;

/// A sheet in a list.
pub(super) fn head(head: &SheetHead) -> Value {
    json!({
        "id": head.id, "title": head.title, "state": state(head.is_open),
        "openedAt": rfc3339(head.opened_at), "openedBy": head.opened_by,
        "changedAt": rfc3339(head.changed_at), "revision": head.revision,
    })
}

/// A whole sheet.
pub(super) fn sheet(sheet: &Sheet, url: &str) -> Value {
    let mut impact = json!(sheet.impact);
    impact["at"] = json!(rfc3339(sheet.impact.at));
    json!({
        "id": sheet.id, "title": sheet.title, "state": state(sheet.is_open()), "url": url,
        "openedAt": rfc3339(sheet.opened_at), "openedBy": sheet.opened_by,
        "source": sheet.source, "text": sheet.text, "resolved": sheet.is_resolved,
        "closedAt": sheet.closing.as_ref().map(|closing| rfc3339(closing.at)),
        "closedBy": sheet.closing.as_ref().map(|closing| &closing.by),
        "closingNote": sheet.closing.as_ref().and_then(|closing| closing.note.as_ref()),
        "revision": sheet.revision, "looks": sheet.looks,
        "teams": sheet.teams.iter().map(team).collect::<Vec<_>>(),
        "links": sheet.links.iter().map(|link| json!({ "title": link.title, "url": link.url })).collect::<Vec<_>>(),
        "verdicts": sheet.verdicts.iter().map(|((question, entity, other), verdict)| json!({
            "question": question.word(), "entity": entity, "other": other, "right": verdict.right,
            "note": verdict.note, "by": verdict.by, "at": rfc3339(verdict.at), "settled": verdict.is_settled,
        })).collect::<Vec<_>>(),
        "impact": impact,
        "paste": sheets::paste_text(sheet, url),
    })
}

fn team(line: &TeamLine) -> Value {
    json!({
        "team": line.team.team, "title": line.team.title, "standing": line.standing.word(), "note": line.note,
        "changedAt": line.changed.as_ref().map(|(at, _)| rfc3339(*at)),
        "changedBy": line.changed.as_ref().map(|(_, by)| by),
        "gone": line.is_gone,
    })
}

fn state(is_open: bool) -> &'static str {
    if is_open { "open" } else { "closed" }
}
