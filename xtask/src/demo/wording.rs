//! Turns names and subjects into descriptions, and words into their other forms.

use super::{
    dice::Dice,
    sentences::Role,
    vocabulary::{Domain, System},
};

/// `SizeChart` becomes `size chart`.
pub(super) fn spaced(camel: &str) -> String {
    kebab(camel).replace('-', " ")
}

/// `SizeChart` becomes `size-chart`.
pub(super) fn kebab(camel: &str) -> String {
    let mut out = String::new();
    for c in camel.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// `put-away` becomes `PutAway`.
pub(super) fn camel(kebab: &str) -> String {
    kebab.split('-').map(capitalised).collect()
}

/// Puts a noun into the plural.
pub(super) fn plural(noun: &str) -> String {
    if let Some(stem) = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        format!("{stem}ies")
    } else if noun.ends_with(['s', 'x']) || noun.ends_with("ch") || noun.ends_with("sh") {
        format!("{noun}es")
    } else {
        format!("{noun}s")
    }
}

/// Makes the first letter a capital.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Says what a system is.
pub(super) fn describe_system(domain: &Domain, system: &System) -> String {
    let mut dice = Dice::new(&format!("{}/system", system.name));
    let first = format!("{}.", capitalised(&system.subject));
    if dice.chance(18) { format!("{first} {}", fact(domain, &mut dice)) } else { first }
}

/// Says what a component does, or what a resource or an API is for.
pub(super) fn describe(role: Role, domain: &Domain, system: &System, name: &str) -> String {
    let mut dice = Dice::new(&format!("{name}/{role:?}"));
    let shapes = if is_question(&system.subject) && !role.question_shapes().is_empty() {
        role.question_shapes()
    } else {
        role.shapes()
    };
    let sentence = dice
        .pick(shapes)
        .replace("{Subject}", &capitalised(&system.subject))
        .replace("{subject}", &system.subject)
        .replace("{things}", &plural(&spaced(&system.noun)))
        .replace("{thing}", &spaced(&system.noun))
        .replace("{Title}", &system.title)
        .replace("{domain}", &domain.title);
    if role.takes_fact() && dice.chance(38) { format!("{sentence} {}", fact(domain, &mut dice)) } else { sentence }
}

fn fact(domain: &Domain, dice: &mut Dice) -> String {
    domain.facts[dice.below(domain.facts.len())].clone()
}

/// Indirect questions ("who still needs access") do not fit where a noun phrase does.
fn is_question(subject: &str) -> bool {
    let first = subject.split([' ', ',']).next().unwrap_or_default();
    matches!(first, "which" | "who" | "how" | "what" | "why" | "when" | "whether" | "where" | "until")
        || subject.contains("\",")
        || subject.contains(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_bend() {
        assert_eq!(kebab("SizeChart"), "size-chart");
        assert_eq!(spaced("EInvoice"), "e invoice");
        assert_eq!(camel("put-away"), "PutAway");
        assert_eq!(plural("Category"), "Categories");
        assert_eq!(plural("Survey"), "Surveys");
        assert_eq!(plural("Branch"), "Branches");
        assert_eq!(plural("Address"), "Addresses");
    }
}
