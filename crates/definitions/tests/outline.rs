//! Outlines of small documents of every format.

use definitions::{Action, Field, OpenApi, Operation, Outline, TypePart, outline};

fn openapi() -> OpenApi {
    match outline("openapi", include_str!("fixtures/orders.openapi.yaml")) {
        Outline::OpenApi(api) => *api,
        other => panic!("{other:?}"),
    }
}

fn operation<'a>(api: &'a OpenApi, anchor: &str) -> &'a Operation {
    api.operations.iter().find(|operation| operation.anchor == anchor).unwrap()
}

/// `name type flags notes`, as a page would show it.
fn written(field: &Field) -> String {
    let required = if field.required { " required" } else { "" };
    let deprecated = if field.deprecated { " deprecated" } else { "" };
    format!("{}: {}{required}{deprecated} [{}]", field.name, field.of, field.notes.join("; "))
}

fn all_written(fields: &[Field]) -> Vec<String> {
    fields.iter().map(written).collect()
}

#[test]
fn an_openapi_document_tells_what_it_is() {
    let api = openapi();
    assert_eq!((api.format.as_str(), api.info.title.as_str(), api.info.version.as_str()), ("3.1.0", "Orders", "1.10"));
    assert_eq!(api.info.description, "Takes orders.");
    assert_eq!(api.servers[0].url, "https://orders.example/v1");
    let schemes: Vec<_> = api.security_schemes.iter().map(|s| (s.name.as_str(), s.what.as_str())).collect();
    assert_eq!(schemes, [("oauth", "OAuth 2 (clientCredentials)"), ("key", "API key in header X-Key")]);
    let tags: Vec<_> = api.tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(tags, ["orders", "admin"]);
    assert_eq!(api.left_out, None);
}

#[test]
fn every_operation_is_listed_once_with_an_anchor_of_its_own() {
    let labels: Vec<_> =
        Outline::OpenApi(Box::new(openapi())).entries().into_iter().map(|e| (e.label, e.anchor)).collect();
    let labels: Vec<_> = labels.iter().map(|(label, anchor)| (label.as_str(), anchor.as_str())).collect();
    assert_eq!(
        labels,
        [
            ("GET /orders", "operation-listOrders"),
            ("POST /orders", "operation-createOrder"),
            ("GET /orders/{id}", "operation-listOrders-2"),
            ("POST orderShipped", "operation-postorderShipped"),
        ]
    );
    assert!(openapi().operations[3].webhook);
}

#[test]
fn an_operations_parameter_stands_for_the_paths() {
    let api = openapi();
    let list = operation(&api, "operation-listOrders");
    let parameters: Vec<_> = list.parameters.iter().map(|p| (p.place.as_str(), written(&p.field))).collect();
    assert_eq!(
        parameters,
        [
            ("header", "X-Tenant: string (uuid) required []".to_owned()),
            ("query", "limit: integer required [default 20; at most 50]".to_owned()),
        ]
    );
    assert_eq!(list.parameters[1].field.description, "How many");
    assert_eq!(list.summary, "All orders");
    assert_eq!(list.security, ["oauth (orders:read)", "nothing"]);
    assert!(operation(&api, "operation-createOrder").security.is_empty());
}

#[test]
fn responses_follow_references_and_name_their_schemas() {
    let api = openapi();
    let list = operation(&api, "operation-listOrders");
    assert_eq!(list.responses[0].status, "200");
    assert_eq!(list.responses[0].content[0].of.0, [TypePart::Name("Order".into()), TypePart::Text("[]".into())]);
    assert_eq!(all_written(&list.responses[0].headers), ["X-Total: integer []"]);
    assert_eq!(list.responses[1].description, "A problem");
    assert_eq!(list.responses[1].content[0].media_type, "application/problem+json");
}

#[test]
fn bodies_without_a_name_are_written_out_as_paths() {
    let api = openapi();
    let create = operation(&api, "operation-createOrder");
    assert!(create.deprecated && create.request.as_ref().unwrap().required);
    assert_eq!(
        all_written(&create.request.as_ref().unwrap().content[0].fields),
        [
            "lines: object[] required []",
            "lines[].sku: string required [pattern ^[A-Z]+$]",
            "lines[].note: string | null []",
        ]
    );
}

#[test]
fn schemas_may_refer_to_themselves() {
    let api = openapi();
    let names: Vec<_> = api.schemas.iter().map(|shape| (shape.name.as_str(), shape.kind)).collect();
    let want = [
        ("Order", "object"),
        ("Status", "enum"),
        ("Card", "object"),
        ("Base", "object"),
        ("Problem", "schema"),
        ("Loop", "schema"),
    ];
    assert_eq!(names, want);
    assert_eq!(
        all_written(&api.schemas[0].fields),
        [
            "id: string required [read only]",
            "status: Status required []",
            "parent: Order []",
            "labels: map of string []",
            "payment: Card | null []",
            "elsewhere: other.yaml#/Thing []",
            "address: object []",
            "address.street: string []",
        ]
    );
    assert_eq!(all_written(&api.schemas[2].fields), ["kind: card []", "number: string []"]);
}

#[test]
fn swagger_reads_like_openapi() {
    let Outline::OpenApi(api) = outline("openapi", include_str!("fixtures/pets.swagger.json")) else { panic!() };
    assert_eq!((api.format.as_str(), api.servers[0].url.as_str()), ("2.0", "https://pets.example/api"));
    let put = &api.operations[0];
    assert_eq!(written(&put.parameters[0].field), "id: integer (int64) required []");
    assert_eq!(put.parameters.len(), 1);
    let body = put.request.as_ref().unwrap();
    assert_eq!((body.required, body.content[0].of.to_string().as_str()), (true, "Pet"));
    assert_eq!(put.responses[0].content[0].of.0, [TypePart::Name("Pet".into())]);
    assert_eq!(api.security_schemes[0].what, "HTTP basic");
}

#[test]
fn asyncapi_2_is_told_from_the_side_of_the_application() {
    let Outline::AsyncApi(api) = outline("asyncapi", include_str!("fixtures/lights.asyncapi2.yaml")) else { panic!() };
    let operations: Vec<_> = api.operations.iter().map(|o| (o.action, o.id.as_str(), o.messages.clone())).collect();
    assert_eq!(
        operations,
        [
            (Action::Send, "lightMeasured", vec!["Measured".to_owned()]),
            (Action::Receive, "publish lights/{id}/turn", vec!["turnOn".to_owned(), "turnOff".to_owned()]),
        ]
    );
    assert_eq!(api.channels[0].parameters[0].description, "Which light");
    let measured = &api.messages[0];
    assert_eq!((measured.content_type.as_str(), measured.payload.to_string().as_str()), ("application/json", "Lumen"));
    assert!(measured.fields.is_empty(), "the fields of a named schema stand with the schema");
    assert_eq!(all_written(&measured.headers), ["trace: string []"]);
    assert_eq!(all_written(&api.messages[1].fields), ["level: integer []"]);
    assert_eq!(all_written(&api.schemas[0].fields), ["lumens: integer [at least 0]"]);
}

#[test]
fn asyncapi_3_joins_operations_channels_and_messages() {
    let api = outline("asyncapi", include_str!("fixtures/orders.asyncapi3.yaml"));
    let labels: Vec<String> = api.entries().into_iter().map(|e| format!("{} ({})", e.label, e.detail)).collect();
    assert_eq!(labels, ["send orders.placed (publishPlaced)", "receive orders.commands (Takes commands)"]);
    let Outline::AsyncApi(api) = api else { panic!() };
    assert_eq!(api.servers[0].url, "broker.example/prod");
    assert_eq!(api.operations[0].messages, ["OrderPlaced"]);
    assert_eq!(api.operations[1].messages, ["cancel"]);
    assert_eq!(api.messages[1].name, "cancel");
    assert_eq!(all_written(&api.messages[1].fields), ["id: string []"]);
}

#[test]
fn a_graphql_schema_shows_its_roots_and_types() {
    let api = outline("graphql", include_str!("fixtures/shop.graphql"));
    let labels: Vec<String> = api.entries().into_iter().map(|e| e.label).collect();
    assert_eq!(labels, ["query orders", "query order", "mutation cancel"]);
    let Outline::Graphql(api) = api else { panic!() };
    assert_eq!(api.description, "The shop.");
    let orders = &api.roots[0].fields[0];
    assert_eq!(orders.description, "Finds orders.\n  Newest first.");
    assert_eq!(orders.of.0, [TypePart::Text("[".into()), TypePart::Name("Order".into()), TypePart::Text("!]!".into())]);
    assert_eq!(all_written(&orders.arguments)[0], "first: Int [default 20]");
    assert_eq!(written(&orders.arguments[2]), "filter: OrderFilter [default {open: true, tags: [\"a\", \"b\"]}]");
    assert!(written(&api.roots[0].fields[1]).ends_with("deprecated [deprecated: use `orders`]"));
    let shapes: Vec<String> = api.shapes.iter().map(|s| format!("{} {} {}", s.kind, s.name, s.of)).collect();
    assert_eq!(
        shapes,
        [
            "interface Node ",
            "object Order implements Node & Dated",
            "object Line ",
            "interface Dated ",
            "union Hit Order | Line",
            "enum Status ",
            "input OrderFilter ",
            "scalar Date ",
            "directive @auth repeatable on FIELD_DEFINITION | OBJECT",
        ]
    );
    assert_eq!(written(&api.shapes[1].fields[3]), "lines: [[Line]] []");
    assert!(api.shapes[5].values[1].deprecated && api.shapes[5].values[1].description == "Gone.");
    assert_eq!(written(&api.shapes[6].fields[1]), "low: Float [default -1.5]");
}

#[test]
fn protocol_buffers_show_services_messages_and_comments() {
    let api = outline("grpc", include_str!("fixtures/orders.proto"));
    let labels: Vec<String> = api.entries().into_iter().map(|e| format!("{} ({})", e.label, e.detail)).collect();
    assert_eq!(labels, ["OrderService.Find (Finds one.)", "OrderService.Watch (Follows.)", "OrderService.Old ()"]);
    let Outline::Grpc(api) = api else { panic!() };
    assert_eq!((api.syntax.as_str(), api.package.as_str()), ("proto3", "shop.orders.v1"));
    assert_eq!(api.services[0].description, "Orders of the shop.");
    let [find, watch, old] = &api.services[0].methods[..] else { panic!() };
    assert_eq!(find.http.as_deref(), Some("GET /v1/orders/{id}"));
    assert!(watch.input_stream && watch.output_stream && !find.output_stream && old.deprecated);
    assert_eq!(watch.output.0, [TypePart::Name("Order.Line".into())]);
    assert_eq!(old.output.0, [TypePart::Text("google.protobuf.Empty".into())]);
    let names: Vec<_> = api.shapes.iter().map(|shape| shape.name.as_str()).collect();
    assert_eq!(names, ["FindRequest", "Order", "Order.Status", "Order.Line", "Card"]);
    let order = &api.shapes[1];
    assert_eq!(order.description, "An order.");
    assert_eq!(
        all_written(&order.fields),
        [
            "id: string deprecated [number 1]",
            "status: Order.Status [number 2]",
            "lines: repeated Order.Line [number 3]",
            "by_sku: map<string, Order.Line> [number 6]",
            "card: Card [number 7; one of payment]",
            "voucher: string [number 8; one of payment]",
            "at: google.protobuf.Timestamp [number 9]",
        ]
    );
    assert_eq!(api.shapes[3].fields[0].description, "Stock keeping unit");
    assert_eq!(written(&api.shapes[3].fields[1]), "message: int32 [number 2; optional]");
    assert!(api.shapes[2].values[1].deprecated);
}

#[test]
fn what_cannot_be_read_is_source_with_the_reason() {
    let reason = |api_type: &str, text: &str| match outline(api_type, text) {
        Outline::Source(source) => (source.language, source.reason),
        other => panic!("{other:?}"),
    };
    assert_eq!(reason("openapi", "  ").1.unwrap(), "The definition is empty.");
    assert!(reason("openapi", "a: b").1.unwrap().contains("neither `openapi`"));
    assert_eq!(reason("openapi", "{\"a\": [").0, "json");
    assert!(reason("openapi", "{\"a\": [").1.unwrap().contains("no JSON"));
    assert!(reason("asyncapi", "a: [\n").1.unwrap().starts_with("Line "));
    assert_eq!(reason("graphql", "type Query {\n  a: \n}").1.unwrap(), "Line 3: expected a name, found `}`.");
    assert_eq!(reason("grpc", "message A {\n string = 1\n}").1.unwrap(), "Line 2: expected a name, found `=`.");
    assert_eq!(reason("trpc", "export const a = 1"), ("typescript", None));
    assert_eq!(reason("soap", "<definitions/>"), ("xml", None));
}

#[test]
fn an_openapi_document_is_known_under_any_type() {
    assert!(matches!(outline("rest", "{\"openapi\": \"3.0.0\"}"), Outline::OpenApi(_)));
    assert!(matches!(outline("events", "# ours\nasyncapi: 2.0.0\n"), Outline::AsyncApi(_)));
}
