//! The table of every metric.

use super::Kind::{Counter, Gauge, Histogram};
use super::Metric;
use super::Scope::{Database, Machine, Process};

/// Bounds for what takes a moment: milliseconds to half a minute.
const MOMENTS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// Bounds for what may take long: a tenth of a second to a day.
const WAITS: &[f64] =
    &[0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0, 86400.0];

/// Each metric under a name in the code, and all of them in one list.
macro_rules! metrics {
    ($($id:ident = $name:literal $kind:expr, [$($label:literal),*], $scope:expr, $help:literal;)*) => {
        $(
            #[doc = $help]
            pub static $id: Metric = Metric::new($name, $kind, &[$($label),*], $scope, $help);
        )*
        /// Every metric, in the order in which they are explained.
        pub static METRICS: &[&Metric] = &[$(&$id),*];
    };
}

metrics! {
    BUILD_INFO = "paperround_build_info" Gauge, ["version", "commit"], Process,
        "1, with the version that runs and the commit that it was built from.";
    NODE_HOLDS = "paperround_node_holds" Gauge, ["node"], Process,
        "1 while this process may send, 0 while its lease on the database is lost.";
    NODES = "paperround_nodes" Gauge, ["state"], Database,
        "Processes in the database, by whether they are `alive`, `expired` or `fenced`.";
    STEP_FAILURES = "paperround_step_failures_total" Counter, ["step"], Process,
        "Steps of the scheduler that failed: `fetch`, `plan`, `send`, `bounce` or `watch`.";

    FETCHES = "paperround_fetches_total" Counter, ["source", "outcome"], Process,
        "Fetches, by source and by `good`, `unchanged`, `empty`, `incomplete` or `broken`.";
    FETCH_SECONDS = "paperround_fetch_duration_seconds" Histogram(MOMENTS), ["source"], Process,
        "How long a fetch took, with its repeats and its recording.";
    PAPERS_NEW = "paperround_papers_new_total" Counter, ["source"], Process,
        "Papers that were seen for the first time.";
    PAPERS = "paperround_papers" Gauge, [], Database,
        "Papers in the database.";
    SOURCE_GOOD_AGE = "paperround_source_last_good_age_seconds" Gauge, ["source"], Database,
        "Time since the last fetch of a source that was good, unchanged or rightly empty.";
    SOURCE_NEW_AGE = "paperround_source_last_new_age_seconds" Gauge, ["source"], Database,
        "Time since the last fetch of a source that brought a new paper.";

    PLAN_SECONDS = "paperround_plan_duration_seconds" Histogram(WAITS), [], Process,
        "How long a planning took that had somebody due.";
    DIGESTS = "paperround_digests_total" Counter, [], Process,
        "Digests that were chosen and rendered, one for each cohort.";
    PLANNED = "paperround_deliveries_planned_total" Counter, [], Process,
        "Deliveries of digests that were enqueued.";
    NOTHING_NEW = "paperround_readers_nothing_new_total" Counter, [], Process,
        "Readers who were due and for whom nothing was new.";
    READERS_DUE = "paperround_readers_due" Gauge, [], Database,
        "Readers who are due and not yet planned.";
    READERS_OVERDUE = "paperround_readers_overdue_seconds" Gauge, [], Database,
        "For how long the reader who has waited longest has been due without being planned.";
    DIGEST_AGE = "paperround_last_digest_age_seconds" Gauge, [], Database,
        "Time since a digest was last planned.";

    DELIVERIES = "paperround_deliveries_total" Counter, ["relay", "kind", "outcome"], Process,
        "Attempts at deliveries, by relay, by `digest` or `notice`, and by `sent`, `deferred` or `failed`.";
    SKIPPED = "paperround_deliveries_skipped_total" Counter, [], Process,
        "Deliveries that were not sent any more: too late, or their reader has left.";
    REFUSALS = "paperround_refusals_total" Counter, ["relay", "class"], Process,
        "What relays said of mails they did not take, by class and subject of the status code (`5.1` address, `4.2` mailbox, `5.7` policy), or `connection`.";
    SMTP_SECONDS = "paperround_smtp_transaction_seconds" Histogram(MOMENTS), ["relay"], Process,
        "How long a relay took over one mail, from its envelope to its answer.";
    QUEUE_SECONDS = "paperround_queue_wait_seconds" Histogram(WAITS), ["kind"], Process,
        "How long a mail that was sent had waited since it was planned.";
    RELAY_UP = "paperround_relay_up" Gauge, ["relay"], Process,
        "1 while a relay can be used as far as this process knows, 0 while it rests.";
    RELAY_FAULTS = "paperround_relay_faults_total" Counter, ["relay"], Process,
        "Faults of a relay as a whole: connection, TLS, login, 421.";
    WAITING = "paperround_deliveries_waiting" Gauge, ["state"], Database,
        "Deliveries that wait, by `queued`, `sending` or `deferred`.";
    DUE = "paperround_deliveries_due" Gauge, [], Database,
        "Deliveries whose moment has come.";
    OLDEST_DUE_AGE = "paperround_deliveries_oldest_due_age_seconds" Gauge, [], Database,
        "For how long the delivery that has waited longest has been due.";
    DOUBTFUL = "paperround_deliveries_doubtful" Gauge, [], Database,
        "Deliveries that may have arrived before they were sent again.";
    DOMAINS_RESTING = "paperround_domains_resting" Gauge, [], Database,
        "Receiving domains that get no digest for a while, as they refused us.";

    BOUNCES = "paperround_bounces_total" Counter, ["verdict", "way"], Process,
        "What was said of mails that were sent, by verdict and by who said it.";
    SUBSCRIBERS = "paperround_subscribers" Gauge, ["state"], Database,
        "Subscribers, by `pending`, `active`, `paused`, `unsubscribed` or `suppressed`.";
    SUPPRESSIONS = "paperround_suppressions" Gauge, [], Database,
        "Addresses that must not be mailed.";

    REQUESTS = "paperround_http_requests_total" Counter, ["route", "method", "status"], Process,
        "Requests, by the pattern of their path, method and status.";
    REQUEST_SECONDS = "paperround_http_request_duration_seconds" Histogram(MOMENTS), ["route"], Process,
        "How long an answer took, until it began.";
    INBOUND = "paperround_inbound_mails_total" Counter, ["class"], Process,
        "Mails that came in, by what they are.";

    RELOADS = "paperround_config_reloads_total" Counter, ["outcome"], Process,
        "Changes of the configuration that were `applied` or `refused`.";
    ALARMS = "paperround_alarms_total" Counter, ["topic"], Process,
        "Alarms that this process opened.";
    ALARMS_OPEN = "paperround_alarms_open" Gauge, ["topic"], Database,
        "Alarms that are open, by topic.";
    ALARM_POSTS = "paperround_alarm_posts_total" Counter, ["outcome"], Process,
        "Calls of webhooks, by `taken`, `retried` or `dropped`.";
    CANARY_SECONDS = "paperround_canary_round_trip_seconds" Gauge, [], Database,
        "How long the last canary took from its planning to its arrival.";
    CANARY_AGE = "paperround_canary_last_seen_age_seconds" Gauge, [], Database,
        "Time since a canary last arrived.";

    DATABASE_BYTES = "paperround_database_size_bytes" Gauge, [], Database,
        "The size of the database.";
    DISK_FREE = "paperround_data_free_bytes" Gauge, [], Machine,
        "Free space where the data folder lies.";
    DISK_SIZE = "paperround_data_size_bytes" Gauge, [], Machine,
        "The size of the file system where the data folder lies.";
}
