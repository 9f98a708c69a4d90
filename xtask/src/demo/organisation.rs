//! The company as groups and people: divisions, tribes (one for each domain), teams, and who is in them.

use std::collections::{BTreeMap, HashSet};

use super::{
    GENERATED,
    dice::Dice,
    people,
    vocabulary::{Domain, Team},
    yaml::{Document, Link, Value, render_file},
};

/// A division of the company.
struct Division {
    name: &'static str,
    title: &'static str,
    mission: &'static str,
}

const DIVISIONS: [Division; 6] = [
    Division {
        name: "customer-experience",
        title: "Customer Experience",
        mission: "Everything that a shopper sees, finds, reads and is offered",
    },
    Division {
        name: "commerce",
        title: "Commerce",
        mission: "What we sell, to whom, for how much, and how it is paid",
    },
    Division {
        name: "supply-chain",
        title: "Supply Chain",
        mission: "Goods on their way in, through and out, and back again",
    },
    Division { name: "corporate", title: "Corporate Services", mission: "Care, finance, people and the offices" },
    Division {
        name: "data-and-ai",
        title: "Data and AI",
        mission: "Facts and models that the other divisions can trust",
    },
    Division { name: "technology", title: "Technology", mission: "The platforms under everything else" },
];

const SITES: [&str; 7] = ["leipzig", "rotterdam", "lisbon", "lodz", "malmo", "ghent", "remote"];

/// Writes the files below `org/`, by path.
pub(super) fn render(domains: &[Domain], systems_of_team: &BTreeMap<String, usize>) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut names = HashSet::new();

    let divisions: Vec<String> = DIVISIONS.iter().map(|division| division.name.to_owned()).collect();
    let mut company = group(
        "larkhem",
        "Larkhem",
        "Fashion for nine markets, from a converted spinning mill.",
        "company",
        None,
        divisions,
    );
    company.links.push(Link::new("https://intranet.larkhem.example".into(), "Intranet", "web", "website"));
    let mut board = vec![company];
    board.extend(people::heads("larkhem", 5, &mut names));
    files.insert("org/company.yaml".to_owned(), render_file(GENERATED, &board));

    for division in &DIVISIONS {
        let own: Vec<&Domain> = domains.iter().filter(|domain| domain.division == division.name).collect();
        let tribes = own.iter().map(|domain| tribe_name(domain)).collect();
        let mut documents =
            vec![group(division.name, division.title, division.mission, "division", Some("larkhem"), tribes)];
        for domain in &own {
            documents.push(tribe(domain));
            documents.extend(domain.teams.iter().map(|team| team_group(domain, team)));
        }
        files.insert(format!("org/groups-{}.yaml", division.name), render_file(GENERATED, &documents));
        let heads: Vec<Document> = people::heads(division.name, 2, &mut names).collect();
        files.insert(format!("org/people-{}.yaml", division.name), render_file(GENERATED, &heads));
    }
    for domain in domains {
        let tribe = tribe_name(domain);
        let mut documents: Vec<Document> = people::heads(&tribe, 1, &mut names).collect();
        for team in &domain.teams {
            let size = team_size(&team.name, systems_of_team.get(&team.name).copied().unwrap_or(0));
            documents.extend(people::members(&team.name, &tribe, size, &mut names));
        }
        files.insert(format!("org/people-{tribe}.yaml"), render_file(GENERATED, &documents));
    }
    files
}

/// Teams with well-known systems are larger; the long tail has two or three people.
fn team_size(team: &str, systems: usize) -> usize {
    let mut dice = Dice::new(&format!("{team}/size"));
    match systems {
        0 | 1 => 2 + dice.below(2),
        2 | 3 => 3 + dice.below(3),
        _ => 4 + dice.below(4),
    }
}

/// Returns the name of the group that looks after a domain.
pub(super) fn tribe_name(domain: &Domain) -> String {
    format!("{}-tribe", domain.name)
}

fn group(
    name: &str,
    title: &str,
    mission: &str,
    kind: &'static str,
    parent: Option<&str>,
    children: Vec<String>,
) -> Document {
    let mut document = Document {
        kind: "Group",
        name: name.to_owned(),
        title: title.to_owned(),
        description: mission.to_owned(),
        ..Document::default()
    };
    document.text("type", kind);
    let email = format!("{name}@larkhem.example");
    document.spec.push(("profile", Value::Map(vec![("displayName", title.to_owned()), ("email", email)])));
    if let Some(parent) = parent {
        document.text("parent", parent);
    }
    document.spec.push(("children", Value::List(children)));
    document
}

fn tribe(domain: &Domain) -> Document {
    let teams = domain.teams.iter().map(|team| team.name.clone()).collect();
    let mission = format!("The people behind the domain {}.", domain.title);
    let mut document = group(
        &tribe_name(domain),
        &format!("{} Tribe", domain.title),
        &mission,
        "tribe",
        Some(&domain.division),
        teams,
    );
    document.links.push(Link::new(
        format!("https://wiki.larkhem.example/tribes/{}", domain.name),
        "Goals and calendar",
        "docs",
        "wiki",
    ));
    document
}

fn team_group(domain: &Domain, team: &Team) -> Document {
    let mut dice = Dice::new(&format!("{}/group", team.name));
    let mut document = group(&team.name, &team.title, &team.mission, "team", Some(&tribe_name(domain)), Vec::new());
    document.labels.push(("larkhem.example/site", dice.pick(&SITES).to_owned()));
    document.annotations.push(("github.com/team-slug", format!("larkhem/{}", team.name)));
    if domain.division == "supply-chain" {
        document.annotations.push(("opsgenie.com/team", team.name.clone()));
    }
    let chat = format!("https://chat.larkhem.example/channels/team-{}", team.name);
    document.links.push(Link::new(chat, &format!("#team-{}", team.name), "chat", "chat"));
    if dice.chance(70) {
        let rota = format!("https://oncall.larkhem.example/rotas/{}", team.name);
        document.links.push(Link::new(rota, "On-call rota", "alert", "on-call"));
    }
    if dice.chance(45) {
        let board = format!("https://jira.larkhem.example/boards/{}", team.name);
        document.links.push(Link::new(board, "Board", "dashboard", "board"));
    }
    document
}
