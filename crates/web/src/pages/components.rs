//! `/dev/components`: every small part, to be looked at. In debug builds only.

use askama::Template;
use axum::response::Response;
use model::{Code, Diagnostic, EntityRef, Place, Severity, Timestamp};

use super::{
    Frame,
    code::CodeFrame,
    frame::Section,
    icon::Icon,
    link::EntityLink,
    moment::Moment,
    parts::{Cell, Empty, Facet, FacetOption, Head, Lifecycle, Pager, ProblemBox, Sorted, Tab, Table, Tabs, Tags},
    render,
};
use crate::Problem;

#[derive(Template)]
#[template(path = "components.html")]
struct ComponentsPage {
    frame: Frame,
    links: Vec<EntityLink>,
    lifecycles: Vec<Lifecycle>,
    tags: Tags,
    table: Table,
    facet: Facet,
    tabs: Tabs,
    empty: Empty,
    problems: Vec<ProblemBox>,
    pager: Pager,
    moment: Moment,
    code: CodeFrame,
}

/// Shows one of each.
pub(super) async fn show_components(frame: Frame) -> Result<Response, Problem> {
    let kinds =
        ["component", "api", "resource", "system", "domain", "group", "user", "location", "template", "journey"];
    let links: Vec<_> =
        kinds.iter().map(|kind| EntityLink::plain(&EntityRef::new(kind, "default", &format!("some-{kind}")))).collect();
    let missing = EntityLink { is_missing: true, ..links[0].clone() };
    let now = frame.now;
    let source = "# A descriptor\nkind: Component\nmetadata:\n  name: shop\n  tags: [java, '1.0']\nspec: { replicas: 3, public: true }\n";
    let page = ComponentsPage {
        code: CodeFrame::new("catalog-info.yaml", "yaml", "source", source),
        frame: frame.titled("Components", Section::Elsewhere),
        lifecycles: ["production", "experimental", "deprecated", "retired"]
            .map(|word| Lifecycle(word.to_owned()))
            .to_vec(),
        tags: Tags::of("component", ["java", "kafka", "internal", "tier-1"].map(str::to_owned).to_vec(), 2),
        table: table(&links),
        facet: facet(),
        tabs: tabs(),
        empty: Empty {
            icon: Icon("search"),
            title: "No components match".to_owned(),
            text: "Nothing in the catalog has all that is chosen here.".to_owned(),
            action: Some(("Show all".to_owned(), "/catalog".to_owned())),
        },
        problems: [Severity::Error, Severity::Warning, Severity::Info]
            .map(|severity| problem(severity, &links[0]))
            .to_vec(),
        pager: Pager {
            first: 51,
            last: 100,
            total: 1045,
            things: "components".into(),
            previous: Some("#".into()),
            next: Some("#".into()),
        },
        moment: Moment { at: Timestamp(now.0 - 3_600_000 * 5), now },
        links: links.into_iter().chain([missing]).collect(),
    };
    render(&page)
}

fn table(links: &[EntityLink]) -> Table {
    let row = |link: &EntityLink, n: u64| {
        vec![
            Cell::Entity(link.clone()),
            Cell::Lifecycle(Lifecycle("production".to_owned())),
            Cell::Number(n),
            Cell::Sentence(
                "A sentence that may be longer than its column and is then cut, but whole in its hint.".to_owned(),
            ),
        ]
    };
    let name = Head { sort_href: Some("#".to_owned()), sorted: Some(Sorted::Ascending), ..Head::plain("Name") };
    Table {
        caption: "A table".to_owned(),
        heads: vec![name, Head::plain("Lifecycle"), Head::number("Number"), Head::wide("Description")],
        rows: links.iter().zip(1..).map(|(link, n)| row(link, n * 7)).collect(),
        swaps: None,
    }
}

fn facet() -> Facet {
    let option = |n: u64| FacetOption {
        label: format!("value-{n}"),
        count: 100 - n,
        is_chosen: n == 1,
        href: "#".to_owned(),
        icon: None,
    };
    Facet {
        title: "Type".to_owned(),
        id: "facet-sample".to_owned(),
        options: (1..15).map(option).collect(),
        left_out: 3,
        shown: 8,
    }
}

fn tabs() -> Tabs {
    let tab = |label: &str, count, is_current| Tab { label: label.to_owned(), href: "#".to_owned(), count, is_current };
    let tabs = vec![tab("Overview", None, true), tab("Dependencies", Some(12), false), tab("Problems", Some(0), false)];
    Tabs { label: "Sample".to_owned(), tabs }
}

fn problem(severity: Severity, link: &EntityLink) -> ProblemBox {
    let place = Place {
        location: "url:https://git.example/estate/shop/catalog-info.yaml".into(),
        line: 20,
        column: 3,
        end_line: 20,
        end_column: 8,
        source_line: Some("  owned: team-a".to_owned()),
    };
    let diagnostic = Diagnostic {
        code: Code("E0404".into()),
        severity,
        message: "`spec.owner` is missing".to_owned(),
        help: Some("did you mean `owner: group:default/team-a`?".to_owned()),
        place: Some(place),
        field: None,
        error: None,
    };
    ProblemBox { entity: Some(link.clone()), ..ProblemBox::of(&diagnostic) }
}
