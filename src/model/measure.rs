//! Spans of time and sizes as people write them: `90s 15m 20h 7d`, `90 kB`.

use std::fmt;
use std::str::FromStr;

/// A length of time in whole seconds, written `90s`, `15m`, `20h` or `7d` (a day is 24 h).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u32);

impl Span {
    /// In words: `7 days`, `36 hours`.
    pub fn words(self) -> String {
        let (count, unit) = match self.secs() {
            secs if secs.is_multiple_of(86_400) => (secs / 86_400, "day"),
            secs if secs.is_multiple_of(3_600) => (secs / 3_600, "hour"),
            secs => (secs.div_ceil(60), "minute"),
        };
        format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
    }

    /// A span of so many seconds.
    pub const fn from_secs(secs: u32) -> Self {
        Self(secs)
    }

    /// A span of so many days of 24 hours.
    pub const fn from_days(days: u32) -> Self {
        Self(days * 86_400)
    }

    /// Its seconds.
    pub const fn secs(self) -> u32 {
        self.0
    }

    /// As jiff's duration.
    pub fn signed(self) -> jiff::SignedDuration {
        jiff::SignedDuration::from_secs(i64::from(self.0))
    }

    /// As the standard library's duration.
    pub const fn std(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0 as u64)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || format!("{text:?} is not a length of time such as 90s, 15m, 20h or 7d");
        let trimmed = text.trim();
        let at = trimmed.find(|c: char| !c.is_ascii_digit()).ok_or_else(wanted)?;
        let number: u64 = trimmed[..at].parse().map_err(|_| wanted())?;
        let unit: u64 = match trimmed[at..].trim() {
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return Err(wanted()),
        };
        number
            .checked_mul(unit)
            .filter(|secs| *secs <= 10 * 366 * 86_400)
            .and_then(|secs| u32::try_from(secs).ok())
            .map(Self)
            .ok_or_else(|| format!("{text:?} is longer than ten years"))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, secs) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
            if self.0 > 0 && self.0.is_multiple_of(secs) {
                return write!(f, "{}{unit}", self.0 / secs);
            }
        }
        write!(f, "{}s", self.0)
    }
}

/// A size in bytes, written `90 kB`, `16 MB` (powers of ten) or `64 KiB`, `16 MiB` (of two).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

impl ByteSize {
    /// A size of so many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted =
            || format!("{text:?} is not a size such as \"90 kB\", \"16 MB\" or \"64 KiB\"");
        let trimmed = text.trim();
        let at = trimmed.find(|c: char| !c.is_ascii_digit()).ok_or_else(wanted)?;
        let number: u64 = trimmed[..at].parse().map_err(|_| wanted())?;
        let unit: u64 = match trimmed[at..].trim().to_ascii_lowercase().as_str() {
            "b" => 1,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "kib" => 1 << 10,
            "mib" => 1 << 20,
            "gib" => 1 << 30,
            _ => return Err(wanted()),
        };
        number.checked_mul(unit).map(Self).ok_or_else(wanted)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, bytes) in [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)] {
            if self.0 > 0 && self.0.is_multiple_of(bytes) {
                return write!(f, "{} {unit}", self.0 / bytes);
            }
        }
        write!(f, "{} B", self.0)
    }
}

macro_rules! as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(super) use as_text;
as_text!(Span);
as_text!(ByteSize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_read_as_written() {
        for (text, secs) in [("90s", 90), ("15m", 900), ("20h", 72_000), ("7d", 604_800), ("0s", 0)]
        {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.secs(), secs);
        }
        assert_eq!("24h".parse::<Span>().unwrap().to_string(), "1d");
        for bad in ["", "7", "d", "-1s", "1.5h", "99999999d", "7 days"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
        assert_eq!("90 kB".parse::<ByteSize>().unwrap().bytes(), 90_000);
        assert_eq!("16MiB".parse::<ByteSize>().unwrap().bytes(), 16 << 20);
        assert_eq!("90kb".parse::<ByteSize>().unwrap().to_string(), "90 kB");
        assert!("90".parse::<ByteSize>().is_err());
    }
}
