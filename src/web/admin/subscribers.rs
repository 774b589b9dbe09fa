//! `/admin/subscribers`: finding one among millions.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::guard::Visitor;
use super::today::{Counted, count, spaced};
use super::view::{Stop, When, answer, page, when};
use crate::model::SubscriberState;
use crate::store::RollQuery;
use crate::web::Shared;
use crate::web::place::Asked;

/// Whom to show.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Wish {
    /// What an address begins with, or `@` and a domain.
    q: String,
    state: String,
    /// `yes`: the text may stand anywhere.
    #[serde(rename = "in")]
    anywhere: String,
    after: String,
    #[serde(skip_serializing)]
    pub(super) said: String,
}

#[derive(Serialize)]
struct Context {
    q: String,
    state: String,
    anywhere: bool,
    states: Vec<StateCount>,
    readers: Vec<Line>,
    /// The query of the next page.
    next: String,
    /// The query of a look anywhere, where this page is not one.
    wider: String,
    /// Up to where a look anywhere came.
    looked_until: String,
    first: bool,
    /// What may be said of a whole address with which nobody subscribes.
    nobody: String,
    said: String,
    wrong: &'static str,
}

#[derive(Serialize)]
struct StateCount {
    word: &'static str,
    count: String,
}

#[derive(Serialize)]
struct Line {
    id: i64,
    email: String,
    state: &'static str,
    came: When,
    next: Option<When>,
    last: String,
}

const SHOWN: u32 = 50;

/// The page.
pub(super) async fn list(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(wish): Asked<Wish>,
) -> Response {
    answer(&app, &visitor, async {
        let text: String = wish.q.trim().chars().take(254).collect();
        let anywhere = wish.anywhere == "yes" && !text.is_empty();
        let state = SubscriberState::from_word(&wish.state);
        let unknown = state.is_none() && !wish.state.is_empty();
        let query = RollQuery { state, text: text.clone(), anywhere, after: wish.after.clone() };
        let found = match unknown {
            true => Default::default(),
            false => app.site.store.roll(&query, SHOWN).await?,
        };
        let counted = counted(&app).await?;
        let of = |state: SubscriberState| {
            counted.subscribers.iter().find(|(one, _)| *one == state).map_or(0, |row| row.1)
        };
        let states = SubscriberState::ALL
            .into_iter()
            .map(|state| StateCount { word: state.word(), count: spaced(of(state)) })
            .collect();
        let asked = |after: &str, anywhere: bool| {
            let wish = Wish {
                q: text.clone(),
                state: state.map_or("", SubscriberState::word).to_owned(),
                anywhere: if anywhere { "yes" } else { "" }.to_owned(),
                after: after.to_owned(),
                said: String::new(),
            };
            query_of(&wish)
        };
        let readers = found.readers.iter().map(|reader| Line {
            id: reader.id,
            email: reader.email.to_string(),
            state: reader.state.word(),
            came: when(&app, reader.created_at),
            next: reader.next_due_at.map(|at| when(&app, at)),
            last: reader.last_digest_day.map(|day| day.to_string()).unwrap_or_default(),
        });
        let nobody = match text.parse() {
            Ok(email) if found.readers.is_empty() => {
                app.site.subscriptions.nobody(&email).await?.answer
            }
            _ => String::new(),
        };
        let context = Context {
            nobody,
            readers: readers.collect(),
            next: found.next.as_deref().map(|after| asked(after, anywhere)).unwrap_or_default(),
            wider: if anywhere || text.is_empty() { String::new() } else { asked("", true) },
            looked_until: found.looked_until.unwrap_or_default(),
            first: wish.after.is_empty(),
            q: text.clone(),
            state: state.map_or("", SubscriberState::word).to_owned(),
            anywhere,
            states,
            said: wish.said,
            wrong: if unknown { "There is no such state." } else { "" },
        };
        page(&app, &visitor, "subscribers", "subscribers", context)
    })
    .await
}

async fn counted(app: &Shared) -> Result<std::sync::Arc<Counted>, Stop> {
    Ok(app.counted.get(count(app, app.site.clock.now())).await?)
}

/// The fields that are set, as the query of an address.
fn query_of(wish: &Wish) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        [("q", &wish.q), ("state", &wish.state), ("in", &wish.anywhere), ("after", &wish.after)]
    {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query.finish()
}
