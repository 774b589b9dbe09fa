//! The template engine as our templates have it: escaping, limits, and the functions and filters
//! that they may use (docs/templates.md lists them). Never knows which mail is made.

use std::borrow::Cow;
use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior};

use super::figures;
use super::messages::{Form, Messages};
use super::words::{pad, shorten, wrap};
use crate::model::Language;

/// Steps that one rendering may take; a digest of 60 papers takes about a twentieth.
const FUEL: u64 = 500_000;

/// The engine, without what depends on the language.
pub(super) fn engine() -> Result<Environment<'static>, Error> {
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
    engine.add_filter("pad", |text: &str, width: usize| pad(text, width));
    Ok(engine)
}

/// The same engine with the words of one language: `t("key", name=value)` and `number`.
pub(super) fn speaking(
    engine: &Environment<'static>,
    messages: &Arc<Messages>,
    language: Language,
) -> Environment<'static> {
    let mut engine = engine.clone();
    let words = Arc::clone(messages);
    engine.add_function("t", move |state: &State<'_, '_>, key: &str, given: Kwargs| {
        say(&words, language, state, key, &given)
    });
    engine.add_filter("number", move |number: i64| figures::number(language, number));
    engine
}

/// A message. In HTML what is put in is escaped, unless a template made it.
fn say(
    messages: &Messages,
    language: Language,
    state: &State<'_, '_>,
    key: &str,
    given: &Kwargs,
) -> Result<Value, Error> {
    let html = matches!(state.auto_escape(), AutoEscape::Html);
    let mut args = FluentArgs::with_capacity(4);
    for name in given.args() {
        let value: Value = given.get(name)?;
        args.set(name.to_owned(), argument(&value, html)?);
    }
    let form = if html { Form::Html } else { Form::Text };
    let words = messages
        .say(language, form, key, &args)
        .map_err(|fault| Error::new(ErrorKind::InvalidOperation, fault))?;
    Ok(if html { Value::from_safe_string(words) } else { Value::from(words) })
}

fn argument(value: &Value, html: bool) -> Result<FluentValue<'static>, Error> {
    if let Some(number) = value.as_i64().filter(|_| value.is_number()) {
        return Ok(FluentValue::from(number));
    }
    let Some(text) = value.as_str() else {
        let what = format!("a message takes text and whole numbers, not {}", value.kind());
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    };
    let mut out = String::with_capacity(text.len());
    if html && !value.is_safe() {
        escape_html(text, &mut out);
    } else {
        out.push_str(text);
    }
    Ok(FluentValue::String(Cow::Owned(out)))
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
