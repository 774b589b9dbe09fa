//! DNS records as people put them into a zone. Pure text.

/// A TXT record as a line of a zone file (RFC 1035 5), the value in strings of at most 255 bytes
/// (3.3). `name` without its final dot.
pub fn txt_line(name: &str, value: &str) -> String {
    let strings = value.as_bytes().chunks(255).map(|part| {
        let part: String = part.iter().copied().map(char::from).collect();
        format!("\"{part}\"")
    });
    let strings: Vec<String> = strings.collect();
    format!("{name}. 3600 IN TXT ({})", strings.join(" "))
}

/// Another record as a line of a zone file; what is in `data` is whole, with its final dots.
pub fn record_line(name: &str, kind: &str, data: &str) -> String {
    format!("{name}. 3600 IN {kind} {data}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_into_strings() {
        assert_eq!(txt_line("a.example", "v=x"), "a.example. 3600 IN TXT (\"v=x\")");
        let line = txt_line("a.example", &"x".repeat(300));
        let strings: Vec<usize> = line.split('"').skip(1).step_by(2).map(str::len).collect();
        assert_eq!(strings, [255, 45]);
    }
}
