//! Writes pictures to look at: `cargo run -p callboard-diagram --example draw -- <folder>`.

use std::{error::Error, fs, path::PathBuf};

use diagram::{
    Cluster, Curve, Direction, Edge, FoldKey, Graph, Mark, Node, Options,
    fold::{Rules, fold},
    layout,
    svg::{Heading, Mode, write},
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "target".to_owned()));
    let right = Options::default();
    let down = Options { direction: Direction::Down, ..right };
    let pictures = [
        ("shop", shop(true), right),
        ("shop-down", shop(true), down),
        ("shop-step", shop(false), Options { curve: Curve::Step, ..right }),
        ("system", system(), right),
        ("system-down", system(), down),
        ("thousand", fold(thousand(), &Rules { limit: 40, ..Rules::default() }).graph, right),
        ("dense", dense(60, 98), right),
        ("wide", dense(200, 260), down),
    ];
    for (name, graph, options) in pictures {
        let picture = layout(&graph, options)?;
        let heading = Heading { id: name, title: name, description: "A picture to look at" };
        fs::write(folder.join(format!("{name}.svg")), write(&picture, heading, Mode::Standalone(None)))?;
    }
    Ok(())
}

fn node(id: &str, class: &str, kind: &str) -> Node {
    let title = id.rsplit('/').next().unwrap_or(id).to_owned();
    Node { id: id.into(), title, sub: format!("{class} · {kind}"), class: class.into(), ..Node::default() }
}

fn edge(from: &str, to: &str, class: &str, label: &str) -> Edge {
    Edge { from: from.into(), to: to.into(), class: class.into(), label: label.into(), count: 1 }
}

/// One service and what is around it.
fn shop(labels: bool) -> Graph {
    let mut nodes = vec![
        Node { mark: Mark::Root, ..node("checkout-api", "component", "service") },
        Node { problem: true, ..node("orders", "api", "openapi") },
        node("payments", "api", "openapi"),
        node("payment-gateway", "component", "service"),
        node("orders-db", "resource", "database"),
        node("order-events", "resource", "topic"),
        node("warehouse-fulfilment-reservation-worker", "component", "worker"),
        node("storefront", "component", "website"),
        node("checkout", "system", "product"),
        node("team-checkout", "group", "team"),
        node("commerce", "domain", "business"),
    ];
    nodes.push(Node {
        mark: Mark::Missing,
        sub: "not in the catalog".into(),
        ..node("resource:default/sessions", "", "")
    });
    let edges = [
        ("storefront", "orders", "consumesApi"),
        ("checkout-api", "orders", "providesApi"),
        ("checkout-api", "payments", "consumesApi"),
        ("payment-gateway", "payments", "providesApi"),
        ("checkout-api", "orders-db", "dependsOn"),
        ("checkout-api", "order-events", "dependsOn"),
        ("checkout-api", "resource:default/sessions", "dependsOn"),
        ("warehouse-fulfilment-reservation-worker", "order-events", "dependsOn"),
        ("checkout-api", "checkout", "partOf"),
        ("payment-gateway", "checkout", "partOf"),
        ("checkout-api", "team-checkout", "ownedBy"),
        ("checkout", "commerce", "partOf"),
        ("checkout-api", "checkout-api", "dependsOn"),
        ("payment-gateway", "checkout-api", "dependsOn"),
    ];
    let edges = edges.map(|(from, to, class)| edge(from, to, class, if labels { class } else { "" }));
    Graph { nodes, edges: edges.into(), ..Graph::default() }
}

/// A system with its parts by kind, and neighbours in other systems.
fn system() -> Graph {
    let frame = |id: &str, title: &str, class: &str, parent: Option<&str>| Cluster {
        id: id.into(),
        title: title.into(),
        class: class.into(),
        parent: parent.map(str::to_owned),
        ..Cluster::default()
    };
    let mut graph = Graph {
        clusters: vec![
            frame("own", "checkout", "system", None),
            frame("services", "Services", "component", Some("own")),
            frame("apis", "APIs", "api", Some("own")),
            frame("data", "Databases", "resource", Some("own")),
            frame("search", "search", "system", None),
            frame("web", "storefront", "system", None),
        ],
        ..Graph::default()
    };
    let parts = [
        ("checkout-api", "component", "services"),
        ("cart-service", "component", "services"),
        ("pricing-engine", "component", "services"),
        ("promotion-rules", "component", "services"),
        ("checkout", "api", "apis"),
        ("cart", "api", "apis"),
        ("checkout-db", "resource", "data"),
        ("cart-cache", "resource", "data"),
        ("search-api", "component", "search"),
        ("product-index", "resource", "search"),
        ("web-shop", "component", "web"),
        ("mobile-bff", "component", "web"),
    ];
    for (id, class, cluster) in parts {
        graph.nodes.push(Node { cluster: Some(cluster.into()), ..node(id, class, "service") });
    }
    let edges = [
        ("web-shop", "checkout", "consumesApi"),
        ("mobile-bff", "checkout", "consumesApi"),
        ("mobile-bff", "cart", "consumesApi"),
        ("checkout", "checkout-api", "apiProvidedBy"),
        ("cart", "cart-service", "apiProvidedBy"),
        ("checkout-api", "cart-service", "dependsOn"),
        ("checkout-api", "pricing-engine", "dependsOn"),
        ("pricing-engine", "promotion-rules", "dependsOn"),
        ("checkout-api", "checkout-db", "dependsOn"),
        ("cart-service", "cart-cache", "dependsOn"),
        ("cart-service", "search-api", "dependsOn"),
        ("search-api", "product-index", "dependsOn"),
    ];
    graph.edges = edges.map(|(from, to, class)| edge(from, to, class, "")).into();
    graph
}

/// A root with a thousand neighbours.
fn thousand() -> Graph {
    let mut graph =
        Graph { nodes: vec![Node { mark: Mark::Root, ..node("platform", "system", "") }], ..Graph::default() };
    for at in 0..1000 {
        let class = ["component", "api", "resource"][at % 3];
        let owner = format!("team-{}", ["red", "green", "blue", "amber"][at % 4]);
        let id = format!("{class}-{at}");
        let fold = Some(FoldKey { key: owner.clone(), label: owner });
        graph.edges.push(edge("platform", &id, "hasPart", "hasPart"));
        graph.nodes.push(Node { fold, ..node(&id, class, "service") });
    }
    graph
}

/// Many nodes and edges without much order.
fn dense(nodes: usize, edges: usize) -> Graph {
    let name = |at: usize| format!("service-{at}");
    let classes = ["component", "api", "resource", "group"];
    let boxes = (0..nodes).map(|at| node(&name(at), classes[at % 4], "service"));
    let mut graph = Graph { nodes: boxes.collect(), ..Graph::default() };
    let mut seed = 7_usize;
    let mut next = |below: usize| {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        (seed >> 8) % below
    };
    for _ in 0..edges {
        let from = next(nodes - 1);
        let to = from + 1 + next((nodes - from - 1).min(12));
        graph.edges.push(edge(&name(from), &name(to), "dependsOn", ""));
    }
    graph
}
