//! Charts as plain data for a template to draw: where each mark stands, what each axis says, and
//! the same numbers as a table. Knows no colours: classes name the series, and the style sheet has
//! a colour and a pattern for each, in light and dark. That is why no crate draws them: plotters writes
//! its colours into every mark, poloto a style element that our pages' policy forbids, and charming
//! runs a script.

use jiff::civil::Date;
use serde::Serialize;

use super::today::{many, spaced};
use super::view::encoded;

/// The picture's size, and where its axes stand.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 74.0;
const RIGHT: f64 = 752.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 206.0;

/// How a chart shows its series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A line each.
    Lines,
    /// A bar a day, the series on top of each other.
    Bars,
}

/// Numbers of one kind, one a day; none: not known.
#[derive(Clone, Debug)]
pub(super) struct Series {
    name: String,
    values: Vec<Option<i64>>,
}

impl Series {
    pub(super) fn new(name: &str, values: Vec<Option<i64>>) -> Self {
        Self { name: name.to_owned(), values }
    }
}

/// A chart to be drawn.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Chart {
    /// Names it within the page.
    id: &'static str,
    title: &'static str,
    /// Whether it has bars, and not lines.
    bars: bool,
    /// What it shows, in a sentence, for who does not see it.
    told: String,
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    bottom: f64,
    /// The lines across, with their labels.
    levels: Vec<Mark>,
    /// The days named below.
    dates: Vec<Mark>,
    drawn: Vec<Drawn>,
    /// Day and numbers, the newest first.
    rows: Vec<(String, Vec<String>)>,
    /// Whether there is anything to see.
    empty: bool,
}

/// A place on an axis.
#[derive(Clone, Debug, Serialize)]
struct Mark {
    at: f64,
    words: String,
}

/// One series as drawn.
#[derive(Clone, Debug, Serialize)]
struct Drawn {
    name: String,
    /// From 1.
    number: usize,
    /// Of a line: the way of the pen, in SVG's words.
    path: String,
    /// A day alone between days that are not known has no line: a dot.
    dots: Vec<(f64, f64)>,
    bars: Vec<Bar>,
}

#[derive(Clone, Debug, Serialize)]
struct Bar {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Chart {
    pub(super) fn new(
        id: &'static str,
        title: &'static str,
        kind: Kind,
        days: &[Date],
        series: Vec<Series>,
    ) -> Self {
        let most = match kind {
            Kind::Lines => series.iter().flat_map(|one| one.values.iter().flatten()).max().copied(),
            Kind::Bars => (0..days.len())
                .map(|at| series.iter().filter_map(|one| one.values.get(at).copied()?).sum())
                .max(),
        };
        let most = most.unwrap_or(0);
        let step = nice_step(most);
        let top = (most.max(1) + step - 1) / step * step;
        let y = |value: i64| round(BOTTOM - (BOTTOM - TOP) * value as f64 / top as f64);
        let levels =
            (0..=top / step).map(|n| Mark { at: y(n * step), words: short(n * step) }).collect();
        let slot = (RIGHT - LEFT) / days.len().max(1) as f64;
        let mut base = vec![0_i64; days.len()];
        let drawn = series.iter().enumerate().map(|(at, one)| {
            let middle = |day: usize| round(LEFT + slot * (day as f64 + 0.5));
            let mut drawn = Drawn {
                name: one.name.clone(),
                number: at + 1,
                path: String::new(),
                dots: Vec::new(),
                bars: Vec::new(),
            };
            match kind {
                Kind::Lines => line(&mut drawn, &one.values, middle, y),
                Kind::Bars => {
                    let width = round((slot * 0.72).max(0.6));
                    for (day, value) in one.values.iter().enumerate() {
                        let value = value.unwrap_or(0);
                        let Some(below) = base.get_mut(day).filter(|_| value > 0) else { continue };
                        let (low, high) = (y(*below), y(*below + value));
                        *below += value;
                        let height = round((low - high).max(0.5));
                        let x = round(middle(day) - width / 2.0);
                        drawn.bars.push(Bar { x, y: high, width, height });
                    }
                }
            }
            drawn
        });
        let drawn = drawn.collect();
        let rows = days.iter().enumerate().rev().map(|(at, day)| {
            let number = |one: &Series| match one.values.get(at).copied().flatten() {
                Some(value) => spaced(value),
                None => "–".to_owned(),
            };
            (day.to_string(), series.iter().map(number).collect())
        });
        Self {
            id,
            title,
            bars: kind == Kind::Bars,
            told: told(days, &series),
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            right: RIGHT,
            bottom: BOTTOM,
            levels,
            dates: dates(days, slot),
            drawn,
            rows: rows.collect(),
            empty: most == 0,
        }
    }
}

/// A line through the known days; it breaks where one is not known.
fn line(
    drawn: &mut Drawn,
    values: &[Option<i64>],
    x: impl Fn(usize) -> f64,
    y: impl Fn(i64) -> f64,
) {
    let known = |at: usize| values.get(at).is_some_and(Option::is_some);
    for (at, value) in values.iter().enumerate() {
        let Some(value) = value else { continue };
        let before = at > 0 && known(at - 1);
        if !before && !known(at + 1) {
            drawn.dots.push((x(at), y(*value)));
        }
        let word = if before { 'L' } else { 'M' };
        drawn.path.push_str(&format!("{word}{} {}", x(at), y(*value)));
    }
}

/// A round number in few letters, such as 500, 1.5k or 20M.
fn short(number: i64) -> String {
    for (unit, letter) in [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")] {
        if number >= unit {
            let tenths = number / (unit / 10);
            let rest = if tenths % 10 == 0 { String::new() } else { format!(".{}", tenths % 10) };
            return format!("{}{rest}{letter}", tenths / 10);
        }
    }
    number.to_string()
}

/// A step of 1, 2 or 5 times a power of ten, so that there are three to six levels.
fn nice_step(most: i64) -> i64 {
    let mut step = 1;
    loop {
        for factor in [1, 2, 5] {
            if most <= step * factor * 5 {
                return step * factor;
            }
        }
        step *= 10;
    }
}

/// Five days at most, at even distances, the last among them.
fn dates(days: &[Date], slot: f64) -> Vec<Mark> {
    let every = days.len().div_ceil(5).max(1);
    let last = days.len().saturating_sub(1);
    let named = days.iter().enumerate().filter(|(at, _)| (last - at).is_multiple_of(every));
    let mark = |(at, day): (usize, &Date)| Mark {
        at: round(LEFT + slot * (at as f64 + 0.5)),
        words: day.strftime("%-d %b").to_string(),
    };
    named.map(mark).collect()
}

/// From when to when, and of each series its sum or its last number.
fn told(days: &[Date], series: &[Series]) -> String {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return String::new() };
    let of = |one: &Series| {
        let most = one.values.iter().flatten().max().copied().unwrap_or(0);
        let newest = one.values.iter().flatten().next_back().copied().unwrap_or(0);
        format!("{}: {} at last, {} at most", one.name, spaced(newest), spaced(most))
    };
    let all: Vec<String> = series.iter().map(of).collect();
    format!("From {first} to {last}. {}.", all.join("; "))
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// A source's fetches, one cell a day.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Strip {
    name: String,
    /// The name within an address.
    place: String,
    told: String,
    cells: Vec<Cell>,
    width: f64,
}

#[derive(Clone, Debug, Serialize)]
struct Cell {
    x: f64,
    width: f64,
    /// all, some, none of the day's fetches were good; `no`: there were none.
    class: &'static str,
    words: String,
}

impl Strip {
    pub(super) fn new(
        name: &str,
        days: &[Date],
        good: &[Option<i64>],
        bad: &[Option<i64>],
    ) -> Self {
        let slot = WIDTH / days.len().max(1) as f64;
        let (mut well, mut badly) = (0, 0);
        let cells = days.iter().enumerate().map(|(at, day)| {
            let of = |all: &[Option<i64>]| all.get(at).copied().flatten().unwrap_or(0);
            let (good, bad) = (of(good), of(bad));
            well += good;
            badly += bad;
            let class = match (good, bad) {
                (0, 0) => "no",
                (_, 0) => "all",
                (0, _) => "none",
                _ => "some",
            };
            let words = format!("{day}: {good} good, {bad} bad");
            let gap = if slot > 4.0 { 1.0 } else { 0.2 };
            Cell { x: round(slot * at as f64), width: round(slot - gap), class, words }
        });
        let cells = cells.collect();
        let told = format!("{}, {} bad", many(well, "good fetch"), spaced(badly));
        Self { name: name.to_owned(), place: encoded(name), told, cells, width: WIDTH }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(count: i8) -> Vec<Date> {
        (1..=count).map(|day| jiff::civil::date(2026, 11, day)).collect()
    }

    #[test]
    fn steps_are_round_and_few() {
        for (most, step) in
            [(0, 1), (5, 1), (6, 2), (11, 5), (26, 10), (99, 20), (1_234_567, 500_000)]
        {
            assert_eq!(nice_step(most), step, "{most}");
            assert!(most / step <= 5);
        }
    }

    #[test]
    fn axes_say_numbers_in_few_letters() {
        for (number, words) in
            [(0, "0"), (999, "999"), (1_000, "1k"), (1_500, "1.5k"), (20_000_000, "20M")]
        {
            assert_eq!(short(number), words);
        }
    }

    #[test]
    fn lines_break_where_nothing_is_known() {
        let values = vec![Some(1), Some(2), None, Some(4), None, Some(5), Some(5)];
        let chart = Chart::new("x", "X", Kind::Lines, &days(7), vec![Series::new("one", values)]);
        assert_eq!(chart.drawn[0].path.matches('M').count(), 3);
        assert_eq!(chart.drawn[0].dots.len(), 1, "a day alone");
        assert_eq!(chart.rows[0], ("2026-11-07".to_owned(), vec!["5".to_owned()]));
        assert_eq!(chart.rows[2].1, ["–"]);
        assert!(chart.told.contains("one: 5 at last, 5 at most"));
    }

    #[test]
    fn bars_stand_on_each_other_within_the_picture() {
        let series =
            vec![Series::new("a", vec![Some(3), Some(0)]), Series::new("b", vec![Some(4), None])];
        let chart = Chart::new("x", "X", Kind::Bars, &days(2), series);
        let (a, b) = (&chart.drawn[0].bars, &chart.drawn[1].bars);
        assert_eq!((a.len(), b.len()), (1, 1), "nothing is drawn of nothing");
        assert_eq!(b[0].y + b[0].height, a[0].y);
        assert!(b[0].y >= TOP && a[0].y + a[0].height <= BOTTOM + 0.1);
        assert_eq!(chart.levels.last().unwrap().words, "8");
    }

    #[test]
    fn a_year_names_few_days() {
        let year: Vec<Date> =
            jiff::civil::date(2026, 1, 1).series(jiff::Span::new().days(1)).take(365).collect();
        let chart = Chart::new("x", "X", Kind::Bars, &year, vec![Series::new("a", Vec::new())]);
        assert!((3..=5).contains(&chart.dates.len()));
        assert!(chart.empty && chart.drawn[0].bars.is_empty());
        let strip = Strip::new("s", &days(3), &[Some(1), Some(1), None], &[Some(0), Some(2), None]);
        let classes: Vec<&str> = strip.cells.iter().map(|cell| cell.class).collect();
        assert_eq!(classes, ["all", "some", "no"]);
    }
}
