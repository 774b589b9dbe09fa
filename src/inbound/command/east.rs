//! Spans, days, hours and rhythms as Chinese and Japanese write them: without spaces, around or
//! before the verb. Everything of a sentence must be read. Pure.

use jiff::civil::{Date, Weekday};

use super::dates;
use super::words::fold;
use crate::model::{Hint, HourMinute, Order, Rhythm, Until};

/// What a pause is called; the longer before what they hold.
const PAUSES: &[&str] = &[
    "配信を一時停止",
    "配信を休止",
    "配信を停止",
    "配信一時停止",
    "配信休止",
    "配信停止",
    "メールを停止",
    "一時停止",
    "お休み",
    "休止",
    "停止",
    "暂停发送",
    "暂停订阅",
    "暫停發送",
    "暫停訂閱",
    "停止发送",
    "停止發送",
    "暂停",
    "暫停",
    "停发",
];
/// What it is to send, behind an hour or a rhythm.
const SENDS: &[&str] = &[
    "に送って",
    "に送信",
    "に配信",
    "に届けて",
    "に",
    "発送",
    "送って",
    "送信",
    "配信",
    "发送",
    "發送",
    "发给我",
    "发",
    "發",
    "寄",
    "邮件",
];
const NUMBERS: &[&str] = &["零", "一", "二两兩", "三", "四", "五", "六", "七", "八", "九", "十"];
const UNITS: &[(&str, u32)] = &[
    ("週間", 7),
    ("星期", 7),
    ("礼拜", 7),
    ("週", 7),
    ("周", 7),
    ("か月間", 30),
    ("ヶ月間", 30),
    ("か月", 30),
    ("ヶ月", 30),
    ("カ月", 30),
    ("个月", 30),
    ("個月", 30),
    ("日間", 1),
    ("日", 1),
    ("天", 1),
    ("年間", 365),
    ("年", 365),
];
const DAYS: [(&str, Weekday); 7] = [
    ("一月", Weekday::Monday),
    ("二火", Weekday::Tuesday),
    ("三水", Weekday::Wednesday),
    ("四木", Weekday::Thursday),
    ("五金", Weekday::Friday),
    ("六土", Weekday::Saturday),
    ("日天", Weekday::Sunday),
];

/// What a folded text without politeness asks for.
pub(super) fn orders(text: &str, today: Date) -> Option<Result<Vec<Order>, Hint>> {
    if text.is_ascii() || text.len() > 120 {
        return None;
    }
    if let Some(rest) = around(text, PAUSES).filter(|rest| !rest.is_empty()) {
        return match until(&rest, today) {
            Some(until) => Some(until.map(|until| vec![Order::Pause(until)])),
            // An end or a length that cannot be read.
            None if end(&rest).is_some() || has_digit(&rest) => Some(Err(Hint::NoSpan)),
            None => None,
        };
    }
    let when = SENDS.iter().find_map(|verb| text.strip_suffix(fold(verb).as_str()));
    let when = when.unwrap_or(text);
    let (rhythm, hour) = match rhythm(when) {
        Some((rhythm, rest)) => (Some(rhythm), rest),
        None => (None, when),
    };
    let time = match hour {
        "" => None,
        hour => Some(time(hour)?),
    };
    let all: Vec<Order> =
        rhythm.map(Order::Rhythm).into_iter().chain(time.map(Order::Time)).collect();
    (!all.is_empty()).then_some(Ok(all))
}

/// That a text names an end, in words that only `orders` reads.
pub(super) fn end(text: &str) -> Option<Result<Until, Hint>> {
    let folded = fold(text);
    let digit = |sign: &str| {
        folded.match_indices(sign).any(|(at, _)| {
            folded[at + sign.len()..].trim_start().starts_with(|c: char| c.is_ascii_digit())
        })
    };
    let named =
        folded.contains(&fold("まで")) || folded.contains("直到") || digit("到") || digit("至");
    named.then_some(Err(Hint::NoSpan))
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// A text without one of these before or behind it.
fn around(text: &str, verbs: &[&str]) -> Option<String> {
    verbs.iter().map(|verb| fold(verb)).find_map(|verb| {
        let rest = text.strip_suffix(verb.as_str()).or_else(|| text.strip_prefix(verb.as_str()))?;
        Some(rest.to_owned())
    })
}

/// `12月24日まで`, `到12月24日`, `两周`.
fn until(text: &str, today: Date) -> Option<Result<Until, Hint>> {
    let to = fold("まで");
    let day = ["直到", "到", "至"].iter().find_map(|sign| text.strip_prefix(sign));
    let day = day.or_else(|| text.strip_suffix(to.as_str()));
    if let Some(day) = day {
        let (year, rest) = match day.split_once('年') {
            Some((year, rest)) => (Some(year), rest),
            None => (None, day),
        };
        let (month, rest) = rest.split_once('月')?;
        let day = rest.strip_suffix(['日', '号', '號']).unwrap_or(rest);
        let (month, day) = (number(month)?, number(day)?);
        // As figures, which are read in one place.
        let month = *dates::MONTH_NAMES.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
        let day = day.to_string();
        let mut words = vec!["until", day.as_str(), month];
        words.extend(year);
        return dates::until(&words, today);
    }
    let text = text.trim_end_matches(['间', '間', 'の', 'を', 'は']);
    let (name, days) =
        UNITS.iter().find(|(name, _)| text.ends_with(fold(name).trim_end_matches('間')))?;
    let count = number(text.strip_suffix(fold(name).trim_end_matches('間'))?)?;
    let days = count.checked_mul(*days)?;
    dates::until(&[days.to_string().as_str(), "days"], today)
}

/// Figures, or one sign for up to ten.
fn number(text: &str) -> Option<u32> {
    if text.len() < 5 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let mut signs = text.chars();
    let (sign, None) = (signs.next()?, signs.next()) else { return None };
    let at = NUMBERS.iter().position(|signs| signs.contains(sign))?;
    u32::try_from(at).ok()
}

/// A rhythm, and what stands behind it.
fn rhythm(text: &str) -> Option<(Rhythm, &str)> {
    for (name, rhythm) in [
        ("每天", Rhythm::Daily),
        ("毎日", Rhythm::Daily),
        ("每日", Rhythm::Daily),
        ("工作日", Rhythm::Weekdays),
        ("平日のみ", Rhythm::Weekdays),
        ("平日", Rhythm::Weekdays),
    ] {
        if let Some(rest) = text.strip_prefix(name) {
            return Some((rhythm, rest));
        }
    }
    let weekly = ["每周", "每週", "每星期", "每个星期", "毎週"];
    let rest = weekly.iter().find_map(|name| text.strip_prefix(name))?;
    let day = rest.chars().next().and_then(|sign| {
        let (_, day) = DAYS.iter().find(|(signs, _)| signs.contains(sign))?;
        Some((*day, &rest[sign.len_utf8()..]))
    });
    Some(match day {
        Some((day, rest)) => (Rhythm::Weekly(day), rest.strip_prefix("曜日").unwrap_or(rest)),
        None => (Rhythm::Weekly(Weekday::Monday), rest),
    })
}

/// `朝7時`, `下午3点半`, `7時30分`.
fn time(text: &str) -> Option<HourMinute> {
    let halves = [
        ("早上", 0),
        ("上午", 0),
        ("午前", 0),
        ("朝", 0),
        ("下午", 12),
        ("晚上", 12),
        ("午後", 12),
        ("夜", 12),
        ("夕方", 12),
    ];
    let (added, rest) = halves
        .iter()
        .find_map(|(name, added)| Some((*added, text.strip_prefix(fold(name).as_str())?)))
        .unwrap_or((0, text));
    let (hour, minute) = rest.split_once(['時', '点', '點'])?;
    let hour = number(hour)?;
    let minute = match minute {
        "" => 0,
        "半" => 30,
        minute => number(minute.strip_suffix('分').unwrap_or(minute))?,
    };
    let hour = if hour < 12 { hour + added } else { hour };
    HourMinute::new(hour.try_into().ok()?, minute.try_into().ok()?)
}
