//! `tag=value; tag=value`, as DKIM's and DMARC's records are written (RFC 6376 3.2). Pure.

/// The tags of a record in their order, names in lower case; values without spaces around them.
pub(super) fn tags(text: &str) -> Vec<(String, String)> {
    text.split(';')
        .filter_map(|tag| tag.split_once('='))
        .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
        .collect()
}

/// The value of the first tag of that name.
pub(super) fn tag<'a>(tags: &'a [(String, String)], name: &str) -> Option<&'a str> {
    tags.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

/// Those of the records that begin with the version `version`, such as `v=DMARC1`.
pub(super) fn of_version(records: Vec<String>, version: &str) -> Vec<String> {
    let is = |record: &String| {
        let first = record.split([';', ' ']).next().unwrap_or_default();
        first.split_whitespace().collect::<String>().eq_ignore_ascii_case(version)
    };
    records.into_iter().filter(is).collect()
}
