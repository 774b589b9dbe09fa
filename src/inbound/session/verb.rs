//! A command line of SMTP or LMTP, read (RFC 5321 4.1.1, RFC 2033 4.1). Pure; knows nothing of
//! what was said before.
//!
//! Written here rather than taken from `smtp-proto`: that one reads lines that end in a bare LF,
//! passes over every CR, mends what is not UTF-8, takes quotes off local parts that need them,
//! and parses parameters of extensions that are not offered. Each of these is a way in which two
//! servers come to read the same bytes differently, which is what smuggling lives on.

use std::borrow::Cow;

use super::path::path;

/// Whom the client takes us for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hello {
    Helo,
    Ehlo,
    Lhlo,
}

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verb<'a> {
    Hello(Hello),
    Mail(Mail<'a>),
    Rcpt {
        to: Cow<'a, str>,
    },
    Data,
    /// CHUNKING, which is not offered (RFC 3030).
    Bdat,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Expn,
    Help,
    StartTls,
    /// A browser, or what was made to speak like one.
    Http,
}

/// `MAIL FROM:` with its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mail<'a> {
    /// Empty: the null sender.
    pub from: Cow<'a, str>,
    /// Declared (RFC 1870).
    pub size: Option<u64>,
    /// RFC 6531.
    pub utf8: bool,
    /// Whether any parameter was given.
    pub parameters: bool,
}

/// What the client hears where a line cannot be read.
type Reply = &'static str;

const NO_ARGUMENT: Reply = "501 5.5.4 nothing may follow this command";
const BAD_HELLO: Reply = "501 5.5.4 the name of your host must follow";
const BAD_MAIL: Reply = "501 5.5.4 it is MAIL FROM:<address>";
const BAD_RCPT: Reply = "501 5.5.4 it is RCPT TO:<address>";
const BAD_SENDER: Reply = "501 5.1.7 this is no sender's address";
const BAD_RECIPIENT: Reply = "501 5.1.3 this is no recipient's address";
const BAD_VALUE: Reply = "501 5.5.4 a parameter stands twice or has no such value";
const UNKNOWN_PARAMETER: Reply = "555 5.5.4 a parameter that is not offered";
const UNKNOWN: Reply = "500 5.5.1 no such command";
const UNREADABLE: Reply = "500 5.5.2 neither ASCII nor UTF-8";
const CONTROL: Reply = "500 5.5.2 a control character";

/// Reads a line, without its CR LF.
pub(super) fn verb(line: &[u8]) -> Result<Verb<'_>, Reply> {
    let text = std::str::from_utf8(line).map_err(|_| UNREADABLE)?;
    if text.chars().any(|letter| letter.is_control() && letter != '\t') {
        return Err(CONTROL);
    }
    // RFC 5321 4.1.1: white space at the end is borne with.
    let text = text.trim_end_matches([' ', '\t']);
    let (word, argument) = text.split_once(' ').unwrap_or((text, ""));
    let bare = |verb| if argument.is_empty() { Ok(verb) } else { Err(NO_ARGUMENT) };
    let mut upper = [0; 8];
    let Some(upper) = upper.get_mut(..word.len()) else { return Err(UNKNOWN) };
    upper.copy_from_slice(word.as_bytes());
    upper.make_ascii_uppercase();
    match &*upper {
        b"MAIL" => mail(argument),
        b"RCPT" => rcpt(argument),
        b"DATA" => bare(Verb::Data),
        b"RSET" => bare(Verb::Rset),
        b"QUIT" => bare(Verb::Quit),
        b"STARTTLS" => bare(Verb::StartTls),
        b"NOOP" => Ok(Verb::Noop),
        b"HELP" => Ok(Verb::Help),
        b"LHLO" => hello(Hello::Lhlo, argument),
        b"EHLO" => hello(Hello::Ehlo, argument),
        b"HELO" => hello(Hello::Helo, argument),
        b"VRFY" if argument.is_empty() => Err("501 5.5.4 a name must follow"),
        b"VRFY" => Ok(Verb::Vrfy),
        b"EXPN" => Ok(Verb::Expn),
        b"BDAT" => Ok(Verb::Bdat),
        b"GET" | b"POST" | b"PUT" | b"CONNECT" => Ok(Verb::Http),
        _ => Err(UNKNOWN),
    }
}

/// RFC 5321 4.1.4: what the client calls itself is no reason to refuse it.
fn hello(hello: Hello, name: &str) -> Result<Verb<'_>, Reply> {
    let good = |byte: u8| byte.is_ascii_graphic();
    if name.is_empty() || name.len() > 255 || !name.bytes().all(good) {
        return Err(BAD_HELLO);
    }
    Ok(Verb::Hello(hello))
}

/// What stands behind `FROM:`. A space after the colon is wrong, common, and means nothing.
fn after<'a>(argument: &'a str, word: &str) -> Option<&'a str> {
    let (head, rest) = argument.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word).then(|| rest.trim_start_matches(' '))
}

fn mail(argument: &str) -> Result<Verb<'_>, Reply> {
    let text = after(argument, "FROM:").ok_or(BAD_MAIL)?;
    let (from, rest) = path(text).ok_or(BAD_SENDER)?;
    if !from.is_empty() && !from.contains('@') {
        return Err(BAD_SENDER);
    }
    let mut mail = Mail { from, ..Mail::default() };
    let mut body = false;
    for parameter in rest.split(' ').filter(|parameter| !parameter.is_empty()) {
        mail.parameters = true;
        let (key, value) = match parameter.split_once('=') {
            Some((key, value)) => (key, Some(value)),
            None => (parameter, None),
        };
        if key.eq_ignore_ascii_case("SIZE") {
            let size = value.and_then(octets).filter(|_| mail.size.is_none()).ok_or(BAD_VALUE)?;
            mail.size = Some(size);
        } else if key.eq_ignore_ascii_case("BODY") {
            let known =
                |value: &str| ["7BIT", "8BITMIME"].iter().any(|k| k.eq_ignore_ascii_case(value));
            if body || !value.is_some_and(known) {
                return Err(BAD_VALUE);
            }
            body = true;
        } else if key.eq_ignore_ascii_case("SMTPUTF8") {
            if mail.utf8 || value.is_some() {
                return Err(BAD_VALUE);
            }
            mail.utf8 = true;
        } else {
            return Err(UNKNOWN_PARAMETER);
        }
    }
    Ok(Verb::Mail(mail))
}

/// RFC 1870 4: up to 20 digits. More than fits is as good as the most that does.
fn octets(value: &str) -> Option<u64> {
    let digits = (1..=20).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| value.parse().unwrap_or(u64::MAX))
}

fn rcpt(argument: &str) -> Result<Verb<'_>, Reply> {
    let text = after(argument, "TO:").ok_or(BAD_RCPT)?;
    let (to, rest) = path(text).ok_or(BAD_RECIPIENT)?;
    // RFC 5321 4.1.1.3: the one mailbox that needs no domain.
    if !to.contains('@') && !to.eq_ignore_ascii_case("postmaster") {
        return Err(BAD_RECIPIENT);
    }
    if !rest.trim_start_matches(' ').is_empty() {
        return Err(UNKNOWN_PARAMETER);
    }
    Ok(Verb::Rcpt { to })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(address: &str) -> Mail<'_> {
        Mail { from: Cow::Borrowed(address), ..Mail::default() }
    }

    #[test]
    fn good_lines_are_read() {
        let told = |mail: Mail<'static>| Verb::Mail(Mail { parameters: true, ..mail });
        for (line, wanted) in [
            ("EHLO a.example", Verb::Hello(Hello::Ehlo)),
            ("helo [192.0.2.1]", Verb::Hello(Hello::Helo)),
            ("LhLo under_score", Verb::Hello(Hello::Lhlo)),
            ("MAIL FROM:<>", Verb::Mail(Mail::default())),
            ("mail from: <a@b.example> ", Verb::Mail(from("a@b.example"))),
            (
                "MAIL FROM:<a@b.example>  SIZE=12",
                told(Mail { size: Some(12), ..from("a@b.example") }),
            ),
            (
                "MAIL FROM:<> size=99999999999999999999",
                told(Mail { size: Some(u64::MAX), ..from("") }),
            ),
            ("MAIL FROM:<> body=8bitmime SMTPUTF8", told(Mail { utf8: true, ..from("") })),
            ("RCPT TO:<a@b.example>", Verb::Rcpt { to: Cow::Borrowed("a@b.example") }),
            ("rcpt to:<POSTMASTER>", Verb::Rcpt { to: Cow::Borrowed("POSTMASTER") }),
            ("data", Verb::Data),
            ("RSET\t ", Verb::Rset),
            ("NOOP whatever", Verb::Noop),
            ("quit", Verb::Quit),
            ("VRFY x", Verb::Vrfy),
            ("EXPN", Verb::Expn),
            ("HELP MAIL", Verb::Help),
            ("StartTLS", Verb::StartTls),
            ("BDAT 3 LAST", Verb::Bdat),
            ("POST / HTTP/1.1", Verb::Http),
        ] {
            assert_eq!(verb(line.as_bytes()), Ok(wanted), "{line}");
        }
    }

    #[test]
    fn bad_lines_are_answered_for() {
        for (line, wanted) in [
            (&b""[..], UNKNOWN),
            (b"FOO", UNKNOWN),
            (b" NOOP", UNKNOWN),
            (b"DATAA", UNKNOWN),
            (b"STARTTLS9", UNKNOWN),
            (b"EHLO", BAD_HELLO),
            (b"EHLO a b", BAD_HELLO),
            (b"DATA x", NO_ARGUMENT),
            (b"QUIT now", NO_ARGUMENT),
            (b"NOOP \xff", UNREADABLE),
            (b"NOOP \x1b[0m", CONTROL),
            ("NOOP \u{85}".as_bytes(), CONTROL),
            (b"MAIL", BAD_MAIL),
            (b"MAIL FROM <a@b.example>", BAD_MAIL),
            (b"MAIL TO:<a@b.example>", BAD_MAIL),
            (b"MAIL FROM:a@b.example", BAD_SENDER),
            (b"MAIL FROM:<a>", BAD_SENDER),
            (b"MAIL FROM:<postmaster>", BAD_SENDER),
            (b"MAIL FROM:<> SIZE=", BAD_VALUE),
            (b"MAIL FROM:<> SIZE=-1", BAD_VALUE),
            (b"MAIL FROM:<> SIZE=1 SIZE=1", BAD_VALUE),
            (b"MAIL FROM:<> SIZE=999999999999999999999", BAD_VALUE),
            (b"MAIL FROM:<> BODY=BINARYMIME", BAD_VALUE),
            (b"MAIL FROM:<> BODY", BAD_VALUE),
            (b"MAIL FROM:<> SMTPUTF8=1", BAD_VALUE),
            (b"MAIL FROM:<> RET=FULL", UNKNOWN_PARAMETER),
            (b"MAIL FROM:<> ENVID=x", UNKNOWN_PARAMETER),
            (b"MAIL FROM:<> AUTH=<>", UNKNOWN_PARAMETER),
            (b"RCPT FROM:<a@b.example>", BAD_RCPT),
            (b"RCPT TO:<>", BAD_RECIPIENT),
            (b"RCPT TO:<a>", BAD_RECIPIENT),
            (b"RCPT TO:<a@b.example> NOTIFY=NEVER", UNKNOWN_PARAMETER),
            (b"RCPT TO:<a@b.example> ORCPT=rfc822;a@b.example", UNKNOWN_PARAMETER),
        ] {
            assert_eq!(verb(line), Err(wanted), "{}", line.escape_ascii());
        }
    }
}
