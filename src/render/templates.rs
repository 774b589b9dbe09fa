//! The templates: the built-in ones, each replaceable by a file of an administrator's folder.
//! Never reads a file after loading; a changed folder is loaded anew and swapped whole.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use rust_embed::RustEmbed;

use super::digest::DigestContext;
use super::fault::TemplateFault;
use super::notice::NoticeContext;
use super::sample::Sample;
use super::words::{clean, shorten, wrap};
use crate::model::MailKind;

/// Steps that one rendering may take; a digest of 60 papers takes about a twentieth.
const FUEL: u64 = 500_000;
/// Longest subject, in characters.
const SUBJECT: usize = 150;

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

#[derive(RustEmbed)]
#[folder = "templates/"]
struct BuiltIn;

/// The templates of all mails, ready to render.
#[derive(Debug)]
pub struct Templates {
    engine: Environment<'static>,
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
    /// The built-in templates, with those files instead that the folder `overrides` has under
    /// the same relative names (`mail/digest.html`). It may hold more, to be included.
    ///
    /// # Errors
    ///
    /// The first file that cannot be read or parsed.
    pub fn load(overrides: Option<&Path>) -> Result<Self, TemplateFault> {
        let engine =
            engine().map_err(|error| TemplateFault::from_engine("", &error, str::to_owned))?;
        let mut templates = Self { engine, replaced: HashMap::new() };
        let mut sources: HashMap<String, String> = Self::built_in()?.into_iter().collect();
        for path in overrides.map(mail_files).transpose()?.unwrap_or_default() {
            let Some(file) = path.file_name().and_then(|file| file.to_str()) else { continue };
            let name = format!("mail/{file}");
            let source = std::fs::read_to_string(&path)
                .map_err(|error| TemplateFault::unreadable(&path, &error))?;
            sources.insert(name.clone(), source);
            templates.replaced.insert(name, path);
        }
        for (name, source) in sources {
            templates
                .engine
                .add_template_owned(name.clone(), source)
                .map_err(|error| templates.fault(&name, &error))?;
        }
        Ok(templates)
    }

    /// The built-in templates, name and source, to be copied out and changed.
    ///
    /// # Errors
    ///
    /// None in a program that was built whole.
    pub fn built_in() -> Result<Vec<(String, String)>, TemplateFault> {
        BuiltIn::iter()
            .filter(|name| name.starts_with("mail/"))
            .map(|name| {
                let wrong = |what| TemplateFault::new(name.as_ref(), what);
                let file = BuiltIn::get(&name).ok_or_else(|| wrong("it is missing"))?;
                let source = String::from_utf8(file.data.into_owned())
                    .map_err(|_| wrong("it is not UTF-8"))?;
                Ok((name.to_string(), source))
            })
            .collect()
    }

    /// The words of a digest.
    ///
    /// # Errors
    ///
    /// The place where a template asks for what there is not, or takes too long.
    pub fn digest(&self, context: &DigestContext) -> Result<Rendered, TemplateFault> {
        let values = Value::from(Serde(context));
        let text = self.render("mail/digest.txt", &values)?;
        Ok(Rendered {
            subject: one_line(&self.render("mail/digest.subject", &values)?),
            text: format!("{}\n", text.trim_matches('\n')),
            html: self.render("mail/digest.html", &values)?,
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
        let part = |ending: &str| self.render(&format!("mail/{}.{ending}", kind.word()), &values);
        Ok(Rendered {
            subject: one_line(&part("subject")?),
            text: format!("{}\n", part("txt")?.trim_matches('\n')),
            html: part("html")?,
        })
    }

    /// The HTML part of a digest alone.
    pub(super) fn digest_html(&self, context: &DigestContext) -> Result<String, TemplateFault> {
        self.render("mail/digest.html", &Value::from(Serde(context)))
    }

    /// Every template with every sample; each fault once.
    pub fn check(&self) -> Vec<TemplateFault> {
        let mut faults: Vec<TemplateFault> = Vec::new();
        for (what, context) in DigestContext::samples() {
            let found = self.digest(&context).err().or_else(|| self.subject_fault(what, &context));
            faults.extend(found.filter(|fault| !faults.contains(fault)));
        }
        for (_, context) in NoticeContext::samples() {
            for kind in NOTICES {
                let found = self.notice(kind, &context).err();
                faults.extend(found.filter(|fault| !faults.contains(fault)));
            }
        }
        faults
    }

    /// A subject of several lines is mended when a mail is made, but its author should know.
    fn subject_fault(&self, what: &str, context: &DigestContext) -> Option<TemplateFault> {
        let name = "mail/digest.subject";
        let subject = self.render(name, &Value::from(Serde(context))).ok()?;
        let subject = subject.trim();
        let wrong = match subject {
            "" => "it is empty",
            _ if subject.contains(['\r', '\n']) => "it has more than one line",
            _ if subject.chars().count() > SUBJECT => "it has more than 150 characters",
            _ => return None,
        };
        Some(TemplateFault::new(self.file_of(name), format!("{wrong} ({what})")))
    }

    fn render(&self, name: &str, values: &Value) -> Result<String, TemplateFault> {
        self.engine
            .get_template(name)
            .and_then(|template| template.render(values))
            .map_err(|error| self.fault(name, &error))
    }

    fn fault(&self, name: &str, error: &minijinja::Error) -> TemplateFault {
        TemplateFault::from_engine(name, error, |name| self.file_of(name))
    }

    fn file_of(&self, name: &str) -> String {
        self.replaced.get(name).map_or_else(|| name.to_owned(), |path| path.display().to_string())
    }
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

fn engine() -> Result<Environment<'static>, minijinja::Error> {
    let mut engine = Environment::new();
    // Before any template is added: the choice is made when one is compiled.
    engine.set_auto_escape_callback(|name| match name.rsplit('.').next() {
        Some("html") => AutoEscape::Html,
        _ => AutoEscape::None,
    });
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    engine.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    // The engine's own escaping writes each slash as six bytes, which makes every address in
    // a mail three times as long.
    engine.set_formatter(|out, state, value| match (state.auto_escape(), value.as_str()) {
        (AutoEscape::Html, Some(text)) if !value.is_safe() => {
            let mut escaped = String::with_capacity(text.len() + 16);
            escape_html(text, &mut escaped);
            out.write_str(&escaped).map_err(minijinja::Error::from)
        }
        _ => minijinja::escape_formatter(out, state, value),
    });
    engine.add_filter("wrap", |text: &str, indent: usize| wrap(text, indent));
    engine.add_filter("shorten", |text: &str, most: usize| shorten(text, most));
    Ok(engine)
}

/// Appends `text` to `out`, safe as HTML text and in quoted attributes.
pub fn escape_html(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
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
