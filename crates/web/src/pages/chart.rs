//! Lines over time as a picture, with the same numbers as a table below. The words stand outside of the picture, so that it
//! can take any width without becoming hard to read.

use std::fmt::Write as _;

use askama::{Template, filters::HtmlSafe};
use model::Timestamp;

use super::moment::Moment;

/// The picture's inner size; it is stretched to the width of its frame.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;
/// How many rows the table has at most.
const MOST_ROWS: usize = 60;

/// Numbers over time.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/chart.html")]
pub(crate) struct Chart {
    /// Unique on the page.
    pub(crate) id: String,
    pub(crate) title: String,
    /// The names of the lines, each with a class for its form: `error`, `warning`, `info`.
    pub(crate) lines: Vec<(&'static str, &'static str)>,
    /// Moments, oldest first, each with a number for each line.
    pub(crate) points: Vec<(Timestamp, Vec<u64>)>,
    /// The right end: the last numbers hold until then.
    pub(crate) now: Timestamp,
}

impl Chart {
    fn highest(&self) -> u64 {
        self.points.iter().flat_map(|(_, numbers)| numbers).copied().max().unwrap_or_default()
    }

    fn from(&self) -> Moment {
        self.moment(self.points.first().map_or(self.now, |(at, _)| *at))
    }

    fn moment(&self, at: Timestamp) -> Moment {
        Moment { at, now: self.now }
    }

    /// The newest number of a line.
    fn newest(&self, line: &usize) -> u64 {
        self.points.last().map_or(0, |(_, numbers)| numbers[*line])
    }

    /// The path of a line: a number holds until the next one is counted.
    fn path(&self, line: &usize) -> String {
        let start = self.points.first().map_or(0, |(at, _)| at.0);
        let span = self.now.0.saturating_sub(start).max(1) as f64;
        let top = self.highest().max(1) as f64;
        let x = |at: Timestamp| (at.0 - start) as f64 / span * WIDTH;
        let y = |number: u64| HEIGHT - number as f64 / top * HEIGHT;
        let mut path = String::new();
        for (at, numbers) in &self.points {
            let (x, y) = (x(*at), y(numbers[*line]));
            // Writing to a String cannot fail.
            let _written =
                if path.is_empty() { write!(path, "M{x:.1} {y:.1}") } else { write!(path, "H{x:.1}V{y:.1}") };
        }
        if !path.is_empty() {
            let _written = write!(path, "H{WIDTH:.1}");
        }
        path
    }

    /// The rows of the table, newest first, those in between left out when there are too many.
    fn rows(&self) -> Vec<(Moment, &[u64])> {
        let step = self.points.len().div_ceil(MOST_ROWS).max(1);
        let newest_first = self.points.iter().rev().step_by(step);
        newest_first.map(|(at, numbers)| (self.moment(*at), numbers.as_slice())).collect()
    }

    /// What the picture says, for those who cannot see it.
    fn words(&self) -> String {
        let line = |(at, (name, _)): (usize, &(&str, &str))| {
            let first = self.points.first().map_or(0, |(_, numbers)| numbers[at]);
            format!("{name} from {first} to {}", self.newest(&at))
        };
        let lines: Vec<String> = self.lines.iter().enumerate().map(line).collect();
        format!("{}: {}", self.title, lines.join(", "))
    }
}

impl HtmlSafe for Chart {}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: &[(i64, u64)], now: i64) -> Chart {
        Chart {
            id: "c".to_owned(),
            title: "Errors".to_owned(),
            lines: vec![("errors", "error")],
            points: points.iter().map(|(at, n)| (Timestamp(*at), vec![*n])).collect(),
            now: Timestamp(now),
        }
    }

    #[test]
    fn a_number_holds_until_the_next_one() {
        assert_eq!(chart(&[(0, 4), (50, 2)], 100).path(&0), "M0.0 0.0H500.0V50.0H1000.0");
        assert_eq!(chart(&[(7, 0)], 7).path(&0), "M0.0 100.0H1000.0", "one moment, and nothing wrong");
        assert_eq!(chart(&[], 7).path(&0), "");
    }

    #[test]
    fn the_table_stays_short_and_starts_with_the_newest() {
        let points: Vec<_> = (0..500).map(|n| (n, n as u64)).collect();
        let chart = chart(&points, 500);
        let rows = chart.rows();
        assert!(rows.len() <= MOST_ROWS);
        assert_eq!(rows[0].1, [499]);
        assert_eq!(chart.words(), "Errors: errors from 0 to 499");
    }
}
