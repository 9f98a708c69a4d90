//! What the file shows where scripts do not run: what it is, and who can be reached how.

use std::collections::HashMap;

use crate::{
    gather::{Entity, Gathered, is_safe},
    page::escape,
};

/// Purposes of links by which people are reached.
const CONTACT: [&str; 2] = ["On call", "Chat"];
/// How many people of a team are named.
const MOST_PEOPLE: usize = 12;

/// Writes the table of teams and contacts.
pub(crate) fn render_table(gathered: &Gathered) -> String {
    let mut members: HashMap<u32, Vec<&Entity>> = HashMap::new();
    for (person, team) in gathered.edges.get("memberOf").into_iter().flatten() {
        if let Some(person) = gathered.entities.get(*person as usize) {
            members.entry(*team).or_default().push(person);
        }
    }
    let mut html = String::new();
    html.push_str(
        "<table><caption>Teams</caption><thead><tr><th scope=\"col\">Team</th><th scope=\"col\">Contact</th>",
    );
    html.push_str("<th scope=\"col\">People</th></tr></thead><tbody>\n");
    for (number, team) in (0..).zip(&gathered.entities) {
        if team.entity_ref.kind() == "group" {
            push_team(&mut html, team, members.get(&number).map_or(&[], Vec::as_slice));
        }
    }
    html.push_str("</tbody></table>\n");
    html
}

fn push_team(html: &mut String, team: &Entity, people: &[&Entity]) {
    html.push_str(&format!("<tr><th scope=\"row\">{}</th><td>", escape(shown(team))));
    let mut contacts: Vec<String> = Vec::new();
    if !team.mail.is_empty() {
        contacts.push(mail(&team.mail));
    }
    for link in team.links.iter().filter(|link| CONTACT.contains(&link.purpose.as_str())) {
        let label = escape(&link.label);
        contacts.push(match &link.href {
            Some(href) if is_safe(href) => format!("<a href=\"{}\" rel=\"noreferrer\">{label}</a>", escape(href)),
            _ => format!("{label} {}", escape(link.value.as_deref().unwrap_or_default())),
        });
    }
    html.push_str(&contacts.join(", "));
    html.push_str("</td><td>");
    let named = people.iter().take(MOST_PEOPLE).map(|person| escape(shown(person)));
    html.push_str(&named.collect::<Vec<_>>().join(", "));
    if people.len() > MOST_PEOPLE {
        html.push_str(&format!(" and {} more", people.len() - MOST_PEOPLE));
    }
    html.push_str("</td></tr>\n");
}

fn shown(entity: &Entity) -> &str {
    if entity.title.is_empty() { &entity.name } else { &entity.title }
}

/// An address of mail as a link, or as text when it could be anything else.
fn mail(address: &str) -> String {
    let escaped = escape(address);
    let is_plain = address.contains('@') && address.chars().all(|c| c.is_ascii_alphanumeric() || "@.+-_'".contains(c));
    if is_plain { format!("<a href=\"mailto:{escaped}\">{escaped}</a>") } else { escaped }
}
