//! What differs between two texts, line by line, as plain data for a template. Knows no secret: it is
//! given texts without them.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// A line of one of them, or of both.
#[derive(Serialize)]
pub(super) struct DiffLine {
    /// `add`, `drop`, `same`, or `gap` between far ones.
    class: &'static str,
    old: Option<usize>,
    new: Option<usize>,
    text: String,
}

/// The lines that differ, with three around each.
pub(super) fn diff(old: &str, new: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(3) {
        if !lines.is_empty() {
            lines.push(DiffLine { class: "gap", old: None, new: None, text: String::new() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let class = match change.tag() {
                ChangeTag::Equal => "same",
                ChangeTag::Insert => "add",
                ChangeTag::Delete => "drop",
            };
            lines.push(DiffLine {
                class,
                old: change.old_index().map(|at| at + 1),
                new: change.new_index().map(|at| at + 1),
                text: change.value().trim_end_matches('\n').to_owned(),
            });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_what_differs_and_little_around_it() {
        let old: String = (1..=40).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 5\n", "line five\n").replace("line 30\n", "");
        let lines = diff(&old, &new);
        let of = |class| lines.iter().filter(|line| line.class == class).count();
        assert_eq!((of("add"), of("drop"), of("gap"), of("same")), (1, 2, 1, 12));
        let added = lines.iter().find(|line| line.class == "add").unwrap();
        assert_eq!((added.new, added.text.as_str()), (Some(5), "line five"));
        assert!(diff("a\n", "a\n").is_empty());
    }
}
