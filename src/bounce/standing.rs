//! Weighs what speaks for a mail's being a report that a mail server wrote, and what against it:
//! people pass reports on, answer them and quote them. Never reads whom it is about.

use super::parts::Parts;
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
    let is_daemon = DAEMONS.iter().any(|name| from.contains(name)) || from.trim_end().ends_with("<>");
    let is_null = head.all("return-path").any(|path| path.trim() == "<>");
    let mut machine = 0;
    machine += 3 * i32::from(is_daemon);
    machine += 2 * i32::from(is_null);
    machine += 2 * i32::from(parts.kind == "multipart/report");
    machine += 3 * i32::from(head.has("x-failed-recipients"));
    machine += i32::from(head.all("auto-submitted").any(|value| !value.trim().eq_ignore_ascii_case("no")));
    let is_answer = ANSWERS.iter().any(|mark| subject.starts_with(mark));
    if !is_daemon {
        machine -= 3 * i32::from(is_answer);
        machine -= 3 * i32::from(head.has("list-id") || head.has("list-post"));
        machine -= i32::from(head.has("user-agent"));
    }
    let begin = cut(&parts.text, 4000).to_lowercase();
    let told = SENTENCES.iter().any(|words| begin.contains(words));
    let named = SUBJECTS.iter().any(|words| subject.contains(words));
    let failure = i32::from(told)
        + 2 * i32::from(named)
        + i32::from(!parts.status.is_empty())
        + i32::from(head.has("x-failed-recipients"));
    let is_plain = is_daemon || named || parts.kind == "multipart/report" || head.has("x-failed-recipients");
    Standing { machine, failure, is_plain }
}

/// What names and addresses of those that write reports have in them.
const DAEMONS: &[&str] = &[
    "mailer-daemon", "mailerdaemon", "mailer_daemon", "mail-daemon", "maildaemon", "mdaemon", "mail daemon", "postmaster", "post_master", "mail delivery", "maildelivery",
    "mail system", "mailsystem", "mail service", "mail_service", "mailadm", "mail administrator", "mail admin", "system administrator", "delivery system", "delivery subsystem", "mail router",
    "smtp gateway", "smtp_gateway", "imss@", "antivirus", "mmdf", "mail-reply", "delivery@", "mail@microsoft", "microsoftexchange", "delivery notification", "noreply@mail", "interscan",
];

/// How subjects begin when people pass something on.
const ANSWERS: &[&str] = &[
    "re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "vs:", "antw:", "tr:", "rv:", "r:", "i:", "res:", "enc:", "[fwd", "回复",
];

/// What subjects of reports say.
const SUBJECTS: &[&str] = &[
    "failure notice", "undeliver", "undelivred", "non-deliver", "nondeliver", "non deliver", "not deliver", "not be deliver", "returned mail", "returned to sender", "returning message", "return mail", "returned message", "returned email",
    "delivery status", "delivery report", "delivery fail", "delivery failure", "delivery error", "delivery problem", "delivery notification", "delivery has failed", "delivery has been delayed", "delivery delayed", "failed delivery", "failed mail", "message status",
    "mail delivery", "mail system error", "mail error", "mail failure", "mail failed", "message delivery", "delayed mail", "delayed", "could not deliver", "couldn't be delivered", "could not send", "unable to deliver", "error sending", "cannot deliver", "can't deliver",
    "unknown user", "user unknown", "user not known", "bounce", "warning: message", "warning: could not send", "ndn:", "nichtzustell", "unzustellbar", "nicht zugestellt", "unzustellbare", "non remis", "non distribu", "échec", "echec", "non recapitabile", "mancato recapito", "mancata consegna", "no se puede entregar", "no entregado", "não entregue", "não foi entregue", "niet worden bezorgd", "nie dostarczono",
    "не доставлен", "недоставлен", "退信", "エラー",
];

/// What reports say first.
const SENTENCES: &[&str] = &[
    "could not be delivered", "couldn't be delivered", "can not be delivered", "cannot be delivered", "can't be delivered", "could not deliver", "couldn't deliver", "unable to deliver", "unable to be delivered", "not able to deliver", "wasn't able to deliver", "cannot deliver", "not been delivered", "not yet been delivered",
    "not yet delivered", "was not delivered", "were not delivered", "not be delivered", "wasn't delivered", "hasn't been delivered", "failed to deliver", "delivery failed", "delivery failure", "delivery has failed", "delivery to the following", "delivery status notification", "delivery attempt", "delivery problem", "delivery error", "undeliver", "undelivred", "non-deliver", "nondeliver",
    "did not reach", "didn't reach", "did not receive", "not receive", "have not received", "failed recipient", "failed address", "permanent fatal errors", "transient non-fatal", "fatal errors", "had permanent", "had delivery problem", "returned to sender", "returned to you", "is being returned", "been returned", "being returned", "returned mail", "returned below", "bounced", "user unknown", "unknown user", "no such user", "does not exist", "delivery of your message", "message was rejected", "was rejected", "has been rejected", "been delayed", "was delayed", "delivery of the message", "error occurred", "not been sent", "could not be sent", "unable to send", "failed:", "transcript of session",
    "konnte nicht zugestellt", "nicht zugestellt", "unzustellbar", "konnte nicht", "n'a pas pu", "n'a pas été", "non distribu", "non remis", "impossible de", "échec", "no se pudo", "no se puede", "no pudo", "no ha podido", "non è stato possibile", "non e' stato", "impossibile", "não foi possível", "não pôde", "kan niet", "nie można", "nie może", "не удалось", "не доставлено", "не может быть доставлено", "送信できません", "配信",
];
