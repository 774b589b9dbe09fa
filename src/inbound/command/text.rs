//! What a mail's writer wrote: the text of its first readable part without what is quoted, the
//! signature and what mail programs add. Never more than the first lines, in one pass.

use mail_parser::{Message, MimeHeaders, PartType};

use super::words::fold;
use super::{html, marks};

/// Lines that are looked at.
const MOST_LINES: usize = 40;
/// Bytes that are looked at.
const MOST_BYTES: usize = 8_192;
/// Bytes of a part that are searched for them: answers may stand below what they answer.
const MOST_SEARCHED: usize = 256 * 1024;

/// The lines of the new text. Empty lines part paragraphs.
pub(in crate::inbound) fn new_lines(message: &Message<'_>) -> Vec<String> {
    let parts = |ids: &[u32]| {
        ids.iter().filter_map(|id| message.parts.get(*id as usize)).take(8).collect::<Vec<_>>()
    };
    // Some programs send an empty text beside the HTML that their writer sees.
    for part in parts(&message.text_body).into_iter().chain(parts(&message.html_body)) {
        let lines = match &part.body {
            PartType::Text(text) => {
                let flowed = part
                    .content_type()
                    .and_then(|kind| kind.attribute("format"))
                    .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
                plain(text, flowed)
            }
            PartType::Html(text) => html::lines(text, MOST_SEARCHED),
            _ => continue,
        };
        let new = without_quotes(&lines);
        if new.iter().any(|line| !line.is_empty()) {
            return new;
        }
    }
    Vec::new()
}

fn plain(text: &str, flowed: bool) -> Vec<String> {
    let mut end = text.len().min(MOST_SEARCHED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut lines: Vec<String> = Vec::new();
    let mut open = false;
    // Old Macs end lines in CR alone.
    let end_of_line = if text[..end].contains('\n') { '\n' } else { '\r' };
    for line in text[..end].split(end_of_line) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        // RFC 3676 4: a space at the end of a line joins it to the next, but for `-- `.
        let joins = flowed && line.ends_with(' ') && line != "-- " && !line.starts_with('>');
        match lines.last_mut().filter(|_| open && !line.starts_with('>')) {
            Some(last) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            None => lines.push(line.trim_end().to_owned()),
        }
        open = joins;
    }
    lines
}

/// Leaves out what is quoted and what comes behind the writer's own text.
fn without_quotes(lines: &[String]) -> Vec<String> {
    let mut new: Vec<String> = Vec::new();
    let mut bytes = 0;
    let mut quoting = false;
    for (at, line) in lines.iter().enumerate() {
        let line = line.trim().trim_matches(['\u{feff}', '\u{200b}']);
        if is_quoted(line) {
            if !quoting {
                drop_intro(&mut new);
            }
            quoting = true;
            continue;
        }
        if line.len() > MOST_BYTES {
            break;
        }
        if !line.is_empty() {
            quoting = false;
        }
        if marks::ends_text(line) || is_header_block(&lines[at..]) {
            break;
        }
        if marks::is_intro(line) && !quote_follows(&lines[at + 1..]) {
            break;
        }
        let wrapped = lines.get(at + 1).map(|next| format!("{line} {}", next.trim()));
        if let Some(wrapped) = wrapped
            && wrapped.len() < 400
            && marks::opens_intro(line)
            && marks::is_intro(&wrapped)
            && !quote_follows(&lines[at + 2..])
        {
            break;
        }
        if marks::is_footer(line) {
            continue;
        }
        if line.is_empty() && new.last().is_none_or(String::is_empty) {
            continue;
        }
        bytes += line.len();
        if bytes > MOST_BYTES || new.len() >= MOST_LINES {
            break;
        }
        new.push(calm(line));
    }
    drop_blank(&mut new);
    new
}

/// Without control characters, which databases and mails cannot all hold.
pub(super) fn calm(line: &str) -> String {
    line.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect()
}

fn is_quoted(line: &str) -> bool {
    line.starts_with(['>', '＞', '|']) || {
        // `Ada> `, as Emacs quotes.
        let name = line.bytes().take(6).take_while(u8::is_ascii_alphabetic).count();
        name > 0 && line[name..].starts_with("> ")
    }
}

fn quote_follows(lines: &[String]) -> bool {
    lines.iter().map(|line| line.trim()).find(|line| !line.is_empty()).is_some_and(is_quoted)
}

fn drop_blank(lines: &mut Vec<String>) {
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
}

/// Takes back the lines that say whose text the quoted one is, in any language: they end in a
/// colon and hold an address or a date.
fn drop_intro(new: &mut Vec<String>) {
    drop_blank(new);
    if !new.last().is_some_and(|line| line.ends_with([':', '：'])) {
        return;
    }
    let first = new.iter().rposition(String::is_empty).map_or(0, |at| at + 1);
    let first = first.max(new.len().saturating_sub(3));
    for from in (first..new.len()).rev() {
        let intro = new[from..].join(" ");
        let is_one = marks::is_intro(&intro)
            || intro.contains('@')
            || intro.bytes().filter(u8::is_ascii_digit).count() > 3;
        if is_one && (from == first || marks::opens_intro(&new[from])) {
            new.truncate(from);
            return;
        }
    }
    // `Ada wrote:`
    if new.last().is_some_and(|line| marks::is_intro(line)) {
        new.pop();
    }
}

/// The head of a mail as Outlook and Notes write it above what they quote: `From:`, and soon
/// after it another field.
fn is_header_block(lines: &[String]) -> bool {
    let Some(first) = lines.first() else { return false };
    if !marks::is_field(first, &marks::FROM) {
        return false;
    }
    lines[1..]
        .iter()
        .filter(|line| !line.trim().is_empty())
        .take(3)
        .any(|line| marks::is_field(line, &marks::FIELDS))
}

/// A subject without the prefixes of replies and forwards in any language, and whether there
/// were any.
pub(in crate::inbound) fn bare_subject(subject: &str) -> (&str, bool) {
    let mut rest = subject.trim();
    let mut is_reply = false;
    // So many that nobody's thread has more.
    for _ in 0..20 {
        // `[EXT]`, `[list]`
        if let Some((_, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            rest = after.trim_start();
            continue;
        }
        let Some(colon) = rest.find([':', '：']).filter(|at| *at < 24) else { break };
        let prefix =
            rest[..colon].trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^* ".contains(c));
        if !marks::is_prefix(&fold(prefix)) {
            break;
        }
        is_reply = true;
        rest = rest[colon..].trim_start_matches([':', '：']).trim_start();
    }
    (rest, is_reply)
}
