//! `[telemetry]`: traces.

use url::Url;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread};
use super::show::{Shown, shown};

pub(super) const SECTION: Section = Section {
    path: "telemetry",
    repeated: false,
    doc: "Traces of what the program does, for a program built with the feature \"otel\".",
    keys: &[Key::unset(
        "otlp",
        "no traces are sent",
        "the address of a collector such as \"http://127.0.0.1:4318\"",
        "Where traces go: an OpenTelemetry collector that takes OTLP over HTTP.",
    )
    .restart()],
};

/// Traces.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// The collector (OTLP over HTTP), without `/v1/traces`. Default: none.
    pub otlp: Option<Url>,
}

impl Telemetry {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let otlp = entries.maybe("otlp", |node| {
            let url = Url::parse(read::text(node)?.trim())
                .map_err(|error| Misread::hint(error.to_string()))?;
            match url.scheme() {
                "http" | "https" if url.has_host() => Ok(url),
                _ => Err(Misread::default()),
            }
        })?;
        if otlp.is_some() && !cfg!(feature = "otel") {
            entries.warn("otlp", "this program was built without the feature \"otel\"");
        }
        Some(Self { otlp })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![("otlp", self.otlp.as_ref().and_then(shown))]
    }
}
