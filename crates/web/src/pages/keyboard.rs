//! `/keyboard`: the sheet of keys.

use askama::Template;
use axum::response::Response;

use super::{Frame, frame::Section, render};
use crate::Problem;

#[derive(Template)]
#[template(path = "keyboard.html")]
struct KeyboardPage {
    frame: Frame,
    keys: &'static [(&'static str, &'static [(&'static str, &'static str)])],
}

/// Groups of keys with what they do. `assets/js/app` makes them work.
static KEYS: &[(&str, &[(&str, &str)])] = &[
    (
        "Anywhere",
        &[
            ("Ctrl K or /", "Find a service, team, page or action"),
            ("g h", "Home"),
            ("g c", "Catalog"),
            ("g s", "Systems"),
            ("g a", "APIs"),
            ("g t", "Teams"),
            ("g g", "Graph"),
            ("g p", "Problems"),
            ("g w", "Changes"),
            ("?", "This sheet"),
            ("Esc", "Close what is on top"),
        ],
    ),
    ("In lists", &[("j / k", "Next, previous row"), ("Enter", "Open the row"), ("f", "To the filter")]),
    ("On the page of an entity", &[("[ / ]", "Previous, next tab"), ("s", "Star it"), ("y", "Copy its reference")]),
];

/// Shows the sheet.
pub(super) async fn show_keyboard(frame: Frame) -> Result<Response, Problem> {
    render(&KeyboardPage { frame: frame.titled("Keyboard", Section::Elsewhere), keys: KEYS })
}
