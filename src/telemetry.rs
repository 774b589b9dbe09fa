//! Logging: one subscriber for the whole process, to stderr or the journal; with the feature
//! `otel` also traces to a collector. Never logs by itself.

use std::io::IsTerminal;
use std::sync::OnceLock;

use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt};

use crate::config::{Log, LogFormat, Telemetry};

/// How loud, on the command line's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Volume {
    /// As configured.
    #[default]
    Configured,
    /// Errors alone (`-q`).
    Quiet,
    /// The house's own details too (`-v`).
    Loud,
}

/// Lines in one of the formats, or traces.
type Lines = Box<dyn Layer<Registry> + Send + Sync>;

/// By what the log is changed while it is written.
struct Handles {
    lines: Handle<Lines, Registry>,
    filter: Handle<EnvFilter, Registry>,
}

static HANDLES: OnceLock<Handles> = OnceLock::new();

/// Starts logging as configured, and sending traces if that is.
pub fn start(log: &Log, traces: &Telemetry, volume: Volume) {
    let (lines, missed) = lines(log);
    let (lines, lines_handle) = reload::Layer::new(lines);
    let (filter, filter_handle) = reload::Layer::new(filter(log, volume));
    let mut layers: Vec<Lines> = vec![lines.with_filter(filter).boxed()];
    layers.extend(traced(traces));
    // A second start (tests in one process) keeps the first.
    if tracing_subscriber::registry().with(layers).try_init().is_ok() {
        let _ = HANDLES.set(Handles { lines: lines_handle, filter: filter_handle });
    }
    told(missed);
}

/// Goes on as configured now. Traces go where they went.
pub fn change(log: &Log, volume: Volume) {
    let Some(handles) = HANDLES.get() else { return };
    let (lines, missed) = lines(log);
    // They fail only where the subscriber is gone, and then nobody logs.
    let _ = handles.lines.reload(lines);
    let _ = handles.filter.reload(filter(log, volume));
    told(missed);
}

fn told(missed: Option<std::io::Error>) {
    if let Some(error) = missed {
        tracing::warn!(%error, "the journal cannot be reached; the log goes to stderr");
    }
}

fn filter(log: &Log, volume: Volume) -> EnvFilter {
    let level = match volume {
        Volume::Quiet => "error",
        Volume::Loud => "info,paperround=debug",
        Volume::Configured => &log.level,
    };
    // lettre tells whole mails and logins at debug; nobody may turn that on. What notify says of
    // files that come and go is no trouble: they are looked at anyway.
    let quiet = "lettre=warn,notify=off,notify_debouncer_full=off";
    EnvFilter::builder().parse_lossy(format!("{level},{quiet}"))
}

/// Lines in the configured format; where there is no journal, those for people, and why.
fn lines(log: &Log) -> (Lines, Option<std::io::Error>) {
    let ansi = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let base = || fmt::layer().with_writer(std::io::stderr).with_ansi(ansi);
    let text = || base().with_target(false).boxed();
    match log.format {
        LogFormat::Text => (text(), None),
        LogFormat::Json => (base().json().flatten_event(true).boxed(), None),
        LogFormat::Journald => match tracing_journald::layer() {
            Ok(layer) => (layer.with_syslog_identifier("paperround".to_owned()).boxed(), None),
            Err(error) => (text(), Some(error)),
        },
    }
}

/// The layer that sends traces.
#[cfg(feature = "otel")]
fn traced(config: &Telemetry) -> Option<Lines> {
    otel::layer(config.otlp.as_ref()?)
}

#[cfg(not(feature = "otel"))]
fn traced(_config: &Telemetry) -> Option<Lines> {
    None
}

/// Sends what was not sent yet; to be called when the process ends.
pub fn end() {
    #[cfg(feature = "otel")]
    otel::end();
}

#[cfg(feature = "otel")]
mod otel {
    //! Spans to an OpenTelemetry collector, over OTLP by HTTP.

    use std::sync::OnceLock;
    use std::time::Duration;

    use opentelemetry::KeyValue;
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::{EnvFilter, Layer as _};
    use url::Url;

    use super::Lines;

    static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

    /// How long the collector may take.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// None where the collector's address cannot be used; that is said on stderr, as there is no
    /// log yet.
    pub(super) fn layer(collector: &Url) -> Option<Lines> {
        // The client that sends needs one; a second call finds the first one's provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let place = format!("{}/v1/traces", collector.as_str().trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(place)
            .with_timeout(PATIENCE)
            .build();
        let exporter = match exporter {
            Ok(exporter) => exporter,
            Err(error) => {
                eprintln!("paperround: no traces are sent: {error}");
                return None;
            }
        };
        let resource = Resource::builder()
            .with_service_name("paperround")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_attribute(KeyValue::new("host.name", crate::machine::host()))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        let tracer = provider.tracer("paperround");
        let _ = PROVIDER.set(provider);
        // The house's own spans alone: the exporter's must not make more of themselves.
        let filter = EnvFilter::builder().parse_lossy("off,paperround=debug");
        Some(tracing_opentelemetry::layer().with_tracer(tracer).with_filter(filter).boxed())
    }

    pub(super) fn end() {
        if let Some(provider) = PROVIDER.get() {
            // A collector that is gone must not hold the exit up.
            let _ = provider.shutdown_with_timeout(PATIENCE);
        }
    }
}
