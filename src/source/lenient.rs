//! JSON read without trust: every field may be missing, of another type or given twice, and
//! only what is asked for is kept. A wrong type reads as nothing; only broken JSON is a fault.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What is longer is a trap: days have under 100 papers, papers under 5 000 authors. The rest
/// is passed over.
const LONGEST_LIST: usize = 5_000;

/// Something that any JSON value can be read as; what does not fit reads as the default.
pub(super) trait Lenient<'de>: Default {
    fn text(_: Cow<'de, str>) -> Self {
        Self::default()
    }
    fn number(_: f64) -> Self {
        Self::default()
    }
    fn flag(_: bool) -> Self {
        Self::default()
    }
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    fn object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

/// `T` as serde reads it.
pub(super) struct Loose<T>(pub(super) T);

impl<'de, T: Lenient<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything(PhantomData)).map(Loose)
    }
}

struct Anything<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for Anything<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_bool<E: Error>(self, flag: bool) -> Result<T, E> {
        Ok(T::flag(flag))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Ok(T::number(number as f64))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        Ok(T::number(number as f64))
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        Ok(T::number(number))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }
    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::object(object)
    }
}

/// A string.
pub(super) type Text<'de> = Option<Cow<'de, str>>;

impl<'de> Lenient<'de> for Text<'de> {
    fn text(text: Cow<'de, str>) -> Self {
        Some(text)
    }
}

impl Lenient<'_> for Option<bool> {
    fn flag(flag: bool) -> Self {
        Some(flag)
    }
}

/// A count: a number, or a string of digits. Less than nothing is no count.
impl<'de> Lenient<'de> for Option<u32> {
    fn text(text: Cow<'de, str>) -> Self {
        text.trim().parse().ok()
    }
    fn number(number: f64) -> Self {
        (number >= 0.0).then_some(number as u32)
    }
}

impl<'de, T: Lenient<'de>> Lenient<'de> for Option<Vec<T>> {
    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut items = Vec::new();
        while items.len() < LONGEST_LIST {
            match list.next_element()? {
                Some(Loose(item)) => items.push(item),
                None => return Ok(Some(items)),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(items))
    }
}

/// An object of which these fields are read. As an `Option` it is `None` for what is none.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $key:literal,)* }) => {
        $(#[$doc])*
        #[derive(Default)]
        pub(super) struct $name<'de> {
            $(pub(super) $field: $type,)*
        }

        impl<'de> $crate::source::lenient::Lenient<'de> for $name<'de> {
            fn object<A: serde::de::MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
                use $crate::source::lenient::{Loose, Text};
                let mut read = Self::default();
                while let Some(Loose(key)) = object.next_key::<Loose<Text<'de>>>()? {
                    match key.as_deref() {
                        $(Some($key) => read.$field = object.next_value::<Loose<$type>>()?.0,)*
                        _ => drop(object.next_value::<serde::de::IgnoredAny>()?),
                    }
                }
                Ok(read)
            }
        }

        impl<'de> $crate::source::lenient::Lenient<'de> for Option<$name<'de>> {
            fn object<A: serde::de::MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
                $name::object(object).map(Some)
            }
        }
    };
}
pub(super) use object;

/// JSON in which no escaped surrogate stands alone: JavaScript writes half an emoji as
/// `\ud83d`, which no UTF-8 string can hold.
pub(super) fn mend_surrogates(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let unit = |at: usize| -> Option<u32> {
        let digits = json.get(at + 2..at + 6).filter(|_| bytes[at..].starts_with(b"\\u"))?;
        u32::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::new();
    let (mut done, mut at) = (0, 0);
    while let Some(found) = json[at..].find('\\') {
        at += found;
        match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                mended.push_str(&json[done..at]);
                mended.push_str("\\ufffd");
                at += 6;
                done = at;
            }
            // The escaped character cannot begin an escape of its own.
            _ => at += 1 + json[at + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    if done == 0 {
        return Cow::Borrowed(json);
    }
    mended.push_str(&json[done..]);
    Cow::Owned(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    object! { Probe { name: Text<'de> = "name", count: Option<u32> = "count", flags: Option<Vec<Option<bool>>> = "flags", } }

    fn probe(json: &str) -> (bool, Option<String>, Option<u32>, Option<usize>) {
        let Loose(probe) = serde_json::from_str::<Loose<Option<Probe<'_>>>>(json).unwrap();
        let present = probe.is_some();
        let probe = probe.unwrap_or_default();
        (
            present,
            probe.name.map(Cow::into_owned),
            probe.count,
            probe.flags.map(|flags| flags.len()),
        )
    }

    #[test]
    fn any_value_reads_as_something() {
        assert_eq!(
            probe(r#"{"x": [1, {"y": 2}], "name": "n\n", "count": 3, "flags": [true, 1, "x"]}"#),
            (true, Some("n\n".to_owned()), Some(3), Some(3))
        );
        assert_eq!(
            probe(r#"{"name": 1, "name": ["x"], "count": "12", "flags": {"a": 1}}"#),
            (true, None, Some(12), None)
        );
        assert_eq!(probe(r#"{"count": -1}"#).2, None);
        for json in ["null", "1", "true", "\"x\"", "[1, [2]]", "1.5"] {
            assert_eq!(probe(json), (false, None, None, None), "{json}");
        }
    }

    #[test]
    fn lone_surrogates_are_mended() {
        assert_eq!(mend_surrogates(r#""\ud83d\ude00 \\ud83d é""#), r#""\ud83d\ude00 \\ud83d é""#);
        assert_eq!(mend_surrogates(r#""\ud83d x \udE00""#), r#""\ufffd x \ufffd""#);
        assert_eq!(mend_surrogates("\\"), "\\");
        assert_eq!(mend_surrogates("\\é\\ud83"), "\\é\\ud83");
    }
}
