//! The rows of an import in either format: CSV with a header, or a JSON object a line. A row
//! is one line, so that a stray quotation mark spoils its own row and no other.

use std::io::BufRead;

use super::import::ImportError;
use super::lines::{Lines, Numbered};
use super::row::{COLUMNS, Row, RowFault};

/// Rows with their lines.
pub(super) struct Rows<R> {
    lines: Lines<R>,
    format: Format,
    /// A first line that is already a row.
    first: Option<Numbered<String>>,
}

enum Format {
    Json,
    Csv { columns: Vec<String>, delimiter: u8 },
}

impl<R: BufRead> Rows<R> {
    /// Reads as much of `input` as tells its format.
    pub(super) fn new(input: R) -> Result<Self, ImportError> {
        let mut lines = Lines::new(input);
        let Some((number, first)) = lines.next()? else {
            return Err(ImportError::Header("is missing: the file is empty".to_owned()));
        };
        let first = first.map_err(|fault| ImportError::Header(format!("is bad: {fault}")))?;
        match first.trim_start().as_bytes().first() {
            Some(b'{') => {
                Ok(Self { lines, format: Format::Json, first: Some((number, Ok(first))) })
            }
            Some(b'[') => Err(ImportError::Header(
                "is missing: of JSON, one object a line can be read, not an array".to_owned(),
            )),
            _ => Ok(Self { lines, format: header(&first)?, first: None }),
        }
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Numbered<Row>>, ImportError> {
        let next = match self.first.take() {
            Some(first) => Some(first),
            None => self.lines.next()?,
        };
        Ok(next.map(|(number, line)| (number, line.and_then(|line| self.format.row(&line)))))
    }
}

/// What a header says. Spreadsheets of some countries write `;`.
fn header(line: &str) -> Result<Format, ImportError> {
    let delimiter =
        [b',', b';', b'\t'].into_iter().find(|byte| line.as_bytes().contains(byte)).unwrap_or(b',');
    let columns: Vec<String> = split(line, delimiter)
        .map_err(|fault| ImportError::Header(format!("is bad: {fault}")))?
        .iter()
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let named = columns.iter().any(|name| name == "email");
    if !named && line.contains('@') {
        return Err(ImportError::Header(
            "is missing: the first line looks like a row, not like names of columns".to_owned(),
        ));
    }
    let strange: Vec<String> = columns
        .iter()
        .filter(|name| !COLUMNS.contains(&name.as_str()))
        .map(|name| format!("{:?}", name.chars().take(40).collect::<String>()))
        .collect();
    if !strange.is_empty() {
        let noun = if strange.len() == 1 { "the unknown column" } else { "the unknown columns" };
        return Err(ImportError::Header(format!("has {noun} {}", strange.join(", "))));
    }
    if let Some(twice) =
        columns.iter().enumerate().find(|(at, name)| columns[..*at].contains(name)).map(|(_, n)| n)
    {
        return Err(ImportError::Header(format!("has the column {twice:?} twice")));
    }
    if !named {
        return Err(ImportError::Header("has no column email".to_owned()));
    }
    Ok(Format::Csv { columns, delimiter })
}

impl Format {
    fn row(&self, line: &str) -> Result<Row, RowFault> {
        let Self::Csv { columns, delimiter } = self else { return json_row(line) };
        let fields = split(line, *delimiter)?;
        if fields.len() > columns.len() {
            let words = format!("it has {} fields, the header {}", fields.len(), columns.len());
            return Err(RowFault(words));
        }
        Row::read(|name| {
            columns.iter().position(|known| known == name).and_then(|at| fields.get(at))
        })
    }
}

fn split(line: &str, delimiter: u8) -> Result<csv::StringRecord, RowFault> {
    if !line.bytes().filter(|byte| *byte == b'"').count().is_multiple_of(2) {
        return Err(RowFault("a quotation mark is not closed in its line".to_owned()));
    }
    let mut record = csv::StringRecord::new();
    csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .buffer_capacity(line.len().max(1))
        .from_reader(line.as_bytes())
        .read_record(&mut record)
        .map_err(|error| RowFault(error.to_string()))?;
    Ok(record)
}

fn json_row(line: &str) -> Result<Row, RowFault> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line)
        .map_err(|error| RowFault(format!("it is not a JSON object: {error}")))?;
    if let Some(strange) = object.keys().find(|name| !COLUMNS.contains(&name.as_str())) {
        let name: String = strange.chars().take(40).collect();
        return Err(RowFault(format!("unknown field {name:?}")));
    }
    let texts: Vec<(&String, String)> = object
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| {
            (name, value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect();
    Row::read(|name| texts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Numbered<Row>>, String> {
        let mut rows = Rows::new(text.as_bytes()).map_err(|error| error.to_string())?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            found.push(row);
        }
        Ok(found)
    }

    fn lines(text: &str) -> Vec<(u64, bool)> {
        rows(text).unwrap().into_iter().map(|(line, row)| (line, row.is_ok())).collect()
    }

    #[test]
    fn both_formats_give_the_same_rows() {
        let csv = rows("\u{feff}hour; EMAIL ;min_votes\r\n7:30;a@example.org;5\r\n").unwrap();
        let json = rows("\n {\"min_votes\": 5, \"email\": \"a@example.org\", \"hour\": \"07:30\"}")
            .unwrap();
        assert_eq!(csv[0].1, json[0].1);
        assert_eq!((csv[0].0, json[0].0), (2, 2));
        assert!(csv[0].1.is_ok());
    }

    #[test]
    fn a_bad_row_spoils_no_other_and_tells_its_line() {
        let text = "email,zone\r\n\r\na@example.org\r\n\"b@example.org\r\nc@example.org,UTC,more\r\n\
                    \"d@example.org\",\"Europe/Berlin\"\r\nnobody\r\n";
        assert_eq!(lines(text), [(3, true), (4, false), (5, false), (6, true), (7, false)]);
        let text = "{\"email\":\"a@example.org\",\"topics\":[]}\n{\"email\":\n\
                    {\"email\":\"b@example.org\",\"zoen\":\"UTC\"}\n\n{\"email\":\"c@example.org\",\
                    \"topics\":[\"(llm\"]}\n{\"email\":\"d@example.org\",\"zone\":null}";
        assert_eq!(lines(text), [(1, true), (2, false), (3, false), (5, false), (6, true)]);
    }

    #[test]
    fn a_bad_header_names_everything_once() {
        for (text, told) in [
            ("", "empty"),
            ("name,EMail,colour\n", "unknown columns \"name\", \"colour\""),
            ("zone,hour\n", "no column email"),
            ("email,zone,email\n", "\"email\" twice"),
            ("a@example.org\nb@example.org\n", "looks like a row"),
            ("[{\"email\":\"a@example.org\"}]", "not an array"),
        ] {
            let fault = rows(text).unwrap_err();
            assert!(fault.contains(told), "{text:?}: {fault}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        proptest::proptest!(|(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300))| {
            if let Ok(mut rows) = Rows::new(bytes.as_slice()) {
                while let Ok(Some(_)) = rows.next() {}
            }
            let mut file = b"email,zone,state\n".to_vec();
            file.extend(&bytes);
            let mut rows = Rows::new(file.as_slice()).unwrap();
            while rows.next().unwrap().is_some() {}
        });
    }
}
