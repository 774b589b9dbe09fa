//! Style sheets as mails may have them: what a rule or an attribute says of colours and sizes.
//! Selectors are types, classes and descendants of them; others are passed over.

use super::colour::Colour;
use super::markup::{Piece, Tag};

/// A colour scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    /// Where it is, in words.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Light => "in the light scheme",
            Self::Dark => "in the dark scheme",
        }
    }
}

/// How an element looks.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) name: String,
    classes: Vec<String>,
    pub(super) colour: Colour,
    /// What is behind its letters.
    pub(super) behind: Colour,
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) hidden: bool,
}

impl Look {
    /// What a mail program shows where a mail says nothing.
    pub(super) fn canvas(scheme: Scheme) -> Self {
        let (colour, behind) = match scheme {
            Scheme::Light => (Colour(0, 0, 0), Colour(255, 255, 255)),
            Scheme::Dark => (Colour(255, 255, 255), Colour(18, 18, 18)),
        };
        let (name, classes) = (String::new(), Vec::new());
        Self { name, classes, colour, behind, size: 16.0, bold: false, hidden: false }
    }

    fn is(&self, compound: &Compound) -> bool {
        compound.name.as_ref().is_none_or(|name| *name == self.name)
            && compound.classes.iter().all(|class| self.classes.contains(class))
    }

    /// Takes on what a declaration says.
    fn take(&mut self, name: &str, value: &str, above: Colour) {
        match name {
            "color" if value == "inherit" => self.colour = above,
            "color" => self.colour = Colour::read(value).unwrap_or(self.colour),
            "background-color" | "background" => {
                self.behind = Colour::read(value).unwrap_or(self.behind);
            }
            "font-size" => {
                let pixels = value.strip_suffix("px").and_then(|number| number.trim().parse().ok());
                self.size = pixels.unwrap_or(self.size);
            }
            "font-weight" => {
                self.bold = value == "bold" || value.parse().is_ok_and(|weight: u32| weight >= 700);
            }
            "display" => self.hidden |= value == "none",
            _ => {}
        }
    }
}

#[derive(Debug)]
struct Compound {
    name: Option<String>,
    classes: Vec<String>,
}

#[derive(Debug)]
struct Rule {
    scheme: Option<Scheme>,
    /// From the outermost to the element itself.
    selector: Vec<Compound>,
    declarations: Vec<Declaration>,
}

#[derive(Clone, Debug)]
struct Declaration {
    name: String,
    value: String,
    important: bool,
}

/// The rules of a page, in their order.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<Rule>);

impl Rules {
    pub(super) fn of(pieces: &[Piece<'_>]) -> Self {
        let mut rules = Self::default();
        for piece in pieces {
            if let Piece::Style(sheet) = piece {
                rules.read(sheet, None);
            }
        }
        rules
    }

    fn read(&mut self, sheet: &str, scheme: Option<Scheme>) {
        let mut rest = sheet;
        while let Some(open) = rest.find('{') {
            let head = rest[..open].trim();
            let (body, after) = block(&rest[open + 1..]);
            rest = after;
            if let Some(media) = head.strip_prefix("@media") {
                // What holds for some widths alone changes no colours.
                if media.contains("prefers-color-scheme") {
                    let dark = media.contains("dark");
                    self.read(body, Some(if dark { Scheme::Dark } else { Scheme::Light }));
                }
                continue;
            }
            for selector in head.split(',').filter_map(selector) {
                self.0.push(Rule { scheme, selector, declarations: declarations(body) });
            }
        }
    }

    /// How the element of `tag` looks inside the elements of `stack`.
    pub(super) fn look(&self, tag: &Tag<'_>, stack: &[Look], scheme: Scheme) -> Look {
        let classes = tag.attribute("class").unwrap_or_default();
        let mut look = stack.last().cloned().unwrap_or_else(|| Look::canvas(scheme));
        look.name.clone_from(&tag.name);
        look.classes = classes.split_whitespace().map(str::to_owned).collect();
        match tag.name.as_str() {
            "b" | "strong" => look.bold = true,
            "h1" | "h2" | "h3" => look.bold = true,
            "a" => {
                look.colour = match scheme {
                    Scheme::Light => Colour(0, 0, 238),
                    Scheme::Dark => Colour(158, 158, 255),
                };
            }
            _ => {}
        }
        let own = declarations(&tag.attribute("style").unwrap_or_default());
        let of_rules: Vec<&Declaration> = self
            .0
            .iter()
            .filter(|rule| rule.scheme.is_none_or(|only| only == scheme))
            .filter(|rule| matches(&rule.selector, &look, stack))
            .flat_map(|rule| &rule.declarations)
            .collect();
        let above = stack.last().map_or(look.colour, |look| look.colour);
        // From the weakest to the strongest: rules, the attribute, what is important in rules.
        for important in [false, true] {
            for one in of_rules.iter().filter(|one| one.important == important) {
                look.take(&one.name, &one.value, above);
            }
            for one in own.iter().filter(|one| one.important == important) {
                look.take(&one.name, &one.value, above);
            }
        }
        look
    }
}

/// Whether `selector` is for an element that looks like `look`, inside those of `stack`.
fn matches(selector: &[Compound], look: &Look, stack: &[Look]) -> bool {
    let Some((last, outer)) = selector.split_last() else { return false };
    if !look.is(last) {
        return false;
    }
    let mut above = stack.iter().rev();
    outer.iter().rev().all(|compound| above.any(|one| one.is(compound)))
}

/// What stands before the brace that closes a block, and what follows it.
fn block(text: &str) -> (&str, &str) {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&text[..at], &text[at + 1..]);
        }
    }
    (text, "")
}

fn selector(text: &str) -> Option<Vec<Compound>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text.split_whitespace()
        .map(|one| {
            if !one.chars().all(plain) {
                return None;
            }
            let mut parts = one.split('.');
            let name = parts.next().filter(|name| !name.is_empty()).map(str::to_ascii_lowercase);
            Some(Compound { name, classes: parts.map(str::to_owned).collect() })
        })
        .collect()
}

fn declarations(text: &str) -> Vec<Declaration> {
    text.split(';')
        .filter_map(|one| {
            let (name, value) = one.split_once(':')?;
            let value = value.trim();
            let stripped = value.strip_suffix("!important");
            Some(Declaration {
                name: name.trim().to_ascii_lowercase(),
                value: stripped.unwrap_or(value).trim().to_ascii_lowercase(),
                important: stripped.is_some(),
            })
        })
        .collect()
}
