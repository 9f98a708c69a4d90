//! What a store promises, written once and held against both databases. After every test the whole history is checked.

mod call_sheets;
mod claims;
mod events;
mod files;
mod history;
mod others;
mod problem_counts;
mod roots;
mod sick;
mod standby;
mod stars;
mod webhooks;
mod world;

/// Makes a test of each function on each database.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    let mut world = crate::world::World::sqlite().await;
                    super::$name(&mut world).await;
                    world.check_history().await;
                }
            )*
        }
        mod postgres {
            $(
                #[tokio::test]
                async fn $name() {
                    let Some(mut world) = crate::world::World::postgres().await else { return };
                    super::$name(&mut world).await;
                    world.check_history().await;
                }
            )*
        }
    };
}
pub(crate) use on_both;
