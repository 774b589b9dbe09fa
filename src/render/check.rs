//! Tries templates before a reader sees them: every one with every sample in every language, and
//! a look at what comes out.

use super::answer::AnswerWords;
use super::digest::DigestContext;
use super::fault::TemplateFault;
use super::inspect::inspect;
use super::notice::NoticeContext;
use super::sample::{MARKER, Sample, frame, ordinary_papers};
use super::templates::{Rendered, SUBJECT, Templates};
use crate::model::{Language, Locale, MailKind};

/// The kinds of mail that are notices.
const NOTICES: [MailKind; 9] = [
    MailKind::Confirm,
    MailKind::Known,
    MailKind::Link,
    MailKind::Goodbye,
    MailKind::Move,
    MailKind::Answer,
    MailKind::Ask,
    MailKind::Probe,
    MailKind::Alarm,
];

/// What a check found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What is wrong, each once.
    pub faults: Vec<TemplateFault>,
    /// How many mails were rendered.
    pub mails: usize,
    /// What was measured, language by language.
    pub measured: Vec<Measured>,
}

/// What was measured of the mails in one language.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The language's tag.
    pub language: &'static str,
    /// Bytes of HTML of an ordinary day: 22 papers, 15 of them in full.
    pub ordinary: usize,
    /// Bytes of HTML of 60 papers, as they fit into `digest.max_html`.
    pub sixty: usize,
    /// How many of the 60 are listed, and how many of them in full.
    pub fit: (usize, usize),
    /// The least contrast of ordinary text in the light scheme.
    pub light: f64,
    /// And in the dark one.
    pub dark: f64,
    /// And where a program turns the light one's colours round, in part or all.
    pub turned: f64,
}

impl Templates {
    /// Renders every template with every sample in `locale`: the faults that would keep a mail
    /// from being made, each once.
    pub fn try_all(&self, locale: &Locale) -> Vec<TemplateFault> {
        let mut checked = Checked::default();
        self.mails(locale, |_, _, _| Vec::new(), &mut checked);
        checked.faults
    }

    /// Renders every template with every sample in every language, and looks at each mail: its
    /// size, pictures without words, contrast, links, subjects. At most `max_html` bytes of
    /// HTML are good. `show` is given each mail: which it is, such as `digest` or `confirm`, of
    /// which sample, in which language.
    pub fn check(
        &self,
        max_html: usize,
        show: impl FnMut(&str, &str, Language, &Rendered),
    ) -> Checked {
        self.check_in(&Language::ALL, max_html, show)
    }

    pub(super) fn check_in(
        &self,
        languages: &[Language],
        max_html: usize,
        mut show: impl FnMut(&str, &str, Language, &Rendered),
    ) -> Checked {
        let mut checked = Checked::default();
        for language in languages.iter().copied() {
            let locale = Locale::from(language);
            let mut least = [21.0_f64; 3];
            let mut ordinary = 0;
            let look = |name: &str, sample: &str, mail: &Rendered| {
                show(name.trim_start_matches("mail/"), sample, language, mail);
                let seen = inspect(&mail.html, &format!("(({MARKER}."));
                least = [0, 1, 2].map(|at| least[at].min(seen.contrast[at]));
                if (name, sample) == ("mail/digest", "an ordinary day") {
                    ordinary = mail.html.len();
                }
                seen.faults
            };
            self.mails(&locale, look, &mut checked);
            let fitted = self.fit(&frame(&locale), &ordinary_papers(60), 15, max_html);
            let (sixty, fit) = match &fitted {
                Ok(fitted) => (fitted.rendered.html.len(), (fitted.listed, fitted.cards)),
                Err(fault) => {
                    checked.note(fault.clone());
                    continue;
                }
            };
            if sixty > max_html {
                let what = format!("one paper alone takes {sixty} bytes, more than {max_html}");
                checked.note(TemplateFault::new(self.file_of("mail/digest.html"), what));
            }
            let [light, dark, turned] = least;
            let language = language.tag();
            checked.measured.push(Measured { language, ordinary, sixty, fit, light, dark, turned });
        }
        checked
    }

    /// Renders everything in one language; `look` says what is wrong with a mail that came out.
    fn mails(
        &self,
        locale: &Locale,
        mut look: impl FnMut(&str, &str, &Rendered) -> Vec<String>,
        checked: &mut Checked,
    ) {
        let mut judge = |name: &str, sample: &str, mail: Result<Rendered, TemplateFault>| {
            checked.mails += 1;
            match mail {
                Err(fault) => checked.note(fault),
                Ok(mail) => {
                    for what in look(name, sample, &mail) {
                        let file = self.file_of(&format!("{name}.html"));
                        if !checked.knows(&file, &what) {
                            let what = format!("{what} ({sample}, {locale})");
                            checked.note(TemplateFault::new(file, what));
                        }
                    }
                }
            }
        };
        for (sample, context) in DigestContext::samples(self, locale) {
            judge("mail/digest", sample, self.sound_digest(sample, &context));
        }
        for (sample, context) in NoticeContext::samples(self, locale) {
            let answers = context.answer != AnswerWords::default();
            for kind in NOTICES {
                if answers && !matches!(kind, MailKind::Answer | MailKind::Ask) {
                    continue;
                }
                judge(&format!("mail/{}", kind.word()), sample, self.notice(kind, &context));
            }
        }
    }

    /// A digest whose subject is one. One of several lines is mended when a mail is made, but its
    /// author should know.
    fn sound_digest(
        &self,
        sample: &str,
        context: &DigestContext,
    ) -> Result<Rendered, TemplateFault> {
        let mail = self.digest(context)?;
        let subject = self.raw_subject(context)?;
        let subject = subject.trim();
        let wrong = match subject {
            "" => "it is empty",
            _ if subject.contains(['\r', '\n']) => "it has more than one line",
            _ if subject.chars().count() > SUBJECT => "it has more than 150 characters",
            _ => return Ok(mail),
        };
        let file = self.file_of("mail/digest.subject");
        Err(TemplateFault::new(file, format!("{wrong} ({sample})")))
    }
}

impl Checked {
    fn note(&mut self, fault: TemplateFault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// Whether that was said already, of another sample or in another language.
    fn knows(&self, file: &str, what: &str) -> bool {
        self.faults.iter().any(|fault| fault.file == file && fault.what.starts_with(what))
    }
}
