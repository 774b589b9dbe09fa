//! Listens to the lines of a mail: which of its sentences are commands, given all the others.
//! Pure.

use jiff::civil::Date;

use super::aside::Aside;
use super::grammar::{Meaning, denies, understand};
use super::units::units;
use super::words::{sentences, words};
use super::{Heard, MOST_COMMANDS, formal, tongue};
use crate::model::{Command, Hint, Language, Order, Unclear, Until};

/// Lines that were not understood and are told.
const MOST_UNCLEAR: usize = 5;

/// What was heard so far.
pub(super) struct Ear {
    today: Date,
    orders: Vec<Order>,
    /// Whether the only yes is a bare `ok`, which answers no question where something is asked.
    weak_yes: bool,
    /// Faults and tries, which are told in any case.
    faults: Vec<Unclear>,
    /// Sentences about a command, which are told where nothing was understood.
    murky: Vec<Unclear>,
    /// The languages of sentences that were understood, where they are sure.
    languages: Vec<Language>,
    /// Which commands a sentence said not to want.
    denied: Vec<&'static str>,
    /// The first sentence that is just talk.
    prose: Option<String>,
    /// What was said beside them.
    aside: Aside,
    /// Whether the next line would go on with a sentence that denies something.
    open_denial: bool,
    closed: bool,
}

impl Ear {
    pub(super) fn new(today: Date) -> Self {
        Self {
            today,
            orders: Vec::new(),
            weak_yes: true,
            faults: Vec::new(),
            murky: Vec::new(),
            languages: Vec::new(),
            denied: Vec::new(),
            prose: None,
            aside: Aside::default(),
            open_denial: false,
            closed: false,
        }
    }

    /// Listens to lines until one that ends the commands.
    pub(super) fn listen(&mut self, lines: &[String]) {
        for line in units(lines, self.today) {
            let bare = line.trim().trim_end_matches(['.', '!']).to_lowercase();
            if matches!(bare.as_str(), "end" | "quit" | "exit") {
                break;
            }
            if line.trim().is_empty() {
                self.open_denial = false;
                continue;
            }
            if !self.line(&line) {
                break;
            }
        }
    }

    /// Listens to a line; whether others may follow.
    fn line(&mut self, line: &str) -> bool {
        let sentences = sentences(line);
        let meanings: Vec<Meaning> =
            sentences.iter().map(|sentence| understand(sentence, self.today)).collect();
        let all_clear =
            meanings.iter().all(|meaning| !matches!(meaning, Meaning::Unknown | Meaning::Fault(_)));
        // `Unsubscribe:` is a label, or opens something else.
        let is_label = line.trim_end().ends_with([':', '：']);
        let mut goes_on = true;
        for (sentence, meaning) in sentences.iter().zip(meanings) {
            match meaning {
                Meaning::Orders(orders, weak) => {
                    let alone = !is_label
                        && !self.open_denial
                        && (!weak || (all_clear && self.prose.is_none()));
                    if alone {
                        self.weak_yes &= weak || !orders.contains(&Order::Confirm);
                        self.orders.extend(orders);
                        self.languages.extend(tongue::of(sentence));
                    } else if let Some(order) = orders.first() {
                        self.murky.push(perhaps(sentence, &order.to_string()));
                    }
                }
                Meaning::Polite => {}
                // Behind `Kind regards` comes a name.
                Meaning::Closing => {
                    goes_on = false;
                    self.closed = true;
                }
                Meaning::Fault(hint) => {
                    self.note_talk(sentence);
                    self.aside.note(sentence, self.today);
                    self.faults.push(unclear(sentence, hint));
                }
                Meaning::Unknown => self.unknown(sentence),
            }
        }
        let ended = line.trim_end().ends_with(['.', '!', '?', ',', ';', ':', '。']);
        let all = words(line);
        self.open_denial = !all_clear && !ended && denies(&all);
        goes_on
    }

    fn unknown(&mut self, sentence: &str) {
        let all = words(sentence);
        self.note_talk(sentence);
        self.aside.note(sentence, self.today);
        match formal::nearest(&all) {
            Some((command, true)) if !denies(&all) && !sentence.trim_end().ends_with('?') => {
                self.faults.push(perhaps(sentence, command));
            }
            Some((command, _)) => {
                if denies(&all) {
                    self.denied.push(command);
                }
                self.murky.push(perhaps(sentence, command));
            }
            None => {}
        }
    }

    /// Notes talk; a name alone is none.
    fn note_talk(&mut self, sentence: &str) {
        if self.prose.is_none() && (words(sentence).len() > 3 || self.orders.is_empty()) {
            self.prose = Some(short(sentence));
        }
    }

    /// With what the subject says.
    pub(super) fn with_subject(mut self, subject: &str, is_reply: bool) -> Self {
        let talks = self.prose.is_some();
        if subject.is_empty() || (is_reply && (talks || !self.orders.is_empty())) {
            return self;
        }
        let subject: String = super::text::calm(subject).chars().take(500).collect();
        let meaning = understand(&subject, self.today);
        if !is_reply && !matches!(meaning, Meaning::Orders(..)) {
            self.aside.note(&subject, self.today);
        }
        match meaning {
            Meaning::Orders(orders, weak) => {
                // `Resume` above a letter is one's own, and `Help` is said in many ways.
                let weak = weak
                    || orders.iter().any(|order| matches!(order, Order::Resume | Order::Status));
                if weak && (talks || !self.orders.is_empty()) {
                    return self;
                }
                // `Pause` may be what a letter is about, and who likes it does not leave.
                let is_doubtful = |order: &Order| match order {
                    Order::Pause(Until::Resumed) => self.aside.talks && !self.aside.is_away,
                    Order::Unsubscribe => self.aside.is_fond && self.orders.is_empty(),
                    _ => false,
                };
                if let Some(order) = orders.iter().find(|order| is_doubtful(order)) {
                    self.murky.insert(0, perhaps(&subject, &order.to_string()));
                    return self;
                }
                self.weak_yes &= weak || !orders.contains(&Order::Confirm);
                let is_denied = |order: &Order| {
                    self.denied.iter().any(|denied| denied.starts_with(kind(order)))
                };
                let is_said =
                    |order: &Order| self.orders.iter().any(|said| kind(said) == kind(order));
                let mut first: Vec<Order> = Vec::new();
                for order in orders {
                    if is_denied(&order) {
                        self.murky.push(perhaps(&subject, &order.to_string()));
                    } else if !is_said(&order) {
                        first.push(order);
                    }
                }
                if !first.is_empty() {
                    self.languages.extend(tongue::of(&subject));
                    self.prose = None;
                    self.murky.clear();
                }
                first.append(&mut self.orders);
                self.orders = first;
            }
            Meaning::Fault(hint) if !is_reply && self.orders.is_empty() => {
                self.murky.insert(0, unclear(&subject, hint));
            }
            Meaning::Unknown if !is_reply && self.orders.is_empty() => {
                let all = words(&subject);
                if let Some((command, true)) = formal::nearest(&all) {
                    self.murky.insert(0, perhaps(&subject, command));
                }
            }
            _ => {}
        }
        self
    }

    /// What it comes to.
    pub(super) fn heard(mut self) -> Heard {
        let mut orders: Vec<Order> = Vec::new();
        for order in std::mem::take(&mut self.orders) {
            if !orders.contains(&order) {
                orders.push(order);
            }
        }
        if self.weak_yes && orders.iter().any(|order| *order != Order::Confirm) {
            orders.retain(|order| *order != Order::Confirm);
        }
        let mut doubts = self.faults;
        match self.aside.end {
            Some((_, Ok(until))) => {
                for order in &mut orders {
                    if *order == Order::Pause(Until::Resumed) {
                        *order = Order::Pause(until.clone());
                    }
                }
            }
            Some((sentence, Err(hint))) if orders.contains(&Order::Pause(Until::Resumed)) => {
                orders.retain(|order| *order != Order::Pause(Until::Resumed));
                doubts.push(unclear(&sentence, hint));
            }
            _ => {}
        }
        if let Some(joke) = self.aside.jokes
            && orders.contains(&Order::Unsubscribe)
        {
            orders.retain(|order| *order != Order::Unsubscribe);
            doubts.push(perhaps(&joke, "unsubscribe"));
        }
        let leaves = orders.contains(&Order::Unsubscribe);
        let stays = |order: &Order| {
            matches!(order, Order::Subscribe(_) | Order::Confirm | Order::Pause(_) | Order::Resume)
        };
        if leaves && orders.iter().any(stays) {
            let both: Vec<String> = orders
                .iter()
                .filter(|order| stays(order) || **order == Order::Unsubscribe)
                .map(Order::to_string)
                .collect();
            orders.retain(|order| !stays(order) && *order != Order::Unsubscribe);
            doubts.push(unclear(&both.join(", "), Hint::Exclude));
        }
        if orders.len() > MOST_COMMANDS {
            let next = orders[MOST_COMMANDS].to_string();
            doubts.push(unclear(&next, Hint::TooMany(MOST_COMMANDS)));
            orders.truncate(MOST_COMMANDS);
        }
        if orders.is_empty() && doubts.is_empty() {
            doubts = self.murky;
            if let (true, Some(prose)) = (doubts.is_empty(), self.prose) {
                doubts.push(perhaps(&prose, "help"));
            }
        }
        doubts.truncate(MOST_UNCLEAR);
        let commands =
            orders.into_iter().map(|order| Command { words: order.to_string(), order }).collect();
        self.languages.dedup();
        let language = if let [one] = self.languages[..] { Some(one) } else { None };
        Heard { commands, unclear: doubts, language }
    }
}

fn unclear(sentence: &str, hint: Hint) -> Unclear {
    Unclear { line: short(sentence), hint }
}

fn perhaps(sentence: &str, command: &str) -> Unclear {
    unclear(sentence, Hint::Perhaps(command.to_owned()))
}

fn short(sentence: &str) -> String {
    let line: String = sentence
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    match line.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// The word that an order begins with.
fn kind(order: &Order) -> &'static str {
    match order {
        Order::Subscribe(_) => "subscribe",
        Order::Unsubscribe => "unsubscribe",
        Order::Confirm => "confirm",
        Order::Pause(Until::Resumed | Until::Days(_) | Until::Day(_)) => "pause",
        Order::Resume => "resume",
        Order::Status => "status",
        Order::Time(_) => "set time",
        Order::Zone(_) => "set zone",
        Order::Rhythm(_) => "set rhythm",
        Order::Language(_) => "set language",
        Order::Lines(_) => "set lines",
        Order::AddTopic(_) => "add topic",
        Order::RemoveTopic(_) => "remove topic",
        Order::Resend => "resend",
        Order::Help => "help",
    }
}
