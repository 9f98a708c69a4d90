//! The table of endpoints. Routes and the OpenAPI document are both made from it, so that neither knows what the other does not.

use axum::routing::{MethodRouter, get};

use super::{
    call_sheets, compare, export, list_changes, list_entities, list_events, list_history, list_kinds, list_loops,
    list_near, list_problems, openapi, show_causes, show_entity, show_impact, show_status, webhooks,
};
use crate::{App, pages::call_sheets::stream_revisions};

/// One endpoint that is read; what can be done is in the table of actions, what is taken in `posted`.
pub(super) struct Endpoint {
    /// The path below `/api/v1`, as the router spells it.
    pub(super) route: &'static str,
    /// The path as OpenAPI spells it.
    pub(super) path: &'static str,
    /// The operation id.
    pub(super) name: &'static str,
    /// One sentence.
    pub(super) summary: &'static str,
    /// What else is worth knowing.
    pub(super) description: &'static str,
    /// Its parameters.
    pub(super) parameters: &'static [Parameter],
    /// The media types of its answers; those that are JSON have the schema below.
    pub(super) media_types: &'static [&'static str],
    /// The name of the schema of its JSON answer.
    pub(super) schema: &'static str,
    /// Makes its handler.
    pub(super) handler: fn() -> MethodRouter<App>,
}

/// A parameter of an endpoint.
pub(super) struct Parameter {
    /// Its name.
    pub(super) name: &'static str,
    /// `query`, `path` or `header`.
    pub(super) place: &'static str,
    /// Whether it may be given more than once.
    pub(super) repeats: bool,
    /// What it means.
    pub(super) meaning: &'static str,
}

const fn query(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter { name, place: "query", repeats: false, meaning }
}

const fn queries(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter { name, place: "query", repeats: true, meaning }
}

const FILTER: Parameter = queries(
    "filter",
    "Conditions as in Backstage: `kind=component,spec.type=service`; commas mean and, a repeated parameter means or, a key \
     without a value means that it is there.",
);

const WEBHOOK_ID: Parameter =
    Parameter { name: "id", place: "path", repeats: false, meaning: "The identity of the webhook." };

const JSON: &[&str] = &["application/json"];

const CALL_SHEET_ID: Parameter =
    Parameter { name: "id", place: "path", repeats: false, meaning: "The id of the call sheet." };

/// All endpoints.
pub(super) static TABLE: [Endpoint; 24] = [
    Endpoint {
        route: "/entities",
        path: "/entities",
        name: "listEntities",
        summary: "Lists entities.",
        description: "Entities without a value for the key of the order are left out.",
        parameters: &[
            FILTER,
            queries("fields", "Dotted paths of the parts to answer with, separated by commas; everything by default."),
            query("order", "The key to sort by, descending with a minus in front; `metadata.name` by default."),
            query("limit", "How many at most, 1 to 1000; 50 by default."),
            query("cursor", "`next` of the page before."),
        ],
        media_types: JSON,
        schema: "EntityList",
        handler: || get(list_entities::list_entities),
    },
    Endpoint {
        route: "/entities/{*ref}",
        path: "/entities/{ref}",
        name: "showEntity",
        summary: "Shows one entity, where it comes from, and what is wrong with it.",
        description: "",
        parameters: &[Parameter {
            name: "ref",
            place: "path",
            repeats: false,
            meaning: "The entity reference, `component:default/shop`; the slash need not be escaped.",
        }],
        media_types: JSON,
        schema: "EntityWithProvenance",
        handler: || get(show_entity::show_entity),
    },
    Endpoint {
        route: "/problems",
        path: "/problems",
        name: "listProblems",
        summary: "Lists what is wrong with the catalog, errors first.",
        description: "Documents that are no healthy entities, files that cannot be read, entities that two files define, \
                          references that lead nowhere and owners that are nobody. `counts` and `total` count everything that \
                          matches, not only this page.",
        parameters: &[
            queries("owner", "Only about entities of these owners; `team-a` is short for `group:default/team-a`."),
            queries("code", "Only these codes."),
            query("severity", "`error`, `warning` or `info`."),
            queries("location", "Only in files whose location holds this text."),
            queries("entity", "Only about these entity references."),
            query("limit", "How many at most, 1 to 1000; 100 by default."),
            query("offset", "`next` of the page before."),
        ],
        media_types: JSON,
        schema: "ProblemList",
        handler: || get(list_problems::list_problems),
    },
    Endpoint {
        route: "/impact",
        path: "/impact",
        name: "showImpact",
        summary: "Shows what else is hit when entities fail, through what, and whom to call.",
        description: "Failure travels to dependents, to consumers of APIs, from providers to their APIs, and from \
                          subcomponents to their component; `spec.dependencies` of the dependents says how strongly. Items come \
                          worst first. `path` of an item has places in `edges`, each of which says which files declare it. \
                          `teams` has the owners of everything that is hit, not only of this page. 404 when none of the \
                          entities is in the catalog; those that are not are listed in `unknown`.",
        parameters: &[
            queries("ref", "What fails: entity references, separated by commas or repeated; at most 200."),
            query("state", "How it fails: `down` (the default), `degraded` or `slow`."),
            query("depth", "How many edges to follow; all of them by default."),
            FILTER,
            query("evidence", "`false` leaves out where edges are declared, which is quicker."),
            query("limit", "How many items at most, 1 to 100000; 100 by default, for CSV 100000."),
            query("offset", "`next` of the page before."),
            query("format", "`json` (the default) or `csv`."),
        ],
        media_types: &["application/json", "text/csv"],
        schema: "Impact",
        handler: || get(show_impact::show_impact),
    },
    Endpoint {
        route: "/causes",
        path: "/causes",
        name: "showCauses",
        summary: "Lists what could be the cause when entities fail: what they depend on, by how well it explains them.",
        description: "Those that explain most of the failing entities come first, then those that pass failure on as it \
                          is, then those that changed recently, then the nearest.",
        parameters: &[
            queries("ref", "What fails: entity references, separated by commas or repeated; at most 200."),
            query("depth", "How many edges to follow; 10 by default."),
            query("changed", "How many hours a change counts as recent, 1 to 720; 72 by default."),
            query("limit", "How many at most, 1 to 1000; 50 by default."),
            query("offset", "`next` of the page before."),
        ],
        media_types: JSON,
        schema: "Causes",
        handler: || get(show_causes::show_causes),
    },
    Endpoint {
        route: "/changes",
        path: "/changes",
        name: "listChanges",
        summary: "Lists the changes after a number, waits for them, or streams them.",
        description: "Every change comes at least once and in order, and can be read when it is heard of. With `Accept: \
                          text/event-stream` the answer is a stream of events `added`, `changed` and `removed`, whose ids are \
                          the numbers; a client that connects again sends the last one as `Last-Event-ID`. Heartbeats carry as \
                          id how far the stream has come. Values of one filter are alternatives, all filters must fit; `next` \
                          moves on over what they leave out. 410 means that the log does not reach back that far: load \
                          `/export` and go on from its `X-Callboard-Seq`.",
        parameters: &[
            query("after", "The number of the last change that is known; 0 by default."),
            query("limit", "How many at most, 1 to 1000; 100 by default."),
            query("wait", "How long to wait when there is none, such as `30s`, which is also the longest."),
            queries("include", "`entity` adds the entity after the change, `before` the one before it."),
            queries("kind", "Only entities of these kinds."),
            queries("namespace", "Only entities of these namespaces."),
            queries("ref", "Only these entities."),
            queries(
                "owner",
                "Only entities that these own, or owned before the change; `team-a` is short for `group:default/team-a`.",
            ),
            queries("relation", "Only changes that add or remove a relation of these types, by either of its names."),
            queries("happened", "Only `added`, `changed` or `removed`."),
            Parameter {
                name: "Last-Event-ID",
                place: "header",
                repeats: false,
                meaning: "For streams: goes before `after`.",
            },
        ],
        media_types: &["application/json", "text/event-stream"],
        schema: "ChangeList",
        handler: || get(list_changes::list_changes),
    },
    Endpoint {
        route: "/history",
        path: "/history",
        name: "listHistory",
        summary: "Lists what happened to an entity or in the whole estate, newest first.",
        description: "Changes of the catalog, each with what differs and why, and events from outside.",
        parameters: &[
            query("ref", "Only to this entity; it need not exist any more. Everything by default."),
            query(
                "of",
                "What is meant by `ref`: `itself` (the default), what it owned (`owned`) or consists of (`parts`).",
            ),
            query("kind", "Only to entities of this kind."),
            query("owner", "Only to what this owner owns; `team-a` is short for `group:default/team-a`."),
            query(
                "what",
                "`changes`, `added`, `changed`, `removed`, `events`, `deployment`, `flag`, `configuration`, `alert` or \
                 `other`.",
            ),
            query("actor", "Only what this person or program has caused, or whose commit it was."),
            query("from", "Only what happened then or later: a time, or how long ago (`-1d`)."),
            query("to", "Only what happened then or before."),
            query("limit", "How many at most, 1 to 1000; 100 by default."),
            query("cursor", "`next` of the page before."),
        ],
        media_types: JSON,
        schema: "History",
        handler: || get(list_history::list_history),
    },
    Endpoint {
        route: "/near",
        path: "/near",
        name: "listNear",
        summary: "Lists what happened to an entity and to what it depends on, nearest first.",
        description: "Dependencies, consumed APIs and whoever provides them, and parts, within some steps.",
        parameters: &[
            query("ref", "The entity."),
            query("hours", "How far back, 1 to 2160; 24 by default."),
            query("steps", "How far away, 0 to 6; 3 by default."),
            query("limit", "How many at most, 1 to 1000; 100 by default."),
        ],
        media_types: JSON,
        schema: "Near",
        handler: || get(list_near::list_near),
    },
    Endpoint {
        route: "/compare",
        path: "/compare",
        name: "compare",
        summary: "Compares two moments: what was added, removed, re-owned, re-wired or changed otherwise.",
        description: "`counts` counts everything that matches, whichever sort `what` asks for.",
        parameters: &[
            query("from", "The earlier moment: a time, how long ago, or the number of a change; a day ago by default."),
            query("to", "The later moment; now by default."),
            query("kind", "Only entities of this kind."),
            query("owner", "Only what belonged to this owner at one of the moments."),
            query("system", "Only what was part of this system at one of the moments."),
            query("what", "`added`, `removed`, `reowned`, `rewired` or `changed`."),
            query("limit", "How many at most, 1 to 1000; 100 by default."),
            query("offset", "`next` of the page before."),
        ],
        media_types: JSON,
        schema: "Differences",
        handler: || get(compare::compare),
    },
    Endpoint {
        route: "/events",
        path: "/events",
        name: "listEvents",
        summary: "Lists what other programs have reported, newest first.",
        description: "",
        parameters: &[
            query("ref", "Only what concerns this entity."),
            query("kind", "`deployment`, `flag`, `configuration`, `alert` or `other`."),
            query("source", "Only from this source."),
            query("actor", "Only what this person or program has caused."),
            query("from", "Only what happened then or later: a time, or how long ago (`-1d`)."),
            query("unmatched", "`true` for only those that concern no entity of the catalog."),
            query("limit", "How many at most, 1 to 1000; 100 by default."),
            query("cursor", "`next` of the page before."),
        ],
        media_types: JSON,
        schema: "EventList",
        handler: || get(list_events::list_events),
    },
    Endpoint {
        route: "/export",
        path: "/export",
        name: "export",
        summary: "Streams entities of one moment, in the order of their uids.",
        description: "The header `X-Callboard-Seq` has the number of the moment, from which `/changes` goes on. In CSV a \
                          cell that looks like a formula gets an apostrophe in front. YAML has descriptors that can be \
                          registered again.",
        parameters: &[
            query("format", "`ndjson` (the default), `csv` or `yaml`."),
            FILTER,
            queries("columns", "For CSV: short names or dotted paths, separated by commas."),
        ],
        media_types: &["application/x-ndjson", "text/csv", "application/yaml"],
        schema: "Entity",
        handler: || get(export::export),
    },
    Endpoint {
        route: "/kinds",
        path: "/kinds",
        name: "listKinds",
        summary: "Lists the kinds of entities, and how many there are of each.",
        description: "",
        parameters: &[],
        media_types: JSON,
        schema: "KindList",
        handler: || get(list_kinds::list_kinds),
    },
    Endpoint {
        route: "/loops",
        path: "/loops",
        name: "listLoops",
        summary: "Lists the loops of the server, and how they are doing.",
        description: "Needs the permission `catalog.ingestion.read`.",
        parameters: &[],
        media_types: JSON,
        schema: "LoopList",
        handler: || get(list_loops::list_loops),
    },
    Endpoint {
        route: "/status",
        path: "/status",
        name: "showStatus",
        summary: "Shows the server at a glance.",
        description: "Needs the permission `catalog.ingestion.read`; locations are left out without \
                          `catalog.location.read`.",
        parameters: &[],
        media_types: JSON,
        schema: "Status",
        handler: || get(show_status::show_status),
    },
    Endpoint {
        route: "/call-sheets",
        path: "/call-sheets",
        name: "listCallSheets",
        summary: "Lists call sheets, newest first.",
        description: "Needs the permission `callsheet.read`.",
        parameters: &[
            query("state", "`open` or `closed`."),
            query("limit", "How many at most, 1 to 500; 50 by default."),
            query("offset", "`next` of the page before."),
        ],
        media_types: JSON,
        schema: "CallSheetList",
        handler: || get(call_sheets::list_sheets),
    },
    Endpoint {
        route: "/call-sheets/{id}",
        path: "/call-sheets/{id}",
        name: "showCallSheet",
        summary: "Shows one call sheet: who has to know, who does, what is hit.",
        description: "Needs the permission `callsheet.read`. `impact` is frozen as it was looked up last.",
        parameters: &[CALL_SHEET_ID],
        media_types: JSON,
        schema: "CallSheet",
        handler: || get(call_sheets::show_sheet),
    },
    Endpoint {
        route: "/call-sheets/{id}/timeline",
        path: "/call-sheets/{id}/timeline",
        name: "showCallSheetTimeline",
        summary: "Writes the timeline of a call sheet.",
        description: "Every entry with its time and author, oldest first. Needs the permission `callsheet.read`.",
        parameters: &[CALL_SHEET_ID, query("format", "`json` (the default), `markdown` or `csv`.")],
        media_types: &["application/json", "text/markdown", "text/csv"],
        schema: "CallSheetTimeline",
        handler: || get(call_sheets::show_timeline),
    },
    Endpoint {
        route: "/call-sheets/{id}/events",
        path: "/call-sheets/{id}/events",
        name: "followCallSheet",
        summary: "Streams the revisions of a call sheet as they come.",
        description: "Server-sent events `changed` with the number of the newest entry, the first one at once. Needs the \
                          permission `callsheet.read`.",
        parameters: &[CALL_SHEET_ID],
        media_types: &["text/event-stream"],
        schema: "CallSheet",
        handler: || get(stream_revisions),
    },
    Endpoint {
        route: "/truth-rate",
        path: "/truth-rate",
        name: "showTruthRate",
        summary: "Shows how often events proved the catalog right.",
        description: "Out of the answers that are given when call sheets are closed. `history` has all answers until the end \
                          of each day. Needs the permission `callsheet.read`.",
        parameters: &[],
        media_types: JSON,
        schema: "TruthRate",
        handler: || get(call_sheets::show_truth),
    },
    Endpoint {
        route: "/webhooks",
        path: "/webhooks",
        name: "listWebhooks",
        summary: "Lists webhooks, and how each is doing.",
        description: "Needs the permission `callboard.webhook.read`. Addresses are cut after the host for those who may not \
                          change them, because those of chat tools are secrets.",
        parameters: &[],
        media_types: JSON,
        schema: "WebhookList",
        handler: || get(webhooks::list_webhooks),
    },
    Endpoint {
        route: "/webhooks/{id}",
        path: "/webhooks/{id}",
        name: "showWebhook",
        summary: "Shows one webhook.",
        description: "",
        parameters: &[WEBHOOK_ID],
        media_types: JSON,
        schema: "Webhook",
        handler: || get(webhooks::show_webhook),
    },
    Endpoint {
        route: "/webhooks/{id}/deliveries",
        path: "/webhooks/{id}/deliveries",
        name: "listDeliveries",
        summary: "Lists the newest attempts to deliver to a webhook, newest first.",
        description: "",
        parameters: &[WEBHOOK_ID, query("limit", "How many at most, 1 to 50; 50 by default.")],
        media_types: JSON,
        schema: "DeliveryList",
        handler: || get(webhooks::list_deliveries),
    },
    Endpoint {
        route: "/webhooks/{id}/dead-letters",
        path: "/webhooks/{id}/dead-letters",
        name: "listDeadLetters",
        summary: "Lists the messages that could not be delivered to a webhook, oldest first.",
        description: "",
        parameters: &[
            WEBHOOK_ID,
            query("limit", "How many at most, 1 to 1000; 100 by default."),
            query("after", "`next` of the page before."),
        ],
        media_types: JSON,
        schema: "DeadLetterList",
        handler: || get(webhooks::list_letters),
    },
    Endpoint {
        route: "/openapi.json",
        path: "/openapi.json",
        name: "showOpenapi",
        summary: "Shows this document.",
        description: "",
        parameters: &[],
        media_types: JSON,
        schema: "OpenApi",
        handler: || get(openapi::show_openapi),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters of the table are those that the handlers accept.
    #[test]
    fn every_accepted_parameter_is_documented_and_the_other_way_round() {
        let accepted = |name: &str| -> &[&str] {
            match name {
                "listEntities" => list_entities::PARAMETERS,
                "listProblems" => list_problems::PARAMETERS,
                "listChanges" => list_changes::PARAMETERS,
                "export" => export::PARAMETERS,
                "showImpact" => show_impact::PARAMETERS,
                "showCauses" => show_causes::PARAMETERS,
                "listCallSheets" => call_sheets::LIST_PARAMETERS,
                "showCallSheetTimeline" => call_sheets::TIMELINE_PARAMETERS,
                "listHistory" => list_history::PARAMETERS,
                "listNear" => list_near::PARAMETERS,
                "compare" => compare::PARAMETERS,
                "listEvents" => list_events::PARAMETERS,
                "listDeliveries" => webhooks::DELIVERY_PARAMETERS,
                "listDeadLetters" => webhooks::LETTER_PARAMETERS,
                _ => &[],
            }
        };
        for endpoint in &TABLE {
            let mut documented: Vec<_> =
                endpoint.parameters.iter().filter(|p| p.place == "query").map(|p| p.name).collect();
            let mut accepted = accepted(endpoint.name).to_vec();
            documented.sort_unstable();
            accepted.sort_unstable();
            assert_eq!(documented, accepted, "{}", endpoint.path);
        }
    }
}
