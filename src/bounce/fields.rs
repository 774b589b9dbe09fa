//! Fields of a head or of a machine-readable report (RFC 5322 2.2, RFC 3464 2.1): names and
//! values, unfolded. Never says what they mean.

/// Fields that are read of one head.
const MOST_FIELDS: usize = 1000;
/// Bytes of a value that are kept.
const LONGEST: usize = 8 << 10;

/// A field: its name in small letters, and its value on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
}

/// Fields in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(pub(super) Vec<Field>);

impl Fields {
    /// Reads fields up to the first empty line. Lines that are none are passed over.
    pub(super) fn of_head(text: &str) -> Self {
        let mut fields = Self::default();
        for line in text.lines() {
            if line.trim().is_empty() {
                if fields.0.is_empty() {
                    continue;
                }
                break;
            }
            if !fields.add(line) {
                break;
            }
        }
        fields
    }

    /// Takes one more line; false when there are enough.
    pub(super) fn add(&mut self, line: &str) -> bool {
        if line.starts_with([' ', '\t']) {
            if let Some(last) = self.0.last_mut()
                && last.value.len() < LONGEST
            {
                last.value.push(' ');
                last.value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':')
            && is_name(name)
        {
            self.0.push(Field {
                name: name.trim_end().to_ascii_lowercase(),
                value: value.trim().to_owned(),
            });
        }
        self.0.len() < MOST_FIELDS
    }

    /// The first value of this name.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of this name.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |field| field.name == name).map(|field| field.value.as_str())
    }

    /// Whether there is a field of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }
}

/// Whether a line could begin a field of this name.
pub(super) fn is_name(name: &str) -> bool {
    let name = name.trim_end();
    !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
