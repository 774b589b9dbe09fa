//! Weighs what speaks for a mail's being a report that a mail server wrote, and what against it:
//! people pass reports on, answer them and quote them. Never reads whom it is about.

use super::parts::Parts;
use super::phrases::Mark;
use super::wording::cut;

/// What speaks for a report, in points.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    /// That a machine which deals with mail wrote it.
    machine: i32,
    /// That it tells of a failure.
    failure: i32,
    /// Whether who wrote it, or its form, or its subject is that of a report.
    is_plain: bool,
}

impl Standing {
    /// Whether a mail server wrote it.
    pub(super) fn is_machine(self) -> bool {
        self.machine >= 2
    }

    /// Whether it is a report.
    pub(super) fn is_report(self) -> bool {
        self.failure > 0 && self.machine > 0 && self.machine + self.failure >= 3
    }

    /// Whether it says plainly that it is a report, so that marks of an automatic answer do not
    /// make it one.
    pub(super) fn is_plain(self) -> bool {
        self.is_plain
    }

    /// Whether it is so surely one that somebody may lose their digest by it.
    pub(super) fn is_sure(self) -> bool {
        self.is_machine() && self.is_report() && self.is_plain
    }
}

/// Weighs a mail.
pub(super) fn standing(parts: &Parts) -> Standing {
    let head = &parts.head;
    let subject = parts.subject.to_lowercase();
    let from = head.first("from").unwrap_or_default().to_ascii_lowercase();
    let is_daemon = Mark::Writer.is_in(&from) || from.trim_end().ends_with("<>");
    let is_null = head.all("return-path").any(|path| path.trim() == "<>");
    let mut machine = 0;
    machine += 3 * i32::from(is_daemon);
    machine += 2 * i32::from(is_null);
    machine += 2 * i32::from(parts.kind == "multipart/report");
    machine += 3 * i32::from(head.has("x-failed-recipients"));
    let is_nobody = ["no-reply", "noreply", "no_reply"].iter().any(|name| from.contains(name));
    machine += i32::from(is_nobody) * (1 + i32::from(!parts.returned.is_empty()));
    machine +=
        i32::from(head.all("auto-submitted").any(|value| !value.trim().eq_ignore_ascii_case("no")));
    let is_answer = Mark::PassedOn.begins(&subject);
    if !is_daemon {
        machine -= 3 * i32::from(is_answer);
        machine -= 3 * i32::from(head.has("list-id") || head.has("list-post"));
        machine -= i32::from(head.has("user-agent"));
    }
    let begin = cut(&parts.text, 4000).to_lowercase();
    let told = Mark::Sentence.is_in(&begin);
    let named = Mark::Subject.is_in(&subject);
    let failure = i32::from(told)
        + 2 * i32::from(named)
        + i32::from(!parts.status.is_empty())
        + i32::from(head.has("x-failed-recipients"));
    let is_plain =
        is_daemon || named || parts.kind == "multipart/report" || head.has("x-failed-recipients");
    Standing { machine, failure, is_plain }
}
