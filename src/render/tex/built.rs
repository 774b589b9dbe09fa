//! What a formula builds of its arguments: fractions, roots, marks, arrays; and macros of the
//! paper's own, which are shown by what they are given or by their name.

use super::math::Math;
use super::script::Script;
use super::table::{self, Command};

impl Math<'_, '_> {
    /// What is built of its arguments.
    pub(super) fn built(&mut self, name: &str, at: usize, end: usize) -> usize {
        if let Some(mark) = table::hat(name) {
            return self.marked(name, mark, at, end);
        }
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" | "nicefrac" | "sfrac" => self.fraction(at, end),
            "sqrt" => {
                let (degree, at) = self.option(at, end);
                let (content, behind) = self.argument(at, end);
                let sign = match degree.as_deref() {
                    None | Some("2") => "√".to_owned(),
                    Some("3") => "∛".to_owned(),
                    Some("4") => "∜".to_owned(),
                    Some(n) => format!("{}√", Script::Raised.write(n, false)),
                };
                self.out += &(sign + &bracketed(&content));
                behind
            }
            "binom" | "dbinom" | "tbinom" => {
                let (n, at) = self.argument(at, end);
                let (k, behind) = self.argument(at, end);
                self.out += &format!("({n} choose {k})");
                behind
            }
            "mathbb" => {
                let (content, behind) = self.argument(at, end);
                let single = content.chars().count() == 1;
                self.out.extend(content.chars().map(|c| match single {
                    true => table::blackboard(c),
                    false => c,
                }));
                behind
            }
            "operatorname" | "mathop" => {
                let at = if self.source.char(at, end) == Some('*') { at + 1 } else { at };
                let (content, behind) = self.argument(at, end);
                self.function(&content, behind, end)
            }
            "overset" | "stackrel" | "underset" => {
                let (over, at) = self.argument(at, end);
                let (base, behind) = self.argument(at, end);
                let script = if name == "underset" { Script::Lowered } else { Script::Raised };
                self.out += &(base + &script.write(&over, false));
                behind
            }
            "textcolor" | "colorbox" | "hspace*" => {
                let (_, at) = self.argument(at, end);
                self.contents("text", at, end)
            }
            "textsuperscript" | "textsubscript" => {
                let (content, behind) = self.argument(at, end);
                let script = Script::of(if name == "textsubscript" { '_' } else { '^' });
                self.out += &script.map_or(String::new(), |s| s.write(&content, false));
                behind
            }
            "xrightarrow" | "xleftarrow" => {
                let (_, at) = self.option(at, end);
                let (over, behind) = self.argument(at, end);
                let arrow = if name == "xrightarrow" { "→" } else { "←" };
                self.out += &(arrow.to_owned() + &Script::Raised.write(&over, false));
                behind
            }
            "pmod" | "tag" => {
                let (content, behind) = self.argument(at, end);
                let before = if name == "pmod" { "mod " } else { "" };
                self.out += &format!("({before}{content})");
                behind
            }
            "not" => {
                let (sign, behind) = self.argument(at, end);
                self.operator(&table::marked(&sign, '\u{338}'), behind, end)
            }
            "begin" | "end" => self.environment(name == "begin", at, end),
            _ => self.sign_or_macro(name, at, end),
        }
    }

    fn sign_or_macro(&mut self, name: &str, at: usize, end: usize) -> usize {
        match name {
            "\\" => {
                let next = self.source.skip_space(at, end);
                // `\\alpha` has been through one program too many.
                let known =
                    |(name, _): (&str, usize)| name.len() > 1 && table::command(name).is_some();
                if next == at && at > 0 && self.source.command(at - 1, end).is_some_and(known) {
                    return at - 1;
                }
                self.trim();
                self.out.push_str(self.cells.1);
                next
            }
            "," | ";" | ":" | ">" | " " => self.space(at),
            "!" | "-" | "/" | "@" | "(" | ")" | "[" | "]" => at,
            "|" => self.push('‖', at),
            "{" | "}" | "%" | "&" | "#" | "_" | "$" => {
                self.out.push_str(name);
                at
            }
            _ if !name.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                self.out.push('\\');
                self.out.push_str(name);
                at
            }
            // A macro of the paper's own: what it is given, else its name.
            _ => match self.source.group(at, end) {
                Some(inner) if !inner.is_empty() => self.nested(inner),
                Some(inner) => {
                    self.out.push_str(name);
                    inner.end + 1
                }
                None => {
                    self.out.push_str(name);
                    at
                }
            },
        }
    }

    fn marked(&mut self, name: &str, mark: char, at: usize, end: usize) -> usize {
        let (content, behind) = self.argument(at, end);
        let mut chars = content.chars();
        let line = mark == '\u{305}';
        match (chars.next(), chars.next()) {
            (None, _) => {}
            (Some(_), None) => self.out += &table::marked(&content, mark),
            _ if line => content.chars().for_each(|c| self.out.extend([c, mark])),
            _ => self.out += &format!("{name}({content})"),
        }
        behind
    }

    fn fraction(&mut self, at: usize, end: usize) -> usize {
        let (over, at) = self.argument(at, end);
        let (under, behind) = self.argument(at, end);
        let fraction = format!("{}/{}", bracketed(&over), bracketed(&under));
        let beside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let next = match self.source.command(behind, end) {
            Some((name, _)) if self.source.char(behind, end) == Some('\\') => {
                matches!(table::command(name), Some(Command::Ordinary(_) | Command::Contents))
            }
            _ => beside(self.source.char(behind, end)),
        };
        let joined = next || beside(self.out.chars().next_back());
        self.out += &if joined { format!("({fraction})") } else { fraction };
        behind
    }

    fn environment(&mut self, begins: bool, at: usize, end: usize) -> usize {
        let Some(inner) = self.source.group(at, end) else { return at };
        let mut behind = inner.end + 1;
        let name = self.source.between(inner).trim_end_matches('*');
        if !begins {
            self.trim();
            self.out.push_str(std::mem::take(&mut self.close));
            self.cells = ("&", " ");
            return behind;
        }
        let rows = |open, close| (("", "; "), open, close);
        let (cells, open, close) = match name {
            "cases" | "dcases" => ((", ", "; "), "{ ", " }"),
            "array" | "tabular" => ((", ", "; "), "[", "]"),
            "align" | "aligned" | "split" | "gather" | "gathered" | "eqnarray" => rows("", ""),
            name if name.ends_with("matrix") => ((", ", "; "), "[", "]"),
            _ => (("&", " "), "", ""),
        };
        if matches!(name, "array" | "tabular" | "alignedat" | "alignat") {
            behind = self.source.group(behind, end).map_or(behind, |columns| columns.end + 1);
        }
        (self.cells, self.close) = (cells, close);
        self.out.push_str(open);
        self.source.skip_space(behind, end)
    }
}

/// The text, in brackets where it is more than one thing.
fn bracketed(text: &str) -> String {
    let single = |c: char| c.is_alphanumeric() || matches!(c, '.' | '∂' | '∇' | '∞' | '′' | '°');
    let root = text.strip_prefix('√').unwrap_or(text);
    match root.chars().all(single) {
        true => text.to_owned(),
        false => format!("({text})"),
    }
}
