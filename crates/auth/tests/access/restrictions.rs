//! `accessRestrictions`: every permission, allowed and denied.

use auth::{Decision, GateError, Permission, permissions};

use crate::world::{World, closed, restriction, service};

#[tokio::test]
async fn each_permission_is_allowed_by_itself_and_by_nothing_else() {
    let world = World::new(closed()).await;
    let access = &world.door.access;
    for granted in permissions() {
        let actor = service(vec![restriction(granted.plugin, &[granted.name], &[])]);
        for asked in permissions() {
            let want = if asked.name == granted.name { Decision::Allow } else { Decision::Deny };
            assert_eq!(access.decide(&actor, &asked.into()), want, "{} with {}", asked.name, granted.name);
            assert_eq!(access.require(&actor, asked.name).is_ok(), want == Decision::Allow);
        }
    }
}

#[tokio::test]
async fn actions_and_permissions_of_one_line_must_both_fit_and_lines_add_up() {
    let world = World::new(closed()).await;
    let allows = |restrictions: Vec<_>, name: &str| {
        world.door.access.decide(&service(restrictions), &Permission::named(name, None)) == Decision::Allow
    };
    let read = || restriction("catalog", &[], &["read"]);
    assert!(allows(vec![read()], "catalog.entity.read"));
    assert!(allows(vec![read()], "catalog.location.read"));
    assert!(!allows(vec![read()], "catalog.location.create"));
    assert!(
        !allows(vec![read()], "catalog.entity.validate"),
        "a permission without an action fits no line with actions"
    );
    assert!(!allows(vec![restriction("catalog", &["catalog.entity.delete"], &["read"])], "catalog.entity.delete"));
    assert!(allows(vec![read(), restriction("catalog", &["catalog.entity.delete"], &[])], "catalog.entity.delete"));
    assert!(allows(vec![restriction("catalog", &[], &[])], "catalog.location.delete"));
    assert!(!allows(vec![restriction("scaffolder", &[], &[])], "catalog.entity.read"));
    assert!(
        allows(vec![restriction("scaffolder", &[], &[])], "scaffolder.task.create"),
        "unknown ones by their first word"
    );
    assert!(allows(Vec::new(), "catalog.location.delete"));
}

#[tokio::test]
async fn a_token_of_other_plugins_is_refused_in_backstages_words() {
    let world = World::new(closed()).await;
    let actor = service(vec![
        restriction("scaffolder", &[], &[]),
        restriction("scaffolder", &["scaffolder.task.read"], &[]),
        restriction("search", &[], &[]),
    ]);
    let refused = world.door.access.check_plugin(&actor, "catalog").unwrap_err();
    assert!(matches!(refused, GateError::NotAllowed(_)));
    assert_eq!(refused.to_string(), "This token's access is restricted to plugin(s) 'scaffolder', 'search'");
    assert!(world.door.access.check_plugin(&actor, "search").is_ok());
    assert!(world.door.access.check_plugin(&service(Vec::new()), "catalog").is_ok());
}

#[tokio::test]
async fn without_the_read_permission_nothing_is_visible() {
    let world = World::new(closed()).await;
    let visibility = |restrictions| world.door.access.visibility(&service(restrictions));
    assert_eq!(visibility(Vec::new()), index::Visibility::Everything);
    assert_eq!(visibility(vec![restriction("catalog", &["catalog.location.read"], &[])]), index::Visibility::Nothing);
    assert_eq!(world.door.access.visibility(&auth::Actor::Anyone), index::Visibility::Everything);
}
