//! Invented people: given and family names of many origins, put together by chance.

use std::collections::HashSet;

use super::{
    dice::Dice,
    yaml::{Document, Value},
};

const GIVEN: [&str; 72] = [
    "Abeni", "Adwoa", "Aiko", "Alba", "Amara", "Anouk", "Arjun", "Asel", "Astrid", "Ayumi", "Bao", "Beata", "Bilal",
    "Bruna", "Carys", "Chidi", "Cosmin", "Dalia", "Davor", "Eilidh", "Elif", "Emeka", "Enzo", "Farida", "Femke",
    "Fintan", "Goran", "Hana", "Hedda", "Hinemoa", "Ibrahim", "Ilse", "Imani", "Ines", "Isak", "Jaya", "Jiho", "Joris",
    "Kaito", "Kamala", "Katya", "Kofi", "Lale", "Leilani", "Linh", "Lubna", "Maarten", "Mahsa", "Malin", "Mateus",
    "Meera", "Milosz", "Nadia", "Nils", "Noor", "Oisin", "Oksana", "Paloma", "Priya", "Quyen", "Rafa", "Ravi",
    "Saoirse", "Signe", "Soren", "Tamar", "Thandi", "Tomasz", "Ulla", "Wanjiru", "Yusuf", "Zofia",
];

const FAMILY: [&str; 80] = [
    "Abbotsleigh",
    "Adeyinka-Moor",
    "Almerund",
    "Anttikoski",
    "Arrowfen",
    "Baltazarian",
    "Barrowdell",
    "Bereketov",
    "Birkenholt",
    "Blaurock",
    "Brandywell",
    "Cairnbury",
    "Castelmoro",
    "Chandravel",
    "Cloverdine",
    "Dagfinson",
    "Delacorva",
    "Dimitrescan",
    "Dragomire",
    "Eastermill",
    "Echeverral",
    "Eldingford",
    "Emberlin",
    "Fairwether",
    "Falkenrath",
    "Feijoral",
    "Fernandesco",
    "Garbowska",
    "Goldamer",
    "Grunwaldo",
    "Gyasiwa",
    "Hakarangi",
    "Halvorsund",
    "Hasegamori",
    "Hollowind",
    "Iyengard",
    "Jablonek",
    "Jalalpur",
    "Kalinde",
    "Karatepe",
    "Kimballa",
    "Kobayara",
    "Kowalenka",
    "Lacewing",
    "Larsmoen",
    "Lindqvale",
    "Lopezuela",
    "Macintarn",
    "Mbekwa",
    "Mirandella",
    "Moonahan",
    "Morikane",
    "Nakamuro",
    "Nguyendo",
    "Nieuwdorp",
    "Novaksen",
    "Obiageli-Rowe",
    "Okonjara",
    "Oyelarin",
    "Paczkowiak",
    "Pellegrano",
    "Petrovanu",
    "Quintarel",
    "Rasmuthen",
    "Rautalampi",
    "Rosenquill",
    "Sarafyan",
    "Silverthread",
    "Strandgaard",
    "Takahoshi",
    "Tamblyne",
    "Thistlewood",
    "Uribarra",
    "Vandermeulen-Oak",
    "Vasconia",
    "Wachirani",
    "Wexcombe",
    "Yamazuki",
    "Zelenkova",
    "Zubirango",
];

const ROLES: [&str; 14] = [
    "Engineer",
    "Engineer",
    "Engineer",
    "Senior engineer",
    "Senior engineer",
    "Staff engineer",
    "Product manager",
    "Designer",
    "Data scientist",
    "Quality engineer",
    "Engineering manager",
    "Analyst",
    "Site reliability engineer",
    "Apprentice",
];

/// Makes the people at the head of a group.
pub(super) fn heads(group: &str, count: usize, taken: &mut HashSet<String>) -> impl Iterator<Item = Document> {
    let heads: Vec<Document> = (0..count)
        .map(|number| {
            let mut dice = Dice::new(&format!("{group}/head/{number}"));
            let role = dice.pick(&["Director", "Head of engineering", "Head of product", "Vice president"]);
            person(&mut dice, role, vec![group.to_owned()], taken)
        })
        .collect();
    heads.into_iter()
}

/// Makes the members of a team; the first one leads it and belongs to the tribe too.
pub(super) fn members(
    team: &str,
    tribe: &str,
    count: usize,
    taken: &mut HashSet<String>,
) -> impl Iterator<Item = Document> {
    let members: Vec<Document> = (0..count)
        .map(|number| {
            let mut dice = Dice::new(&format!("{team}/member/{number}"));
            let (role, groups) = match number {
                0 => ("Team lead", vec![team.to_owned(), tribe.to_owned()]),
                _ => (dice.pick(&ROLES), vec![team.to_owned()]),
            };
            person(&mut dice, role, groups, taken)
        })
        .collect();
    members.into_iter()
}

fn person(dice: &mut Dice, role: &str, groups: Vec<String>, taken: &mut HashSet<String>) -> Document {
    let (given, family) = std::iter::repeat_with(|| (dice.pick(&GIVEN), dice.pick(&FAMILY)))
        .find(|(given, family)| taken.insert(format!("{given} {family}")))
        .expect("there are ten times as many names as people");
    let name = format!("{given}.{family}").to_lowercase();
    let full = format!("{given} {family}");
    let mut document =
        Document { kind: "User", name: name.clone(), description: role.to_owned(), ..Document::default() };
    if dice.chance(60) {
        document.annotations.push(("github.com/user-login", name.replace('.', "-")));
    }
    let email = format!("{name}@larkhem.example");
    document.spec.push(("profile", Value::Map(vec![("displayName", full), ("email", email)])));
    document.spec.push(("memberOf", Value::List(groups)));
    document
}
