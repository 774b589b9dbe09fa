//! How long a server wants to be left alone: `Retry-After`, and Hugging Face's `ratelimit`.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// What nobody may make us wait longer than.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The wait asked for, a day at most.
pub(super) fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    text(RETRY_AFTER.as_str())
        .and_then(|value| retry_after(value.trim(), now))
        .or_else(|| text("ratelimit").and_then(used_up))
        .map(|wait| wait.min(LONGEST))
}

/// Seconds, or an HTTP date (RFC 9110 10.2.3).
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(LONGEST, Duration::from_secs));
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

/// `"pages";r=0;t=224`: nothing is left for 224 s.
fn used_up(value: &str) -> Option<Duration> {
    let part = |key: &str| -> Option<u64> {
        value.split([';', ',']).find_map(|part| part.trim().strip_prefix(key)?.parse().ok())
    };
    (part("r=")? == 0).then(|| part("t=").map(Duration::from_secs))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &'static str, value: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        wait(&headers, "2026-11-20T08:00:00Z".parse().unwrap()).map(|wait| wait.as_secs())
    }

    #[test]
    fn waits_are_read_and_have_an_end() {
        assert_eq!(asked("retry-after", "2"), Some(2));
        assert_eq!(asked("retry-after", "1000000000"), Some(86_400));
        assert_eq!(asked("retry-after", "99999999999999999999999"), Some(86_400));
        assert_eq!(asked("retry-after", "Fri, 20 Nov 2026 08:05:00 GMT"), Some(300));
        assert_eq!(asked("retry-after", "Fri, 20 Nov 2026 07:05:00 GMT"), Some(0));
        assert_eq!(asked("retry-after", "soon"), None);
        assert_eq!(asked("retry-after", "-5"), None);
        assert_eq!(asked("ratelimit", "\"pages\";r=0;t=224"), Some(224));
        assert_eq!(asked("ratelimit", "\"pages\";r=98;t=224"), None);
        assert_eq!(asked("x-other", "2"), None);
    }
}
