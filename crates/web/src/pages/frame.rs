//! What surrounds every page: the rail, the bar, and what the person in front of it prefers.

use std::convert::Infallible;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use model::{EntityRef, Timestamp};

use super::{icon::Icon, look_back::Band, moment::Moment, urls};
use crate::{
    App, Caller, FirstReading,
    past::{self, Looking},
};

/// A part of the portal, as the rail names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Home,
    Catalog,
    Systems,
    Apis,
    Teams,
    Graph,
    Impact,
    Changes,
    Problems,
    CallSheets,
    Register,
    Operations,
    Webhooks,
    Elsewhere,
}

/// An entry of the rail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NavItem {
    pub(crate) section: Section,
    pub(crate) label: &'static str,
    pub(crate) href: &'static str,
    pub(crate) icon: Icon,
    /// Which part of the rail it belongs to.
    pub(crate) part: RailPart,
}

/// A part of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RailPart {
    /// What the company has.
    Find,
    /// What happens to it.
    Happens,
    /// The portal itself.
    Portal,
}

impl RailPart {
    /// The parts, from above.
    const ALL: [Self; 3] = [Self::Find, Self::Happens, Self::Portal];

    /// What it is called by those who cannot see that it is one.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Find => "What there is",
            Self::Happens => "What happens",
            Self::Portal => "The portal",
        }
    }
}

const fn nav(part: RailPart, section: Section, label: &'static str, href: &'static str, icon: &'static str) -> NavItem {
    NavItem { section, label, href, icon: Icon(icon), part }
}

/// The rail. Only what exists.
pub(crate) static NAV: &[NavItem] = &[
    nav(RailPart::Find, Section::Home, "Home", "/", "house"),
    nav(RailPart::Find, Section::Catalog, "Catalog", "/catalog", "layout-grid"),
    nav(RailPart::Find, Section::Systems, "Systems", "/catalog?filters[kind]=system", "boxes"),
    nav(RailPart::Find, Section::Apis, "APIs", "/api-docs", "plug"),
    nav(RailPart::Find, Section::Teams, "Teams", "/teams", "users"),
    nav(RailPart::Find, Section::Graph, "Graph", "/catalog-graph", "share-2"),
    nav(RailPart::Happens, Section::Impact, "Impact", "/impact", "zap"),
    nav(RailPart::Happens, Section::CallSheets, "Call sheets", "/call-sheets", "phone"),
    nav(RailPart::Happens, Section::Changes, "Changes", "/changes", "history"),
    nav(RailPart::Happens, Section::Problems, "Problems", "/problems", "triangle-alert"),
    nav(RailPart::Portal, Section::Register, "Register", "/catalog-import", "file-plus-2"),
    nav(RailPart::Portal, Section::Operations, "Operations", "/operations", "activity"),
    nav(RailPart::Portal, Section::Webhooks, "Webhooks", "/webhooks", "send"),
];

/// The colours of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the browser says.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one that a press on the button leads to.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::System,
        }
    }

    pub(crate) fn icon(self) -> Icon {
        match self {
            Self::System => Icon("sun-moon"),
            Self::Light => Icon("sun"),
            Self::Dark => Icon("moon"),
        }
    }
}

/// A step of the way from the estate to the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Crumb {
    pub(crate) label: String,
    pub(crate) href: String,
}

/// What surrounds a page. An extractor; handlers then say what the page is called and where it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// `app.title`.
    pub(crate) portal: String,
    /// The name of the page.
    pub(crate) title: String,
    pub(crate) section: Section,
    pub(crate) crumbs: Vec<Crumb>,
    pub(crate) theme: Theme,
    pub(crate) rail_is_narrow: bool,
    pub(crate) is_compact: bool,
    /// The path of the request with its query: where forms lead back to.
    pub(crate) here: String,
    /// What is said when the page shows the past.
    pub(crate) past: Option<Band>,
    /// Whose board it is: the user who is signed in, or whom a guest says to be.
    pub(crate) person: Option<EntityRef>,
    /// Whether the person is signed in and not only said to be it.
    pub(crate) is_signed_in: bool,
    /// Who stars belong to: the person who is signed in, or this browser. `None` before the first star.
    pub(crate) star_key: Option<String>,
    /// The entities whose pages were opened lately in this browser, newest first.
    pub(crate) recent: Vec<EntityRef>,
    pub(crate) now: Timestamp,
    /// While the database cannot be reached: as of when the page is known to be right.
    pub(crate) stale_since: Option<Moment>,
    /// While locations are being read for the first time: how far they are.
    pub(crate) first_reading: Option<FirstReading>,
}

impl Frame {
    /// Gives the page its name and its place in the rail.
    pub(crate) fn titled(mut self, title: impl Into<String>, section: Section) -> Self {
        self.title = title.into();
        self.section = section;
        self
    }

    /// Reads what a request says about the person in front of the page.
    pub(crate) fn new(app: &App, actor: Option<&auth::Actor>, parts: &Parts) -> Self {
        let cookie = |name: &str| cookie(&parts.headers, name);
        let signed_in = match actor {
            Some(auth::Actor::User { entity_ref, .. }) => EntityRef::parse(entity_ref).ok(),
            _ => None,
        };
        let said = || cookie("person").and_then(|text| EntityRef::parse(&text).ok());
        let browser =
            || cookie("browser").filter(|id| model::Uid::parse(id).is_some()).map(|id| format!("browser:{id}"));
        Self {
            portal: app.settings().title.clone(),
            title: String::new(),
            section: Section::Elsewhere,
            crumbs: Vec::new(),
            theme: match cookie("theme").as_deref() {
                Some("light") => Theme::Light,
                Some("dark") => Theme::Dark,
                _ => Theme::System,
            },
            rail_is_narrow: cookie("rail").as_deref() == Some("narrow"),
            is_compact: cookie("density").as_deref() == Some("compact"),
            here: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            past: None,
            is_signed_in: signed_in.is_some(),
            star_key: signed_in.as_ref().map(ToString::to_string).or_else(browser),
            person: signed_in.or_else(said),
            recent: cookie("recent").map(|text| parse_recent(&text)).unwrap_or_default(),
            now: app.now(),
            stale_since: app.live().stale_since().map(|at| Moment { at, now: app.now() }),
            // Strangers are not told, and what was posted cannot be looked at again.
            first_reading: actor.filter(|_| parts.method.is_safe()).and_then(|_| app.workshop().first_reading()),
        }
        .at(parts.extensions.get::<Looking>())
    }

    /// Says that the page shows the past.
    pub(super) fn at(mut self, looking: Option<&Looking>) -> Self {
        self.past = looking.map(|looking| Band::new(looking, &self.here_now(), self.now));
        self
    }

    /// The address of the page as it is now.
    pub(crate) fn here_now(&self) -> String {
        let here = past::address_without_at(&self.here);
        if urls::is_local(&here) { here } else { "/".to_owned() }
    }

    /// Moments that are often asked for: a label, and this page then.
    pub(crate) fn ways_back(&self) -> impl Iterator<Item = (&'static str, String)> {
        let here = self.here_now();
        let ways = [("An hour ago", "-1h"), ("A day ago", "-1d"), ("A week ago", "-7d")];
        ways.into_iter().map(move |(label, at)| (label, past::keep_in_address(&here, at)))
    }

    /// The rail, part by part. What is about the portal itself is never shown as it was.
    pub(crate) fn rail(&self) -> impl Iterator<Item = (RailPart, impl Iterator<Item = &'static NavItem>)> {
        RailPart::ALL.into_iter().map(|part| (part, NAV.iter().filter(move |item| item.part == part)))
    }

    /// What a cookie of recently opened pages says after this page was opened.
    pub(crate) fn recent_with(&self, entity_ref: &EntityRef) -> String {
        let others = self.recent.iter().filter(|other| *other != entity_ref);
        let all: Vec<String> = std::iter::once(entity_ref).chain(others).take(MOST_RECENT).map(encode_ref).collect();
        all.join("|")
    }
}

/// How many recently opened pages are remembered.
const MOST_RECENT: usize = 12;

fn encode_ref(entity_ref: &EntityRef) -> String {
    percent_encoding::utf8_percent_encode(entity_ref.as_str(), percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn parse_recent(text: &str) -> Vec<EntityRef> {
    text.split('|').filter_map(|part| EntityRef::parse(part).ok()).take(MOST_RECENT).collect()
}

/// Reads one cookie, percent-decoded.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lists = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lists.flat_map(|list| list.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    Some(percent_encoding::percent_decode_str(value).decode_utf8().ok()?.into_owned())
}

/// Writes one cookie that scripts and pages of this server share, for a year. `value` must be percent-encoded.
pub(crate) fn set_cookie(name: &str, value: &str) -> header::HeaderValue {
    let text = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
    header::HeaderValue::from_str(&text).expect("names are ours and values are percent-encoded")
}

impl<S> FromRequestParts<S> for Frame
where
    S: Send + Sync,
    App: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let app = App::from_ref(state);
        let actor = parts.extensions.get::<Caller>().map(|Caller(actor)| actor.clone());
        Ok(Self::new(&app, actor.as_deref(), parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, header::HeaderValue::from_str(cookies).unwrap())])
    }

    #[test]
    fn reads_cookies_whatever_stands_around_them() {
        let headers = headers("a=1; theme=dark;recent=component%3Adefault%2Fx");
        assert_eq!(cookie(&headers, "theme").as_deref(), Some("dark"));
        assert_eq!(cookie(&headers, "recent").as_deref(), Some("component:default/x"));
        assert_eq!(cookie(&headers, "heme"), None);
    }

    #[test]
    fn recent_pages_are_read_as_they_were_written() {
        let refs: Vec<_> = (0..20).map(|n| EntityRef::new("api", "default", &format!("n{n}"))).collect();
        let text = refs.iter().map(encode_ref).collect::<Vec<_>>().join("|");
        let read = parse_recent(&cookie(&headers(&format!("recent={text}")), "recent").unwrap());
        assert_eq!(read, refs[..MOST_RECENT]);
    }
}
