//! Counts what happens, for Prometheus. Each metric stands in one table (`table.rs`), from which
//! descriptions and docs/metrics.md come. Nothing is counted before [`start`]: a command that
//! nobody scrapes pays nothing. Never holds an address, and no label that strangers choose.

mod table;

pub use table::*;

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Unit};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// One metric.
#[derive(Debug)]
pub struct Metric {
    /// Its name, by Prometheus' conventions: base units, `_total` for what only grows.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// Of what it tells.
    pub scope: Scope,
    /// What it says, in one sentence.
    pub help: &'static str,
}

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Only grows, from 0 at the start of the process.
    Counter,
    /// A value of the moment.
    Gauge,
    /// How often values were at most so large: the upper bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// Of what a metric tells, where several processes share a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Of this process: sum over all of them.
    Process,
    /// Of the database: every process says the same.
    Database,
    /// Of the machine that this process runs on.
    Machine,
}

impl Scope {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Database => "database",
            Self::Machine => "machine",
        }
    }
}

static EXPORTER: OnceLock<PrometheusHandle> = OnceLock::new();

const METADATA: Metadata<'static> = Metadata::new("paperround", Level::INFO, None);

/// Begins counting. Handles that were made before count nothing. A second call changes nothing.
pub fn start() {
    EXPORTER.get_or_init(|| {
        let mut builder = PrometheusBuilder::new();
        for metric in METRICS {
            if let Kind::Histogram(bounds) = metric.kind {
                let matcher = Matcher::Full(metric.name.to_owned());
                builder = match builder.set_buckets_for_metric(matcher, bounds) {
                    Ok(builder) => builder,
                    Err(_) => unreachable!("{} has bounds", metric.name),
                };
            }
        }
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("something else counts in this process already");
        }
        for metric in METRICS {
            metric.describe();
        }
        metrics_process::Collector::default().describe();
        let commit = option_env!("PAPERROUND_COMMIT").unwrap_or("unknown");
        BUILD_INFO.set(&[env!("CARGO_PKG_VERSION"), commit], 1.0);
        handle
    });
}

/// Sorts what was measured into its buckets: to be called every few seconds, as single values are
/// kept until then.
pub fn tend() {
    if let Some(exporter) = EXPORTER.get() {
        exporter.run_upkeep();
    }
}

/// Everything counted so far, in Prometheus' text format 0.0.4; none before [`start`].
pub fn render() -> Option<String> {
    let exporter = EXPORTER.get()?;
    metrics_process::Collector::default().collect();
    exporter.run_upkeep();
    Some(exporter.render())
}

/// The list of all metrics, as a table in Markdown: that of docs/metrics.md.
pub fn list() -> String {
    let mut out =
        String::from("| metric | kind | labels | of | what it says |\n|---|---|---|---|---|\n");
    for metric in METRICS {
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        // Writing to a String does not fail.
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} |",
            metric.name,
            metric.kind.word(),
            labels.join(" "),
            metric.scope.word(),
            metric.help
        );
    }
    out
}

impl Metric {
    const fn new(
        name: &'static str,
        kind: Kind,
        labels: &'static [&'static str],
        scope: Scope,
        help: &'static str,
    ) -> Self {
        Self { name, kind, labels, scope, help }
    }

    fn key(&self, values: &[&str]) -> Key {
        debug_assert_eq!(self.labels.len(), values.len(), "{}", self.name);
        let labels = self.labels.iter().zip(values);
        let labels: Vec<Label> =
            labels.map(|(name, value)| Label::new(*name, (*value).to_owned())).collect();
        Key::from_parts(self.name, labels)
    }

    /// The unit that its name ends in.
    fn unit(&self) -> Option<Unit> {
        let name = self.name.strip_suffix("_total").unwrap_or(self.name);
        match name.rsplit('_').next() {
            Some("seconds") => Some(Unit::Seconds),
            Some("bytes") => Some(Unit::Bytes),
            Some("ratio") => None,
            _ => Some(Unit::Count),
        }
    }

    fn describe(&self) {
        let (name, unit, help) = (self.name.into(), self.unit(), self.help.into());
        metrics::with_recorder(|recorder| match self.kind {
            Kind::Counter => recorder.describe_counter(name, unit, help),
            Kind::Gauge => recorder.describe_gauge(name, unit, help),
            Kind::Histogram(_) => recorder.describe_histogram(name, unit, help),
        });
    }

    /// A handle that counts, for a value of each label.
    pub fn counter(&self, values: &[&str]) -> Counter {
        debug_assert_eq!(self.kind, Kind::Counter, "{}", self.name);
        let key = self.key(values);
        metrics::with_recorder(|recorder| recorder.register_counter(&key, &METADATA))
    }

    /// A handle to a value, likewise.
    pub fn gauge(&self, values: &[&str]) -> Gauge {
        debug_assert_eq!(self.kind, Kind::Gauge, "{}", self.name);
        let key = self.key(values);
        metrics::with_recorder(|recorder| recorder.register_gauge(&key, &METADATA))
    }

    /// A handle that takes values, likewise.
    pub fn histogram(&self, values: &[&str]) -> Histogram {
        debug_assert!(matches!(self.kind, Kind::Histogram(_)), "{}", self.name);
        let key = self.key(values);
        metrics::with_recorder(|recorder| recorder.register_histogram(&key, &METADATA))
    }

    /// Counts so many more.
    pub fn add(&self, values: &[&str], count: u64) {
        if EXPORTER.get().is_some() {
            self.counter(values).increment(count);
        }
    }

    /// Says what the value is now.
    pub fn set(&self, values: &[&str], value: f64) {
        self.gauge(values).set(value);
    }

    /// Takes a length of time.
    pub fn took(&self, values: &[&str], time: Duration) {
        if EXPORTER.get().is_some() {
            self.histogram(values).record(time.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_conventions() {
        let mut seen = std::collections::HashSet::new();
        for metric in METRICS {
            let Metric { name, kind, labels, help, .. } = metric;
            assert!(seen.insert(*name), "{name} twice");
            assert!(name.starts_with("paperround_"), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            assert_eq!(*kind == Kind::Counter, name.ends_with("_total"), "{name}");
            if matches!(kind, Kind::Histogram(_)) {
                assert!(name.ends_with("_seconds"), "{name}");
            }
            assert!(help.ends_with('.') && !help.contains('|'), "{name}: {help}");
            for label in *labels {
                assert!(label.bytes().all(|b| b.is_ascii_lowercase()), "{name}: {label}");
                assert!(!["le", "quantile", "address", "email"].contains(label), "{name}");
            }
        }
    }

    #[test]
    fn what_is_counted_is_rendered() {
        start();
        start();
        FETCHES.add(&["huggingface", "good"], 2);
        FETCH_SECONDS.took(&["huggingface"], Duration::from_millis(30));
        PAPERS.set(&[], 12.0);
        tend();
        let text = render().unwrap();
        assert!(text.contains("# TYPE paperround_fetches_total counter"), "{text}");
        assert!(text.contains("# HELP paperround_fetches_total "), "{text}");
        assert!(
            text.contains("paperround_fetches_total{source=\"huggingface\",outcome=\"good\"} 2"),
            "{text}"
        );
        assert!(text.contains("paperround_papers 12"), "{text}");
        assert!(
            text.contains(
                "paperround_fetch_duration_seconds_bucket{source=\"huggingface\",le=\"0.05\"} 1"
            ),
            "{text}"
        );
        assert!(text.contains("process_resident_memory_bytes "), "{text}");
        assert!(text.contains("paperround_build_info{version="), "{text}");
    }
}
