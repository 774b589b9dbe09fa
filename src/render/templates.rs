//! The templates: those of a built-in look, each replaceable by a file of an administrator's
//! folder. Never reads a file after loading; a changed folder is loaded anew and swapped whole.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::Environment;
use minijinja::value::{Serde, Value};
use rust_embed::RustEmbed;

use super::answer::AnswerWords;
use super::digest::{DigestContext, Frame};
use super::engine::{engine, speaking};
use super::fault::TemplateFault;
use super::messages::Messages;
use super::notice::NoticeContext;
use super::paper::PaperView;
use super::words::{clean, shorten};
use crate::model::{Answer, Language, Locale, Look, MailKind, Span, Timing};

/// Longest subject, in characters.
pub(super) const SUBJECT: usize = 150;

#[derive(RustEmbed)]
#[folder = "templates/"]
struct BuiltIn;

/// The templates of all mails, ready to render.
#[derive(Debug)]
pub struct Templates {
    /// One for each language, in the order of [`Language::ALL`].
    engines: Vec<Environment<'static>>,
    messages: Arc<Messages>,
    /// Where the templates lie that were replaced, by name.
    replaced: HashMap<String, PathBuf>,
}

/// A mail's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line of at most 150 characters.
    pub subject: String,
    /// The text part, lines ended by `\n`.
    pub text: String,
    /// The HTML part, lines ended by `\n`.
    pub html: String,
}

impl Templates {
    /// The templates of the first look, as [`Templates::in_look`].
    ///
    /// # Errors
    ///
    /// The first file that cannot be read or parsed.
    pub fn load(overrides: Option<&Path>) -> Result<Self, TemplateFault> {
        Self::in_look(Look::default(), overrides)
    }

    /// The built-in templates of `look`, with those files instead that the folder `overrides`
    /// has under the same relative names (`mail/digest.html`, `locales/de.ftl`). It may hold
    /// more, to be included.
    ///
    /// # Errors
    ///
    /// The first file that cannot be read or parsed.
    pub fn in_look(look: Look, overrides: Option<&Path>) -> Result<Self, TemplateFault> {
        let mut engine =
            engine().map_err(|error| TemplateFault::from_engine("", &error, str::to_owned))?;
        let mut replaced = HashMap::new();
        let mut sources = mail_templates(look)?;
        for path in overrides.map(mail_files).transpose()?.unwrap_or_default() {
            let Some(file) = path.file_name().and_then(|file| file.to_str()) else { continue };
            let name = format!("mail/{file}");
            let source = std::fs::read_to_string(&path)
                .map_err(|error| TemplateFault::unreadable(&path, &error))?;
            sources.insert(name.clone(), source);
            replaced.insert(name, path);
        }
        for (name, source) in sources {
            engine.add_template_owned(name.clone(), source).map_err(|error| {
                TemplateFault::from_engine(&name, &error, |name| file_of(&replaced, name))
            })?;
        }
        let messages = Arc::new(Messages::load(overrides)?);
        let engines =
            Language::ALL.into_iter().map(|one| speaking(&engine, &messages, one)).collect();
        Ok(Self { engines, messages, replaced })
    }

    /// The built-in templates of a look and the words of all languages, name and source, to be
    /// copied out and changed.
    ///
    /// # Errors
    ///
    /// None in a program that was built whole.
    pub fn built_in(look: Look) -> Result<Vec<(String, String)>, TemplateFault> {
        Ok(mail_templates(look)?.into_iter().chain(Messages::built_in()?).collect())
    }

    /// The words of a digest.
    ///
    /// # Errors
    ///
    /// The place where a template asks for what there is not, or takes too long.
    pub fn digest(&self, context: &DigestContext) -> Result<Rendered, TemplateFault> {
        let values = Value::from(Serde(context));
        let render = |part: &str| self.render(&context.language, part, &values);
        Ok(Rendered {
            subject: one_line(&render("mail/digest.subject")?),
            text: format!("{}\n", render("mail/digest.txt")?.trim_matches('\n')),
            html: render("mail/digest.html")?,
        })
    }

    /// The words of a notice.
    ///
    /// # Errors
    ///
    /// As [`Templates::digest`].
    pub fn notice(
        &self,
        kind: MailKind,
        context: &NoticeContext,
    ) -> Result<Rendered, TemplateFault> {
        let values = Value::from(Serde(context));
        let part = |ending: &str| {
            self.render(&context.language, &format!("mail/{}.{ending}", kind.word()), &values)
        };
        Ok(Rendered {
            subject: one_line(&part("subject")?),
            text: format!("{}\n", part("txt")?.trim_matches('\n')),
            html: part("html")?,
        })
    }

    /// What the templates of a digest are given: the first `listed` of `papers`, the first
    /// `cards` of them in full.
    pub fn context(
        &self,
        frame: &Frame,
        papers: &[PaperView],
        listed: usize,
        cards: usize,
    ) -> DigestContext {
        DigestContext::new(&self.messages, frame, papers, listed, cards)
    }

    /// When digests come, such as `weekdays at 08:00, Europe/Berlin`.
    pub fn rhythm(&self, locale: &Locale, timing: &Timing) -> String {
        self.messages.rhythm(locale.language(), timing)
    }

    /// The words of an answer to a mail.
    pub fn answer(&self, locale: &Locale, answer: &Answer) -> AnswerWords {
        AnswerWords::new(&self.messages, locale, answer)
    }

    /// A length of time, such as `7 days`.
    pub fn span(&self, locale: &Locale, span: Span) -> String {
        self.messages.span(locale.language(), span)
    }

    /// The HTML part of a digest alone.
    pub(super) fn digest_html(&self, context: &DigestContext) -> Result<String, TemplateFault> {
        self.render(&context.language, "mail/digest.html", &Value::from(Serde(context)))
    }

    /// A subject as the template has it, before it is made fit to be sent.
    pub(super) fn raw_subject(&self, context: &DigestContext) -> Result<String, TemplateFault> {
        self.render(&context.language, "mail/digest.subject", &Value::from(Serde(context)))
    }

    fn render(&self, tag: &str, name: &str, values: &Value) -> Result<String, TemplateFault> {
        let language = tag.parse::<Locale>().unwrap_or_default().language();
        let at = Language::ALL.iter().position(|one| *one == language).unwrap_or(0);
        self.engines[at]
            .get_template(name)
            .and_then(|template| template.render(values))
            .map_err(|error| TemplateFault::from_engine(name, &error, |name| self.file_of(name)))
    }

    /// Where the template `name` lies.
    pub(super) fn file_of(&self, name: &str) -> String {
        file_of(&self.replaced, name)
    }
}

fn file_of(replaced: &HashMap<String, PathBuf>, name: &str) -> String {
    replaced.get(name).map_or_else(|| name.to_owned(), |path| path.display().to_string())
}

/// The templates of a look: those of the first, but for the files that the look has itself.
fn mail_templates(look: Look) -> Result<BTreeMap<String, String>, TemplateFault> {
    let own = format!("looks/{look}/");
    let mut templates = BTreeMap::new();
    for name in BuiltIn::iter() {
        let (target, is_own) = match name.strip_prefix(&own) {
            Some(file) => (format!("mail/{file}"), true),
            None if name.starts_with("mail/") => (name.to_string(), false),
            None => continue,
        };
        let wrong = |what| TemplateFault::new(name.as_ref(), what);
        let file = BuiltIn::get(&name).ok_or_else(|| wrong("it is missing"))?;
        let source =
            String::from_utf8(file.data.into_owned()).map_err(|_| wrong("it is not UTF-8"))?;
        if is_own {
            templates.insert(target, source);
        } else {
            templates.entry(target).or_insert(source);
        }
    }
    Ok(templates)
}

/// The templates for mail in an administrator's folder; none when it has no such folder.
fn mail_files(folder: &Path) -> Result<Vec<PathBuf>, TemplateFault> {
    if !folder.is_dir() {
        return Err(TemplateFault::new(folder.display().to_string(), "there is no such folder"));
    }
    let mail = folder.join("mail");
    if !mail.is_dir() {
        return Ok(Vec::new());
    }
    let unreadable = |error: &std::io::Error| TemplateFault::unreadable(&mail, error);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&mail).map_err(|error| unreadable(&error))? {
        let path = entry.map_err(|error| unreadable(&error))?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if matches!(extension, Some("html" | "txt" | "subject")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A subject as it may be sent: one line, not too long, and not looking like a reply, as
/// mail programs would thread and filters distrust it.
fn one_line(subject: &str) -> String {
    let subject = clean(subject);
    let prefix = subject.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let is_reply = subject.contains(':')
        && matches!(prefix.as_str(), "re" | "fw" | "fwd" | "aw" | "tr" | "sv" | "wg");
    shorten(&if is_reply { format!("“{subject}”") } else { subject }, SUBJECT)
}
