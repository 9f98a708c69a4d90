//! Chance that always falls the same way: every draw depends only on the name it is drawn for.

/// A sequence of numbers seeded with a text (FNV-1a into SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: &str) -> Self {
        let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(seed.bytes().fold(0xcbf2_9ce4_8422_2325, fnv))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number from 0 to `bound - 1`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("it is below a usize")
    }

    /// Says yes in `percent` of a hundred draws.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// Draws up to `count` different items, in their original order.
    pub(super) fn pick_some<'a>(&mut self, from: &'a [String], count: usize) -> Vec<&'a str> {
        let mut chosen = vec![false; from.len()];
        for _ in 0..count.min(from.len()) {
            chosen[self.below(from.len())] = true;
        }
        from.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(item, _)| item.as_str()).collect()
    }

    /// Returns `length` characters of the upper-case alphabet that on-call tools use for ids.
    pub(super) fn code(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
        (0..length).map(|_| char::from(LETTERS[self.below(LETTERS.len())])).collect()
    }
}
