//! What a digest says beside its papers, for those who ask for it. Plain data.

use std::fmt;
use std::str::FromStr;

use super::measure::as_text;

/// The lines that a reader asks for beside the papers; none of them unless they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lines {
    /// Papers that they were sent before and that still gain votes.
    pub rising: bool,
    /// Once a week, what rose and what faded.
    pub trend: bool,
    /// A short mail on a day with nothing new, instead of none.
    pub quiet: bool,
}

impl Lines {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl FromStr for Lines {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut lines = Self::default();
        let words = text.split(|c: char| c.is_whitespace() || c == ',');
        for word in words.filter(|word| !word.is_empty()) {
            match word.to_lowercase().as_str() {
                "rising" => lines.rising = true,
                "trend" => lines.trend = true,
                "quiet" => lines.quiet = true,
                "none" => {}
                _ => {
                    let word: String = word.chars().take(40).collect();
                    return Err(format!(
                        "{word:?} is no line of a digest: rising, trend, quiet and none are"
                    ));
                }
            }
        }
        Ok(lines)
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [(self.rising, "rising"), (self.trend, "trend"), (self.quiet, "quiet")];
        let words: Vec<&str> = all.into_iter().filter(|one| one.0).map(|one| one.1).collect();
        if words.is_empty() { f.write_str("none") } else { f.write_str(&words.join(" ")) }
    }
}

as_text!(Lines);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back_as_written() {
        for text in ["none", "rising", "trend quiet", "rising trend quiet"] {
            assert_eq!(text.parse::<Lines>().unwrap().to_string(), text);
        }
        assert_eq!("Quiet, rising,".parse::<Lines>().unwrap().to_string(), "rising quiet");
        assert!("".parse::<Lines>().unwrap().is_empty());
        assert!("rising fast".parse::<Lines>().unwrap_err().contains("\"fast\""));
    }
}
