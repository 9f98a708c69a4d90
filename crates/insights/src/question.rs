//! What is asked.

use model::EntityRef;

/// What is wrong with an entity, from bad to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It answers late.
    Slow,
    /// It does a part of what it should.
    Degraded,
    /// It does nothing.
    Down,
}

impl State {
    /// All of them, worst first.
    pub const ALL: [Self; 3] = [Self::Down, Self::Degraded, Self::Slow];

    /// Parses the word that [`State::word`] gives.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == text)
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }
}

/// Something that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The entity.
    pub entity_ref: EntityRef,
    /// How it fails.
    pub state: State,
}

/// What else is hit when these fail?
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// What fails.
    pub roots: Vec<Root>,
    /// How many edges to follow; `None` follows all.
    pub depth: Option<u32>,
}
