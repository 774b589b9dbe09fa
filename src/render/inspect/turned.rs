//! What mail programs make of a light mail in the dark, where they do not ask it how: its colours
//! turned round. By what is public of how they do that; none of them can be run here. Pure.

use super::colour::Colour;

/// A way of turning colours round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Light grounds and dark letters alone; what is between or dark already stays. As Android's
    /// web views do (the thresholds and the inversion are Chromium's), and Gmail in them.
    Part,
    /// Every colour, letters and grounds alike, onto a grey. As Outlook does on the web.
    Whole,
}

/// Letters are turned round below, and grounds above such a brightness (0 to 255).
const LETTERS_BELOW: f64 = 150.0;
const GROUNDS_ABOVE: f64 = 205.0;
/// The lightness of the darkest grey of Outlook, `#333333`.
const DARKEST: f64 = 21.247;

impl Turn {
    /// Where it happens, in words.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Part => "where a program turns light grounds and dark letters round",
            Self::Whole => "where a program turns all colours round",
        }
    }

    /// What becomes of the colour of letters.
    pub(super) fn letters(self, colour: Colour) -> Colour {
        match self {
            Self::Part if brightness(colour) >= LETTERS_BELOW => colour,
            _ => self.round(colour),
        }
    }

    /// What becomes of what is behind them.
    pub(super) fn ground(self, colour: Colour) -> Colour {
        match self {
            Self::Part if brightness(colour) <= GROUNDS_ABOVE => colour,
            _ => self.round(colour),
        }
    }

    fn round(self, colour: Colour) -> Colour {
        let [lightness, a, b] = lab(colour);
        let turned = match self {
            Self::Part => (110.0 - lightness).min(100.0),
            Self::Whole => (100.0 - lightness) * (100.0 - DARKEST) / 100.0 + DARKEST,
        };
        of_lab([turned, a, b])
    }
}

/// As people see it, roughly.
fn brightness(Colour(red, green, blue): Colour) -> f64 {
    (f64::from(red) * 299.0 + f64::from(green) * 587.0 + f64::from(blue) * 114.0) / 1_000.0
}

/// The white of sRGB (D65) in CIE XYZ.
const WHITE: [f64; 3] = [0.950_47, 1.0, 1.088_83];
const KAPPA: f64 = 24_389.0 / 27.0;
const EPSILON: f64 = 216.0 / 24_389.0;

/// A colour in CIE L*a*b*.
fn lab(colour: Colour) -> [f64; 3] {
    let [red, green, blue] = colour.linear();
    let xyz = [
        0.412_456_4 * red + 0.357_576_1 * green + 0.180_437_5 * blue,
        0.212_672_9 * red + 0.715_152_2 * green + 0.072_175 * blue,
        0.019_333_9 * red + 0.119_192 * green + 0.950_304_1 * blue,
    ];
    let of = |at: usize| {
        let part = xyz[at] / WHITE[at];
        if part > EPSILON { part.cbrt() } else { (KAPPA * part + 16.0) / 116.0 }
    };
    let [x, y, z] = [of(0), of(1), of(2)];
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The nearest colour that a screen has.
fn of_lab([lightness, a, b]: [f64; 3]) -> Colour {
    let y = (lightness + 16.0) / 116.0;
    let of = |part: f64, at: usize| {
        let cube = part.powi(3);
        WHITE[at] * if cube > EPSILON { cube } else { (116.0 * part - 16.0) / KAPPA }
    };
    let [x, y, z] = [of(y + a / 500.0, 0), of(y, 1), of(y - b / 200.0, 2)];
    Colour::of_linear([
        3.240_454_2 * x - 1.537_138_5 * y - 0.498_531_4 * z,
        -0.969_266 * x + 1.876_010_8 * y + 0.041_556 * z,
        0.055_643_4 * x - 0.204_025_9 * y + 1.057_225_2 * z,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        Colour::read(text).unwrap()
    }

    #[test]
    fn colours_survive_the_way_there_and_back() {
        for text in ["#000000", "#ffffff", "#9c2f1b", "#0b4a8f", "#00ff00", "#5c574f", "#010203"] {
            assert_eq!(of_lab(lab(colour(text))), colour(text), "{text}");
        }
        // As published for these: L* of pure red and of the grey in the middle.
        assert!((lab(colour("#ff0000"))[0] - 53.24).abs() < 0.01);
        assert!((lab(colour("#777777"))[0] - 50.03).abs() < 0.01);
        assert!((lab(colour("#333333"))[0] - DARKEST).abs() < 0.01);
    }

    #[test]
    fn part_leaves_what_is_dark_or_between() {
        let (part, whole) = (Turn::Part, Turn::Whole);
        assert_eq!(part.ground(colour("#ffffff")), colour("#1b1b1b"));
        assert_eq!(part.letters(colour("#000000")), colour("#ffffff"));
        for stays in ["#9c2f1b", "#777777", "#171614"] {
            assert_eq!(part.ground(colour(stays)), colour(stays));
        }
        for stays in ["#fffefb", "#ffb59e"] {
            assert_eq!(part.letters(colour(stays)), colour(stays));
        }
        assert_eq!(whole.ground(colour("#ffffff")), colour("#333333"));
        assert_eq!(whole.letters(colour("#ffffff")), colour("#333333"));
        assert_eq!(whole.letters(colour("#000000")), colour("#ffffff"));
    }
}
