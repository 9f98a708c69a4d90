//! The JSON Schemas of the answers.

use serde_json::{Map, Value, json};

use super::call_sheets;

/// All schemas by name.
pub(super) fn schemas() -> Value {
    let mut all = Map::new();
    for part in [of_entities(), of_impact(), of_history(), of_the_server(), call_sheets::schemas()] {
        let Value::Object(part) = part else { continue };
        for (name, schema) in part {
            let other = all.insert(name, schema);
            debug_assert!(other.is_none(), "two schemas of one name: {other:?}");
        }
    }
    all.into()
}

fn of_entities() -> Value {
    json!({
        "Entity": {
            "type": "object",
            "description": "An entity as Backstage serves it.",
            "required": ["apiVersion", "kind", "metadata"],
            "properties": {
                "apiVersion": text(), "kind": text(), "metadata": object(), "spec": object(), "status": object(),
                "relations": list(&json!({
                    "type": "object",
                    "properties": { "type": text(), "targetRef": text() },
                })),
            },
        },
        "EntityList": answer(json!({
            "items": list(&json!({ "$ref": "#/components/schemas/Entity" })),
            "total": number(),
            "next": optional("string"),
        })),
        "EntityWithProvenance": answer(json!({
            "entity": { "$ref": "#/components/schemas/Entity" },
            "provenance": answer(json!({
                "location": optional("string"), "origin": optional("string"), "line": optional("integer"),
                "viewUrl": optional("string"), "editUrl": optional("string"), "readThrough": list(&text()),
                "lastChange": {
                    "type": ["object", "null"],
                    "properties": {
                        "seq": number(), "at": moment(), "cause": { "$ref": "#/components/schemas/Cause" },
                    },
                },
            })),
            "problems": list(&json!({ "$ref": "#/components/schemas/Problem" })),
        })),
        "Problem": answer(json!({
            "code": text(), "severity": { "enum": ["error", "warning", "info"] }, "message": text(),
            "help": optional("string"), "field": optional("string"),
            "place": {
                "type": ["object", "null"],
                "properties": {
                    "location": text(), "line": number(), "column": number(), "endLine": number(),
                    "endColumn": number(), "sourceLine": optional("string"),
                },
            },
            "location": optional("string"), "entityRef": optional("string"), "served": { "type": "boolean" },
            "root": optional("string"), "since": optional("string"), "owners": list(&text()),
        })),
        "ProblemList": answer(json!({
            "items": list(&json!({ "$ref": "#/components/schemas/Problem" })),
            "total": number(),
            "counts": answer(json!({ "error": number(), "warning": number(), "info": number() })),
            "next": optional("integer"),
        })),
    })
}

fn of_impact() -> Value {
    json!({
        "Impact": answer(json!({
            "seq": number(), "depth": optional("integer"),
            "roots": list(&named(json!({ "state": state(), "owner": optional("string") }))),
            "unknown": list(&text()),
            "counts": { "$ref": "#/components/schemas/SeverityCounts" },
            "total": number(),
            "items": list(&named(json!({
                "severity": state(), "delay": text(), "delaySeconds": number(),
                "before": {
                    "type": ["object", "null"],
                    "properties": { "severity": state(), "delay": text() },
                },
                "owner": optional("string"), "hops": number(), "path": list(&number()), "otherWays": number(),
            }))),
            "next": optional("integer"),
            "edges": list(&answer(json!({
                "from": text(), "to": text(), "relation": text(), "strength": { "enum": ["hard", "soft"] },
                "delay": text(), "redundantWith": list(&text()), "note": optional("string"),
                "declared": list(&answer(json!({
                    "by": text(), "location": optional("string"), "line": optional("integer"),
                    "url": optional("string"), "commit": optional("string"), "author": optional("string"),
                    "at": moment(), "seq": number(),
                }))),
            }))),
            "carriers": list(&named(json!({
                "isJourney": { "type": "boolean" }, "severity": state(), "delay": text(), "parts": number(),
                "worst": text(),
            }))),
            "spared": list(&named(json!({ "dependency": text(), "standing": list(&text()) }))),
            "teams": list(&answer(json!({
                "ref": optional("string"), "title": optional("string"), "isKnown": { "type": "boolean" },
                "email": optional("string"),
                "contacts": list(&answer(json!({
                    "purpose": text(), "label": text(), "url": optional("string"), "value": optional("string"),
                }))),
                "escalation": optional("string"), "severity": state(), "delay": text(), "failing": number(),
                "hits": { "$ref": "#/components/schemas/SeverityCounts" },
            }))),
            "dependentsBeyondDepth": number(),
        })),
        "SeverityCounts": answer(json!({ "down": number(), "degraded": number(), "slow": number() })),
        "Causes": answer(json!({
            "seq": number(), "failing": list(&named(json!({}))), "unknown": list(&text()), "total": number(),
            "items": list(&named(json!({
                "explains": number(), "explainsFirmly": number(), "distance": number(),
                "changedAt": optional("string"),
                "event": { "anyOf": [{ "$ref": "#/components/schemas/Event" }, { "type": "null" }] },
                "reaches": list(&answer(json!({
                    "failing": text(), "path": list(&text()), "isFirm": { "type": "boolean" },
                }))),
            }))),
            "next": optional("integer"), "isCut": { "type": "boolean" },
        })),
    })
}

fn of_history() -> Value {
    json!({
        "Cause": answer(json!({
            "location": optional("string"), "commit": optional("string"), "author": optional("string"),
            "actor": optional("string"),
        })),
        "Change": {
            "type": "object",
            "required": ["seq", "at", "entityRef", "kind", "cause"],
            "properties": {
                "seq": number(), "at": moment(), "entityRef": text(),
                "kind": { "enum": ["added", "changed", "removed"] },
                "cause": { "$ref": "#/components/schemas/Cause" },
                "entity": object(), "before": object(),
            },
        },
        "ChangeList": answer(json!({
            "items": list(&json!({ "$ref": "#/components/schemas/Change" })),
            "next": number(), "more": { "type": "boolean" }, "newest": number(),
        })),
        "Difference": answer(json!({
            "entityRef": text(), "kind": { "enum": ["added", "removed", "reowned", "rewired", "changed"] },
            "relationsAdded": list(&relation_end()), "relationsRemoved": list(&relation_end()),
            "differences": list(&answer(json!({ "fact": text(), "text": text() }))),
            "seq": number(), "at": moment(), "cause": { "$ref": "#/components/schemas/Cause" }, "changes": number(),
        })),
        "Differences": answer(json!({
            "from": answer(json!({ "seq": number(), "at": moment() })),
            "to": answer(json!({ "seq": number(), "at": moment() })),
            "counts": answer(json!({
                "added": number(), "removed": number(), "reowned": number(), "rewired": number(), "changed": number(),
            })),
            "items": list(&json!({ "$ref": "#/components/schemas/Difference" })),
            "total": number(), "next": optional("integer"),
        })),
        "Event": answer(json!({
            "source": text(), "id": text(),
            "kind": { "enum": ["deployment", "flag", "configuration", "alert", "other"] }, "eventType": text(),
            "at": moment(), "receivedAt": moment(), "reporter": text(), "subject": optional("string"), "title": text(),
            "link": optional("string"), "actor": optional("string"), "outcome": optional("string"),
            "entityRefs": list(&text()),
        })),
        "EventList": answer(json!({
            "items": list(&json!({ "$ref": "#/components/schemas/Event" })), "next": optional("string"),
        })),
        "Happening": {
            "type": "object",
            "description": "With `type` `change` a change of the catalog, with `event` an event from outside.",
            "required": ["type", "at"],
            "properties": {
                "type": { "enum": ["change", "event"] }, "at": moment(), "seq": number(), "entityRef": text(),
                "kind": { "enum": ["added", "changed", "removed"] }, "cause": { "$ref": "#/components/schemas/Cause" },
                "differences": list(&answer(json!({ "fact": text(), "text": text() }))),
                "event": { "$ref": "#/components/schemas/Event" }, "distance": number(),
            },
        },
        "History": answer(json!({
            "items": list(&json!({ "$ref": "#/components/schemas/Happening" })), "next": optional("string"),
            "isCut": { "type": "boolean" },
        })),
        "Near": answer(json!({
            "items": list(&json!({ "$ref": "#/components/schemas/Happening" })), "entities": number(),
            "isCut": { "type": "boolean" },
        })),
        "CloudEvent": {
            "type": "object",
            "required": ["specversion", "id", "source", "type"],
            "properties": {
                "specversion": { "const": "1.0" }, "id": text(), "source": text(), "type": text(), "subject": text(),
                "time": moment(),
                "data": {
                    "type": "object",
                    "properties": {
                        "kind": { "enum": ["deployment", "flag", "configuration", "alert", "other"] }, "title": text(),
                        "link": text(), "actor": text(), "outcome": text(), "entityRefs": list(&text()),
                        "annotations": { "type": "object", "additionalProperties": text() },
                    },
                },
            },
        },
        "CloudEventBatch": list(&json!({ "$ref": "#/components/schemas/CloudEvent" })),
        "ReceiverMessage": object(),
        "EventReceipt": {
            "type": "object",
            "required": ["accepted", "known", "unmatched"],
            "properties": { "accepted": number(), "known": number(), "unmatched": number(), "ignored": text() },
        },
    })
}

fn of_the_server() -> Value {
    json!({
        "KindList": answer(json!({ "items": list(&answer(json!({ "kind": text(), "count": number() }))) })),
        "Loop": answer(json!({
            "name": text(), "periodMs": number(), "running": { "type": "boolean" }, "rounds": number(),
            "lastStartedAt": optional("string"), "lastDurationMs": optional("integer"),
            "lastError": optional("string"), "note": optional("string"),
        })),
        "LoopList": answer(json!({ "items": list(&json!({ "$ref": "#/components/schemas/Loop" })) })),
        "Status": answer(json!({
            "version": text(), "ready": { "type": "boolean" },
            "catalog": answer(json!({ "seq": number(), "entities": number() })),
            "firstReading": {
                "type": ["object", "null"],
                "description": "How far this replica is with locations that it reads for the first time; until then the catalog is not whole.",
                "properties": { "locations": number(), "files": number(), "of": number() },
            },
            "loops": list(&json!({ "$ref": "#/components/schemas/Loop" })),
            "hosts": list(&answer(json!({
                "host": text(), "limit": optional("integer"), "remaining": optional("integer"),
                "resetsAt": optional("string"), "pausedUntil": optional("string"),
            }))),
            "locations": list(&answer(json!({
                "id": text(), "location": text(), "fromConfig": { "type": "boolean" }, "dueAt": moment(),
                "lastOkAt": optional("string"), "lastTriedAt": optional("string"), "lastError": optional("string"),
                "entities": number(),
            }))),
            "replicas": list(&answer(json!({
                "id": text(), "name": text(), "isThis": { "type": "boolean" }, "startedMsAgo": number(),
                "seenMsAgo": number(), "seq": number(), "leases": list(&text()),
            }))),
        })),
        "ChangeFilter": filter(),
        "MessageForm": {
            "type": "object",
            "description": "What messages look like. `bodies` adds the entity before and after to the first three.",
            "required": ["type"],
            "properties": {
                "type": { "enum": ["callboard", "cloudevents", "cloudevents-batch", "slack", "teams", "template"] },
                "bodies": { "type": "boolean" },
                "contentType": text(),
                "text": text(),
            },
        },
        "Webhook": answer(webhook()),
        "WebhookCreated": answer({
            let mut created = webhook();
            created["secret"] = text();
            created
        }),
        "WebhookList": answer(json!({ "items": list(&json!({ "$ref": "#/components/schemas/Webhook" })) })),
        "WebhookDraft": {
            "type": "object",
            "required": ["name", "url"],
            "properties": {
                "name": text(), "url": text(), "filter": { "$ref": "#/components/schemas/ChangeFilter" },
                "form": { "$ref": "#/components/schemas/MessageForm" }, "active": { "type": "boolean" }, "after": number(),
            },
        },
        "WebhookPatch": {
            "type": "object",
            "properties": {
                "name": text(), "url": text(), "filter": { "$ref": "#/components/schemas/ChangeFilter" },
                "form": { "$ref": "#/components/schemas/MessageForm" }, "active": { "type": "boolean" },
            },
        },
        "WebhookRotation": { "type": "object", "properties": { "graceHours": number() } },
        "WebhookSecret": answer(json!({ "secret": text() })),
        "WebhookTest": answer(json!({ "message": text() })),
        "DeliveryList": answer(json!({ "items": list(&answer(json!({
            "message": text(), "kind": { "enum": ["changes", "test", "again"] }, "from": number(), "to": number(),
            "changes": number(), "at": moment(), "tookMs": number(), "status": optional("integer"),
            "error": optional("string"),
        }))) })),
        "DeadLetterList": answer(json!({
            "items": list(&answer(json!({
                "id": number(), "message": text(), "from": number(), "to": number(), "changes": number(), "at": moment(),
                "attempts": number(), "lastError": optional("string"), "body": optional("string"),
                "resending": { "type": "boolean" },
            }))),
            "next": optional("integer"),
        })),
        "DeadLetterChoice": { "type": "object", "properties": { "id": number() } },
        "DeadLetterCount": answer(json!({ "letters": number() })),
        "OpenApi": object(),
        "ProblemDetails": answer(json!({
            "type": text(), "title": text(), "status": number(), "detail": text(), "name": text(),
        })),
    })
}

fn filter() -> Value {
    json!({
        "type": "object",
        "description": "Which changes. Values of one list are alternatives, all lists must fit.",
        "properties": {
            "kinds": list(&text()), "namespaces": list(&text()), "refs": list(&text()), "owners": list(&text()),
            "relations": list(&text()), "happened": list(&json!({ "enum": ["added", "changed", "removed"] })),
        },
    })
}

fn webhook() -> Value {
    json!({
        "id": text(), "name": text(), "url": text(), "filter": { "$ref": "#/components/schemas/ChangeFilter" },
        "form": { "$ref": "#/components/schemas/MessageForm" }, "active": { "type": "boolean" },
        "reason": optional("string"), "createdBy": text(), "createdAt": moment(), "position": number(),
        "behind": number(), "delivered": number(), "deadLetters": number(), "lastOkAt": optional("string"),
        "failingSince": optional("string"), "attempts": number(), "nextTryAt": optional("string"),
        "lastError": optional("string"), "oldSecretUntil": optional("string"),
    })
}

/// An object all of whose members are always there.
pub(super) fn answer(properties: Value) -> Value {
    let required: Vec<_> = properties.as_object().into_iter().flat_map(|members| members.keys().cloned()).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// An answer about an entity, with the names that people know it by.
fn named(properties: Value) -> Value {
    let mut all = json!({ "ref": text(), "title": text(), "kind": text(), "type": optional("string") });
    if let (Some(all), Value::Object(own)) = (all.as_object_mut(), properties) {
        all.extend(own);
    }
    answer(all)
}

fn state() -> Value {
    json!({ "enum": ["down", "degraded", "slow"] })
}

fn relation_end() -> Value {
    answer(json!({ "type": text(), "targetRef": text() }))
}

pub(super) fn object() -> Value {
    json!({ "type": "object" })
}

pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

pub(super) fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

pub(super) fn number() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

pub(super) fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

pub(super) fn optional(kind: &str) -> Value {
    json!({ "type": [kind, "null"] })
}
