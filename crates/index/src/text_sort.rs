//! Sorting by texts that lie scattered over much memory.

use std::{borrow::Cow, cmp::Ordering};

/// Sorts numbers by the texts that they stand for, byte by byte; `ties` decides between equal texts.
///
/// Texts lie scattered over gigabytes, so each is read once per 16 bytes instead of once per comparison: sort by the first 16
/// bytes, then each run of equals by the next 16.
pub(crate) fn sort_by_text<'t>(
    items: &mut [u32],
    text: impl Fn(u32) -> Cow<'t, str> + Copy,
    ties: impl Fn(u32, u32) -> Ordering + Copy,
) {
    sort_from(items, text, ties, 0);
}

fn sort_from<'t>(
    items: &mut [u32],
    text: impl Fn(u32) -> Cow<'t, str> + Copy,
    ties: impl Fn(u32, u32) -> Ordering + Copy,
    depth: usize,
) {
    const STEP: usize = 16;
    if items.len() < 24 {
        items.sort_unstable_by(|a, b| text(*a).cmp(&text(*b)).then_with(|| ties(*a, *b)));
        return;
    }
    let mut keyed: Vec<(u128, u8, u32)> = items
        .iter()
        .map(|item| {
            let text = text(*item);
            let rest = text.as_bytes().get(depth..).unwrap_or_default();
            let mut window = [0; STEP];
            let taken = rest.len().min(STEP);
            window[..taken].copy_from_slice(&rest[..taken]);
            // The length tells a text that ends here from one that goes on with zero bytes or further.
            (u128::from_be_bytes(window), rest.len().min(STEP + 1) as u8, *item)
        })
        .collect();
    keyed.sort_unstable();
    for (slot, (_, _, item)) in items.iter_mut().zip(&keyed) {
        *slot = *item;
    }
    let mut start = 0;
    while start < keyed.len() {
        let (window, taken, _) = keyed[start];
        let run = keyed[start..].iter().take_while(|k| (k.0, k.1) == (window, taken)).count();
        if run > 1 {
            let equals = &mut items[start..start + run];
            if usize::from(taken) > STEP {
                sort_from(equals, text, ties, depth + STEP);
            } else {
                equals.sort_unstable_by(|a, b| ties(*a, *b));
            }
        }
        start += run;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_texts_as_byte_strings() {
        let mut texts: Vec<String> = vec![String::new(), "a".into(), "a\0".into(), "a\0\0".into()];
        for i in 0..200u32 {
            texts.push(format!("component:default/service-{}", i * 7919 % 200));
            texts.push("x".repeat((i % 50) as usize));
            texts.push(format!("{}{}", "y".repeat(16), i % 3));
        }
        let mut items: Vec<u32> = (0..texts.len() as u32).rev().collect();
        let text = |item: u32| Cow::Borrowed(texts[item as usize].as_str());
        sort_by_text(&mut items, text, |a, b| a.cmp(&b));
        let mut want: Vec<u32> = (0..texts.len() as u32).collect();
        want.sort_by_key(|item| (texts[*item as usize].as_str(), *item));
        assert_eq!(items, want);
    }
}
