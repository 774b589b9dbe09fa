//! Import: a stream of rows into the store, in batches, so that memory does not grow with
//! the file. CSV with a header, or a JSON object a line. Each row that cannot be taken is
//! reported with its line and the reason; the others are.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};

use super::Subscriptions;
use super::row::{COLUMNS, Row, RowFault};
use crate::model::SubscriberState;
use crate::store::{Added, StoreError};

/// Rows stored at a time.
const BATCH: usize = 1_000;
/// The longest line of a JSON file, in bytes.
const LONGEST: u64 = 64 * 1024;

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Rejection {
    /// Its line, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// Rows read.
    pub rows: u64,
    /// New subscribers.
    pub added: u64,
    /// Addresses that were known, and left as they were.
    pub known: u64,
    /// Rows not taken.
    pub rejected: u64,
}

/// Why an import stopped. What was stored before stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("cannot read the import")]
    Read(#[from] std::io::Error),
    /// It is not CSV.
    #[error("cannot read the import as CSV")]
    Csv(#[from] csv::Error),
    /// Its header has no `email`, or a column that is not known.
    #[error(
        "the header {0}; wanted email and any of zone, rhythm, hour, max_papers, min_votes, topics"
    )]
    Header(String),
    /// The database did not do it.
    #[error("cannot store the import")]
    Store(#[from] StoreError),
}

/// How an import is done.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// The people have confirmed: active at once.
    pub confirmed: bool,
    /// Read and check, but store nothing.
    pub dry_run: bool,
}

impl Subscriptions {
    /// Imports every row of `input`. `reject` hears of each row not taken, `progress` of the
    /// number of rows read.
    pub async fn import(
        &self,
        input: impl Read,
        how: How,
        mut reject: impl FnMut(Rejection),
        progress: impl Fn(u64),
    ) -> Result<Imported, ImportError> {
        let mut input = BufReader::with_capacity(64 * 1024, input);
        let start = input.fill_buf()?;
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let json = text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        let mut rows = if json { Rows::json(input) } else { Rows::csv(input)? };
        let mut done = Imported::default();
        let mut batch: Vec<(u64, Row)> = Vec::with_capacity(BATCH);
        let mut told = |done: &mut Imported, line, reason| {
            done.rejected += 1;
            reject(Rejection { line, reason });
        };
        loop {
            let next = rows.next()?;
            let end = next.is_none();
            if let Some((line, row)) = next {
                done.rows += 1;
                match row {
                    Ok(row) => batch.push((line, row)),
                    Err(fault) => told(&mut done, line, fault.0),
                }
            }
            if batch.len() == BATCH || end {
                for (line, reason) in self.take(&mut batch, how, &mut done).await? {
                    told(&mut done, line, reason);
                }
                progress(done.rows);
            }
            if end {
                return Ok(done);
            }
        }
    }

    async fn take(
        &self,
        batch: &mut Vec<(u64, Row)>,
        how: How,
        done: &mut Imported,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        let mut refused = Vec::new();
        let mut seen = HashSet::new();
        batch.retain(|(line, row)| {
            let first = seen.insert(row.email.key());
            if !first {
                refused.push((*line, "the address stands twice in the file".to_owned()));
            }
            first
        });
        let new: Vec<_> = batch
            .iter()
            .map(|(_, row)| {
                self.new_subscriber(&row.email, &row.preferences, how.confirmed, "imported")
            })
            .collect();
        let added = if how.dry_run {
            self.store.known(&new).await?
        } else {
            self.store.add_subscribers(&new, self.clock.now()).await?
        };
        for ((line, _), added) in batch.drain(..).zip(added) {
            match added {
                Added::New => done.added += 1,
                // Who has left, or must not be mailed, is not brought back by a file.
                Added::Known(
                    state @ (SubscriberState::Unsubscribed | SubscriberState::Suppressed),
                ) => {
                    refused.push((
                        line,
                        format!("the address is {}; only the person can come back", state.word()),
                    ));
                }
                Added::Known(_) => done.known += 1,
            }
        }
        Ok(refused)
    }
}

/// The rows of either format, with their lines.
enum Rows<R: BufRead> {
    Csv { records: csv::StringRecordsIntoIter<R>, columns: Vec<String> },
    Json { input: R, line: u64 },
}

type NextRow = Option<(u64, Result<Row, RowFault>)>;

impl<R: BufRead> Rows<R> {
    fn json(input: R) -> Self {
        Self::Json { input, line: 0 }
    }

    fn csv(input: R) -> Result<Self, ImportError> {
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(input);
        let columns: Vec<String> = reader
            .headers()?
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').trim().to_ascii_lowercase())
            .collect();
        if let Some(strange) = columns.iter().find(|name| !COLUMNS.contains(&name.as_str())) {
            return Err(ImportError::Header(format!("has the unknown column {strange:?}")));
        }
        if !columns.iter().any(|name| name == "email") {
            return Err(ImportError::Header("has no column email".to_owned()));
        }
        Ok(Self::Csv { records: reader.into_records(), columns })
    }

    fn next(&mut self) -> Result<NextRow, ImportError> {
        match self {
            Self::Csv { records, columns } => {
                let Some(record) = records.next() else { return Ok(None) };
                let line = records.reader().position().line();
                let record = match record {
                    Ok(record) => record,
                    Err(error) if matches!(error.kind(), csv::ErrorKind::Utf8 { .. }) => {
                        return Ok(Some((line, Err(RowFault("it is not UTF-8".to_owned())))));
                    }
                    Err(error) => return Err(error.into()),
                };
                let line = record.position().map_or(line, csv::Position::line);
                if record.len() > columns.len() {
                    let words =
                        format!("it has {} fields, the header {}", record.len(), columns.len());
                    return Ok(Some((line, Err(RowFault(words)))));
                }
                let row = Row::read(|name| {
                    columns.iter().position(|known| known == name).and_then(|at| record.get(at))
                });
                Ok(Some((line, row)))
            }
            Self::Json { input, line } => loop {
                *line += 1;
                let mut bytes = Vec::new();
                if input.take(LONGEST).read_until(b'\n', &mut bytes)? == 0 {
                    return Ok(None);
                }
                let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
                if bytes.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                return Ok(Some((*line, json_row(bytes))));
            },
        }
    }
}

fn json_row(bytes: &[u8]) -> Result<Row, RowFault> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(bytes)
        .map_err(|error| RowFault(format!("it is not a JSON object: {error}")))?;
    if let Some(strange) = object.keys().find(|name| !COLUMNS.contains(&name.as_str())) {
        return Err(RowFault(format!("unknown field {strange:?}")));
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
