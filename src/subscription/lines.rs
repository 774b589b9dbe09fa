//! Lines of a file that may be of any size and hold anything: each is bounded, numbered and
//! text, or a fault. Never holds more than one.

use std::io::{self, BufRead, Read};

use super::row::RowFault;

/// The longest line, in bytes. Longer is no row.
const LONGEST: usize = 64 * 1024;

/// A line with its number, from 1.
pub(super) type Numbered<T> = (u64, Result<T, RowFault>);

/// The lines of `input` that are not empty, without their ends and without a BOM.
pub(super) struct Lines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, number: 0 }
    }

    /// The next line.
    pub(super) fn next(&mut self) -> io::Result<Option<Numbered<String>>> {
        loop {
            let mut bytes = Vec::new();
            let most = LONGEST as u64 + 1;
            if (&mut self.input).take(most).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if bytes.len() > LONGEST && !bytes.ends_with(b"\n") {
                self.input.skip_until(b'\n')?;
                let fault = RowFault(format!("it is longer than {LONGEST} bytes"));
                return Ok(Some((self.number, Err(fault))));
            }
            if self.number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
                bytes.drain(..3);
            }
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let line = String::from_utf8(bytes)
                .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
                .map_err(|_| RowFault("it is not UTF-8 text".to_owned()));
            return Ok(Some((self.number, line)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers_whatever_stands_between() {
        let mut file = b"\xef\xbb\xbfone\r\n\r\n \n\xff\xfe\n".to_vec();
        file.extend(vec![b'x'; 3 * LONGEST]);
        file.extend(b"\nlast");
        let mut lines = Lines::new(file.as_slice());
        let mut found = Vec::new();
        while let Some((number, line)) = lines.next().unwrap() {
            found.push((number, line.map_err(|fault| fault.0)));
        }
        assert_eq!(
            found,
            [
                (1, Ok("one".to_owned())),
                (4, Err("it is not UTF-8 text".to_owned())),
                (5, Err("it is longer than 65536 bytes".to_owned())),
                (6, Ok("last".to_owned())),
            ]
        );
    }
}
