//! Looks at a finished mail as its reader will: pictures without words for those who do not see
//! them, letters that do not stand out from what is behind them (WCAG 2.2), links that are not
//! safe. Knows the little HTML and CSS that mails may have; never changes anything.

mod colour;
mod markup;
mod style;
mod turned;

use colour::Colour;
use markup::{Piece, Tag, pieces};
use style::{Look, Rules, Scheme};
use turned::Turn;

/// What is least for text to stand out (WCAG 2.2, 1.4.3), and for large text.
const LEAST: (f64, f64) = (4.5, 3.0);
/// The same where a program turns colours round of itself: what it does is not the template's
/// fault, so that only what can hardly be read any more is.
const LEAST_TURNED: (f64, f64) = (3.0, 2.0);
/// Large text, in CSS pixels: 18 pt, and 14 pt where it is bold.
const LARGE: (f64, f64) = (24.0, 18.66);

/// What was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// What is wrong, each once.
    pub(super) faults: Vec<String>,
    /// The least contrast of ordinary text, in the light scheme, in the dark one, and in the light
    /// one with its colours turned round.
    pub(super) contrast: [f64; 3],
}

/// Looks at `html`, in which links may begin with `marker`.
pub(super) fn inspect(html: &str, marker: &str) -> Seen {
    let pieces = pieces(html);
    let rules = Rules::of(&pieces);
    let mut seen = Seen { faults: Vec::new(), contrast: [21.0; 3] };
    for piece in &pieces {
        if let Piece::Open(tag) = piece {
            seen.links(tag, marker);
        }
    }
    for (at, scheme, turn) in [
        (0, Scheme::Light, None),
        (1, Scheme::Dark, None),
        (2, Scheme::Light, Some(Turn::Part)),
        (2, Scheme::Light, Some(Turn::Whole)),
    ] {
        let least = seen.letters(&pieces, &rules, scheme, turn);
        seen.contrast[at] = seen.contrast[at].min(least);
    }
    seen
}

impl Seen {
    fn fault(&mut self, what: String) {
        if !self.faults.contains(&what) {
            self.faults.push(what);
        }
    }

    fn links(&mut self, tag: &Tag<'_>, marker: &str) {
        match tag.name.as_str() {
            "img" => {
                if tag.attribute("alt").is_none() {
                    self.fault("a picture has no alt".to_owned());
                }
                let from = tag.attribute("src").unwrap_or_default();
                if !from.starts_with("https://") && !from.starts_with("cid:") {
                    self.fault(format!("a picture is not loaded by https: {}", short(&from)));
                }
            }
            "a" => {
                let to = tag.attribute("href").unwrap_or_default();
                let good = ["https://", "mailto:", marker];
                if !good.iter().any(|start| to.starts_with(start)) {
                    self.fault(format!("a link is not https: {}", short(&to)));
                }
            }
            _ => {}
        }
    }

    /// The least contrast of ordinary text, and of the words that stand in for pictures.
    fn letters(
        &mut self,
        pieces: &[Piece<'_>],
        rules: &Rules,
        scheme: Scheme,
        turn: Option<Turn>,
    ) -> f64 {
        let mut least = 21.0_f64;
        let mut stack: Vec<Look> = vec![Look::canvas(scheme)];
        for piece in pieces {
            match piece {
                Piece::Open(tag) => {
                    let look = rules.look(tag, &stack, scheme);
                    let alt = tag.attribute("alt").filter(|_| tag.name == "img");
                    if let Some(alt) = alt {
                        least = least.min(self.text(&alt, &look, scheme, turn));
                    }
                    if !tag.is_void() {
                        stack.push(look);
                    }
                }
                Piece::Close(name) => {
                    if let Some(at) = stack.iter().rposition(|look| look.name == *name) {
                        stack.truncate(at.max(1));
                    }
                }
                Piece::Text(text) => {
                    if let Some(look) = stack.last() {
                        least = least.min(self.text(text, look, scheme, turn));
                    }
                }
                Piece::Style(_) => {}
            }
        }
        least
    }

    /// The contrast of a text, if it is ordinary.
    fn text(&mut self, text: &str, look: &Look, scheme: Scheme, turn: Option<Turn>) -> f64 {
        if look.hidden || text.trim().is_empty() {
            return 21.0;
        }
        let (front, behind) = match turn {
            None => (look.colour, look.behind),
            Some(turn) => (turn.letters(look.colour), turn.ground(look.behind)),
        };
        let contrast = Colour::contrast(front, behind);
        let bounds = if turn.is_some() { LEAST_TURNED } else { LEAST };
        let bold_large = look.bold && look.size >= LARGE.1;
        let large = look.size >= LARGE.0 || bold_large;
        let wanted = if large { bounds.1 } else { bounds.0 };
        if contrast < wanted {
            let place = turn.map_or_else(|| scheme.word(), Turn::word);
            self.fault(format!(
                "the contrast of {front} on {behind} is {contrast:.1} {place}, less than {wanted}: \
                 {}",
                short(text.trim())
            ));
        }
        if large { 21.0 } else { contrast }
    }
}

fn short(text: &str) -> String {
    format!("{:?}", super::words::shorten(text, 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(html: &str) -> Vec<String> {
        inspect(html, "((x.").faults
    }

    #[test]
    fn a_good_mail_has_no_faults() {
        let html = "<!DOCTYPE html><html><head><style>p { color: #333 }\n\
                    @media (prefers-color-scheme: dark) { p { color: #eee !important } \
                    .k { background-color: #222 !important } }</style></head>\
                    <body class=\"k\" style=\"background-color:#fff\"><p>words <b>bold</b></p>\
                    <!-- <img> --><img src=\"https://a.example/1.png\" alt=\"\">\
                    <a href=\"((x.browser))#a\" style=\"color:#0b4a8f\"><p>in the dark</p></a>\
                    <div style=\"display:none\"><p style=\"color:#fff\">hidden</p></div></body></html>";
        let seen = inspect(html, "((x.");
        assert_eq!(seen.faults, Vec::<String>::new());
        assert!(seen.contrast[0] > 12.0 && seen.contrast[1] > 12.0, "{:?}", seen.contrast);
        assert!(seen.contrast[2] > 4.5, "{:?}", seen.contrast);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (html, part) in [
            ("<img src='https://a.example/1.png'>", "no alt"),
            ("<img src=http://a.example/1.png alt=x>", "not loaded by https"),
            (
                "<div style='background-color:#fff'><img src='https://a.example/1.png' alt='a cat' \
                 style='color:#999'></div>",
                "#999999 on #ffffff is 2.8 in the light scheme",
            ),
            ("<a href=\"http://a.example\">x</a>", "not https"),
            ("<a>x</a>", "not https"),
            ("<p style=\"color:#999\">pale</p>", "#999999 on #ffffff is 2.8 in the light scheme"),
            (
                "<table><tr><td style=\"background-color:#000\"><p>x</p></table>",
                "#000000 on #000000",
            ),
            (
                "<style>@media (prefers-color-scheme: dark) { .x { background: #eee !important } }\
                 </style><p class=\"x\" style=\"color:#eee;background-color:#111\">x</p>",
                "in the dark scheme",
            ),
            ("<div style='background-color:#777'><p style='color:#fff'>x</p></div>", "is 4.5"),
            // Dark letters on a ground between become light on the same ground.
            (
                "<div style='background-color:#b0b0b0'><p style='color:#222'>x</p></div>",
                "turns light grounds and dark letters round",
            ),
        ] {
            let faults = faults(html);
            assert!(faults.iter().any(|fault| fault.contains(part)), "{html}: {faults:?}");
        }
        // Large text needs less.
        assert_eq!(
            faults("<p style='color:#888;font-size:24px;background-color:#fff'>x</p>"),
            Vec::<String>::new()
        );
    }
}
