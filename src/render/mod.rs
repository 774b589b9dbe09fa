//! Templates: embedded in the binary, each replaceable by a file of the same name in a folder
//! of the admin's. Typed contexts go in, finished parts come out. Undefined names are errors,
//! HTML is escaped, and a runaway template runs out of fuel. Never builds mails or sends.

mod context;
mod fit;
mod sample;
mod text;

use std::path::Path;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use rust_embed::RustEmbed;

pub use context::{DigestContext, Line, PaperView, SiteView};
pub use fit::{About, Fitted};
pub use text::{one_line, shorten};

#[derive(RustEmbed)]
#[folder = "templates/mail/"]
#[prefix = "mail/"]
struct BuiltIn;

/// Steps that one rendering may take: a digest of a hundred papers takes some 60,000.
const FUEL: u64 = 5_000_000;

/// A mail's parts, rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// What is wrong with a template.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {reason}", line.map(|line| format!(":{line}")).unwrap_or_default())]
pub struct TemplateFault {
    /// The template's file.
    pub file: String,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What is wrong there.
    pub reason: String,
}

/// All templates, ready to render.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// The built-in templates, those in `overrides` in their place. Every one is parsed and
    /// rendered with a sample, so that a broken one is refused here.
    pub fn load(overrides: Option<&Path>) -> Result<Self, TemplateFault> {
        let templates = Self::parse(overrides)?;
        match templates.check().into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(templates),
        }
    }

    /// As [`Templates::load`], but only parsed.
    pub fn parse(overrides: Option<&Path>) -> Result<Self, TemplateFault> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| fault("(syntax)", &error))?);
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
        });
        environment.add_filter("wrap", text::wrap);
        environment.add_filter("shorten", text::shorten);
        for name in BuiltIn::iter() {
            let source = source_of(&name, overrides)?;
            environment
                .add_template_owned(name.to_string(), source)
                .map_err(|error| fault(&name, &error))?;
        }
        Ok(Self { environment })
    }

    /// Renders a digest.
    pub fn digest(&self, context: &DigestContext) -> Result<Rendered, TemplateFault> {
        let value = Value::from(Serde(context));
        Ok(Rendered {
            subject: one_line(&self.render("mail/digest.subject", &value)?),
            text: self.render("mail/digest.txt", &value)?,
            html: self.render("mail/digest.html", &value)?,
        })
    }

    /// Renders every template with every sample; says what is wrong.
    pub fn check(&self) -> Vec<TemplateFault> {
        let mut faults: Vec<TemplateFault> = Vec::new();
        for sample in sample::digests() {
            let value = Value::from(Serde(&sample));
            for name in ["mail/digest.subject", "mail/digest.txt", "mail/digest.html"] {
                if let Err(found) = self.render(name, &value)
                    && !faults
                        .iter()
                        .any(|known| known.file == found.file && known.line == found.line)
                {
                    faults.push(found);
                }
            }
        }
        faults
    }

    fn render(&self, name: &str, value: &Value) -> Result<String, TemplateFault> {
        self.environment
            .get_template(name)
            .and_then(|template| template.render(value))
            .map_err(|error| fault(name, &error))
    }
}

/// Copies the built-in templates into `folder`; files that are there stay. Returns the names
/// of those written.
pub fn eject(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut written = Vec::new();
    for name in BuiltIn::iter() {
        let target = folder.join(name.as_ref());
        if let (false, Some(file)) = (target.exists(), BuiltIn::get(&name)) {
            if let Some(parent) = target.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(&target, file.data)?;
            written.push(name.to_string());
        }
    }
    Ok(written)
}

fn source_of(name: &str, overrides: Option<&Path>) -> Result<String, TemplateFault> {
    let unreadable = |file: String, reason: String| TemplateFault { file, line: None, reason };
    if let Some(path) = overrides.map(|folder| folder.join(name)).filter(|path| path.exists()) {
        return std::fs::read_to_string(&path).map_err(|error| {
            unreadable(path.display().to_string(), format!("it cannot be read: {error}"))
        });
    }
    let file = BuiltIn::get(name)
        .ok_or_else(|| unreadable(name.to_owned(), "there is no such template".to_owned()))?;
    String::from_utf8(file.data.into_owned())
        .map_err(|_| unreadable(name.to_owned(), "it is not UTF-8".to_owned()))
}

fn fault(name: &str, error: &minijinja::Error) -> TemplateFault {
    let mut reason = error.to_string();
    let mut inner = std::error::Error::source(error);
    while let Some(cause) = inner {
        reason = format!("{reason}: {cause}");
        inner = cause.source();
    }
    TemplateFault { file: error.name().unwrap_or(name).to_owned(), line: error.line(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_renders_every_sample() {
        let templates = Templates::load(None).unwrap();
        for sample in sample::digests() {
            let rendered = templates.digest(&sample).unwrap();
            assert!(!rendered.subject.is_empty() && rendered.subject.chars().count() <= 150);
            for card in &sample.cards {
                assert!(rendered.text.contains(&card.title), "{}", card.title);
            }
            for line in &sample.lines {
                assert!(rendered.text.contains(&line.title), "{}", line.title);
            }
            assert!(!rendered.html.contains("<script") && !rendered.html.contains("onerror=\""));
        }
    }

    #[test]
    fn an_override_replaces_one_file_and_a_broken_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("mail")).unwrap();
        let subject = folder.path().join("mail/digest.subject");
        std::fs::write(&subject, "Mine: {{ count }}").unwrap();
        let templates = Templates::load(Some(folder.path())).unwrap();
        let sample = sample::digests().remove(0);
        let rendered = templates.digest(&sample).unwrap();
        assert_eq!(rendered.subject, format!("Mine: {}", sample.count));
        assert!(rendered.html.contains("<html"));

        std::fs::write(&subject, "one\n{{ nothing_of_the_kind }}").unwrap();
        let refused = Templates::load(Some(folder.path())).unwrap_err();
        assert_eq!((refused.file.as_str(), refused.line), ("mail/digest.subject", Some(2)));
        std::fs::write(&subject, "{% if %}").unwrap();
        let refused = Templates::load(Some(folder.path())).unwrap_err();
        assert_eq!(refused.line, Some(1));
        std::fs::write(
            &subject,
            "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        )
        .unwrap();
        assert!(Templates::load(Some(folder.path())).unwrap_err().reason.contains("fuel"));
    }

    #[test]
    fn ejected_templates_are_the_built_in_ones() {
        let folder = tempfile::tempdir().unwrap();
        let written = eject(folder.path()).unwrap();
        assert!(written.contains(&"mail/digest.html".to_owned()));
        assert_eq!(eject(folder.path()).unwrap(), Vec::<String>::new());
        Templates::load(Some(folder.path())).unwrap();
    }
}
