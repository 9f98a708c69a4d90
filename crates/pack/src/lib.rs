//! The pack: the whole catalog in one HTML file, for the hour in which nothing else answers.
//!
//! A view goes in, text comes out. Pure: no clock, no disk, no async. What the page needs to know is compressed inside it,
//! and the page asks for nothing else: no script, style, font or picture from anywhere, held by its own content policy.
//!
//! `gather` reads the catalog, `columns` writes it small, `page` puts the file together; the page's own style
//! and script are in `assets`.

mod columns;
mod gather;
mod page;
mod plain;

use std::io;

use index::View;
use model::{EntityRef, Seq, Timestamp};
use serde_json::Value;

/// What a pack says about itself.
#[derive(Clone, Debug)]
pub struct About {
    /// What the portal is called.
    pub portal: String,
    /// Whose estate it shows.
    pub organization: Option<String>,
    /// Where the portal is, when it answers.
    pub base_url: String,
    /// Version of the program that made it.
    pub version: String,
    /// The kinds that are known: as written in `kind:`, and in the plural.
    pub kinds: Vec<(String, String)>,
}

/// A link of an entity, be it declared or made of an annotation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// What it is for, as the heading that it stands below: `On call`, `Dashboards`.
    pub purpose: String,
    /// What people call it.
    pub label: String,
    /// Where it leads; `None` when there is a value of which no address can be made.
    pub href: Option<String>,
    /// What stands in the descriptor, where that says more than the label.
    pub value: Option<String>,
}

/// Finds the links of an entity. Those that lead to anything but the web, mail, telephones and chats are
/// never links in the page, whoever names them.
pub type FindLinks<'a> = dyn Fn(&EntityRef, &Value) -> Vec<Link> + 'a;

/// Why a pack could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The contents could not be written as JSON.
    #[error("failed to write the contents of the pack")]
    Write(#[from] serde_json::Error),
    /// The contents could not be compressed.
    #[error("failed to compress the contents of the pack")]
    Compress(#[from] io::Error),
}

/// A pack that lacks nothing but the moment at which it is taken along. It may be kept while the catalog stays as it is.
#[derive(Debug)]
pub struct Prepared {
    seq: Seq,
    title: String,
    version: String,
    contents: String,
    table: String,
}

/// Makes the pack of what a view shows.
///
/// # Errors
/// When its contents cannot be written or compressed, which no catalog should be able to cause.
pub fn prepare(view: &View, about: &About, links: &FindLinks<'_>) -> Result<Prepared, PackError> {
    let gathered = gather::gather(view, links);
    let title = match &about.organization {
        Some(organization) => format!("{organization}: {} pack", about.portal),
        None => format!("{} pack", about.portal),
    };
    Ok(Prepared {
        seq: view.seq(),
        title,
        version: about.version.clone(),
        contents: columns::write(&gathered, about, view.seq())?,
        table: plain::render_table(&gathered),
    })
}

impl Prepared {
    /// The moment of the catalog that it shows.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.contents.len() + self.table.len()
    }

    /// Whether there is nothing in it, which never is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    /// Writes the file. `made_at` is when the catalog was known to be as it is in it.
    #[must_use]
    pub fn write(&self, made_at: Timestamp) -> String {
        page::assemble(self, made_at)
    }
}

/// What a pack of a moment is called as a file.
#[must_use]
pub fn file_name(seq: Seq) -> String {
    format!("callboard-pack-{}.html", seq.0)
}
