//! `docs/configuration.md`: the prose, with the tables of keys put into their places.

use super::keys::{Key, Preset, SECTIONS, Section};

/// The page's prose. `<!-- keys: SECTION -->` stands for the table of a section.
const PROSE: &str = include_str!("reference.md");

/// The page.
pub fn reference() -> String {
    let mut out = String::new();
    for line in PROSE.lines() {
        let section = line
            .strip_prefix("<!-- keys: ")
            .and_then(|rest| rest.strip_suffix(" -->"))
            .and_then(|path| SECTIONS.iter().find(|section| section.path == path));
        match section {
            Some(section) => out += &table(section),
            None => {
                out += line;
                out.push('\n');
            }
        }
    }
    out
}

fn table(section: &Section) -> String {
    let mut out = "| key | takes | default | |\n|---|---|---|---|\n".to_owned();
    for key in section.keys {
        out += &row(key);
    }
    out
}

fn row(key: &Key) -> String {
    let default = match key.preset {
        Preset::Is(default) => format!("`{default}`"),
        Preset::Required => "required".to_owned(),
        Preset::Unset(then) => cell(then),
    };
    let restart = if key.restart { " Counts after a restart." } else { "" };
    let (takes, doc) = (cell(key.wanted), cell(key.doc));
    format!("| `{}` | {takes} | {default} | {doc}{restart} |\n", key.name)
}

/// A `|` would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_has_its_place_and_the_page_is_as_it_is_made() {
        for section in SECTIONS {
            let place = format!("<!-- keys: {} -->\n", section.path);
            assert_eq!(PROSE.matches(&place).count(), 1, "{place}");
        }
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
        let page = std::fs::read_to_string(page).unwrap();
        assert!(!page.contains("<!--"), "a section is misspelt");
        assert!(
            page == reference(),
            "docs/configuration.md is not what src/config/reference.md and the table of keys \
             make; write it anew: cargo run -- config reference > docs/configuration.md"
        );
    }
}
