//! Colours, and how far two of them stand apart (WCAG 2.2, relative luminance).

use std::fmt;

/// A colour that covers what is behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

impl Colour {
    /// `#rgb`, `#rrggbb`, or one of the few names that mails use.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "black" => return Some(Self(0, 0, 0)),
            "white" => return Some(Self(255, 255, 255)),
            _ => {}
        }
        let digits = text.strip_prefix('#')?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let byte = |at: usize, len: usize| u8::from_str_radix(&digits[at..at + len], 16).ok();
        match digits.len() {
            3 => Some(Self(byte(0, 1)? * 17, byte(1, 1)? * 17, byte(2, 1)? * 17)),
            6 => Some(Self(byte(0, 2)?, byte(2, 2)?, byte(4, 2)?)),
            _ => None,
        }
    }

    /// From 1 (the same) to 21 (black on white).
    pub(super) fn contrast(one: Self, other: Self) -> f64 {
        let (a, b) = (one.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Red, green and blue as amounts of light, 0 to 1 (sRGB).
    pub(super) fn linear(self) -> [f64; 3] {
        [self.0, self.1, self.2].map(|byte| {
            let part = f64::from(byte) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// The colour of these amounts of light; what is beyond the screen is cut.
    pub(super) fn of_linear(parts: [f64; 3]) -> Self {
        let [red, green, blue] = parts.map(|part| {
            let part = part.clamp(0.0, 1.0);
            let part = if part <= 0.003_130_8 {
                part * 12.92
            } else {
                1.055 * part.powf(1.0 / 2.4) - 0.055
            };
            (part * 255.0).round() as u8
        });
        Self(red, green, blue)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}
