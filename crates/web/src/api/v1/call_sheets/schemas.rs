//! The JSON Schemas of call sheets.

use serde_json::{Value, json};

use crate::api::v1::schemas::{answer, list, moment, number, object, optional, text};

/// All of them by name.
pub(in crate::api::v1) fn schemas() -> Value {
    json!({
        "CallSheetList": answer(json!({
            "items": list(&answer(json!({
                "id": text(), "title": text(), "state": { "enum": ["open", "closed"] }, "openedAt": moment(),
                "openedBy": text(), "changedAt": moment(), "revision": number(),
            }))),
            "next": optional("integer"),
        })),
        "CallSheet": answer(json!({
            "id": text(), "title": text(), "state": { "enum": ["open", "closed"] }, "url": text(),
            "openedAt": moment(), "openedBy": text(), "source": optional("string"), "text": optional("string"),
            "resolved": { "type": "boolean" }, "closedAt": optional("string"), "closedBy": optional("string"),
            "closingNote": optional("string"), "revision": number(), "looks": number(),
            "teams": list(&answer(json!({
                "team": text(), "title": text(), "standing": { "enum": ["waiting", "told", "seen", "answered"] },
                "note": optional("string"), "changedAt": optional("string"), "changedBy": optional("string"),
                "gone": { "type": "boolean" },
            }))),
            "links": list(&answer(json!({ "title": text(), "url": text() }))),
            "verdicts": list(&answer(json!({
                "question": { "enum": ["owner", "dependency", "missing"] }, "entity": text(),
                "other": optional("string"), "right": { "type": "boolean" }, "note": optional("string"),
                "by": text(), "at": moment(), "settled": { "type": "boolean" },
            }))),
            "impact": object(), "paste": text(),
        })),
        "CallSheetDraft": {
            "type": "object",
            "properties": {
                "title": text(), "text": text(),
                "roots": list(&root()),
            },
        },
        "CallSheetOpened": answer(json!({ "id": optional("string"), "url": optional("string") })),
        "CallSheetEntry": {
            "type": "object",
            "required": ["kind"],
            "properties": {
                "kind": { "enum": [
                    "team", "note", "link", "titled", "refresh", "failing", "send", "verdict", "settled", "closed",
                    "reopened",
                ] },
                "team": text(), "standing": { "enum": ["waiting", "told", "seen", "answered"] }, "note": text(),
                "text": text(), "title": text(), "url": text(), "sender": text(), "teams": list(&text()),
                "question": { "enum": ["owner", "dependency", "missing"] }, "entity": text(), "other": text(),
                "right": { "type": "boolean" }, "roots": list(&root()),
            },
        },
        "CallSheetTimeline": answer(json!({
            "id": text(), "title": text(), "openedAt": moment(), "openedBy": text(), "closedAt": optional("string"),
            "entries": list(&answer(json!({
                "number": number(), "at": moment(), "actor": text(), "kind": text(), "words": text(),
                "details": object(),
            }))),
        })),
        "AlertMessage": object(),
        "TruthRate": answer(json!({
            "rate": rate(),
            "history": list(&answer(json!({ "day": moment(), "rate": rate() }))),
        })),
    })
}

/// Something that fails.
fn root() -> Value {
    json!({
        "type": "object", "required": ["ref"],
        "properties": { "ref": text(), "state": { "enum": ["down", "degraded", "slow"] } },
    })
}

/// Right answers among all.
fn rate() -> Value {
    answer(json!({ "right": number(), "answers": number(), "percent": optional("integer") }))
}
