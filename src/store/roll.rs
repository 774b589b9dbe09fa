//! Pages of subscribers for who looks for one among millions: by the beginning of an address or by
//! its domain, which an index answers, or by any part of it, which is a look at a bounded number of
//! addresses.

use super::subscribers::{Columns, SELECT, each};
use super::{Store, StoreError, Subscriber, sql};
use crate::model::SubscriberState;

/// Whom to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollQuery {
    /// Only these.
    pub state: Option<SubscriberState>,
    /// What an address begins with; with an `@` in front, the domain that it ends with. Empty: all.
    pub text: String,
    /// The text may stand anywhere in the address.
    pub anywhere: bool,
    /// Where the last page ended; empty: from the beginning.
    pub after: String,
}

/// A page of them.
#[derive(Clone, Debug, Default)]
pub struct RollPage {
    /// The subscribers: without a search the newest first, else by address.
    pub readers: Vec<Subscriber>,
    /// Where the next page begins, if there may be one.
    pub next: Option<String>,
    /// The address up to which was looked, where a search anywhere ended at its bound.
    pub looked_until: Option<String>,
}

/// Addresses that a search anywhere looks at for one page.
const LOOK: i64 = 100_000;

/// What stands after the last `@`, as the index has it.
const DOMAIN: &str = "substr(email_key, length(rtrim(email_key, replace(email_key, '@', ''))) + 1)";

impl Store {
    /// Up to `limit` subscribers that fit.
    pub async fn roll(&self, query: &RollQuery, limit: u32) -> Result<RollPage, StoreError> {
        let text = query.text.trim().to_lowercase();
        let state = query.state.map(SubscriberState::word);
        let wanted = i64::from(limit) + 1;
        let mut looked_until = None;
        let domain = text.strip_prefix('@').filter(|_| !query.anywhere);
        let by_id = text.is_empty() || domain.is_some();
        let mut found: Vec<(i64, String)> = if text.is_empty() {
            let after = query.after.parse().unwrap_or(i64::MAX);
            let filter = match query.state {
                None => "",
                // Most are.
                Some(SubscriberState::Active) => "AND state = $3",
                // As the index of the others has it.
                Some(_) => "AND state = $3 AND state <> 'active'",
            };
            let page = sql(format!(
                "SELECT id, email_key FROM subscribers WHERE id < $1 {filter} \
                 ORDER BY id DESC LIMIT $2"
            ))
            .bind(after)
            .bind(wanted);
            let page = if state.is_some() { page.bind(state) } else { page };
            page.fetch_all(&self.read).await?
        } else if let Some(domain) = domain {
            self.of_domain(domain, query, wanted).await?
        } else if query.anywhere {
            // The inner part walks along the index of addresses, and no further than its bound.
            let page = sql("SELECT id, email_key FROM \
                 (SELECT id, email_key, state FROM subscribers WHERE email_key > $1 \
                  ORDER BY email_key LIMIT $2) s \
                 WHERE replace(email_key, $3, '') <> email_key AND ($4 IS NULL OR state = $4) \
                 ORDER BY email_key LIMIT $5")
            .bind(&query.after)
            .bind(LOOK)
            .bind(&text)
            .bind(state)
            .bind(wanted);
            let found: Vec<(i64, String)> = page.fetch_all(&self.read).await?;
            if found.len() < wanted as usize {
                looked_until = sql("SELECT email_key FROM subscribers WHERE email_key > $1 \
                     ORDER BY email_key LIMIT 1 OFFSET $2")
                .bind(&query.after)
                .bind(LOOK - 1)
                .scalar_optional(&self.read)
                .await?;
            }
            found
        } else {
            let end = format!("{text}{}", char::MAX);
            sql("SELECT id, email_key FROM subscribers \
                 WHERE email_key >= $1 AND email_key > $2 AND email_key < $3 \
                   AND ($4 IS NULL OR state = $4) ORDER BY email_key LIMIT $5")
            .bind(&text)
            .bind(&query.after)
            .bind(end)
            .bind(state)
            .bind(wanted)
            .fetch_all(&self.read)
            .await?
        };
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let last = found.last().filter(|_| more);
        let next = last.map(|(id, key)| if by_id { id.to_string() } else { key.clone() });
        let readers = self.in_order(&found).await?;
        Ok(RollPage { readers, next: next.or_else(|| looked_until.clone()), looked_until })
    }

    /// Of each state a page, and the newest of them all.
    async fn of_domain(
        &self,
        domain: &str,
        query: &RollQuery,
        wanted: i64,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let after: i64 = query.after.parse().unwrap_or(i64::MAX);
        let mut found: Vec<(i64, String)> = Vec::new();
        let states = SubscriberState::ALL.into_iter();
        for state in states.filter(|one| query.state.is_none_or(|state| state == *one)) {
            let page = sql(format!(
                "SELECT id, email_key FROM subscribers WHERE {DOMAIN} = $1 AND state = $2 \
                   AND id < $3 ORDER BY id DESC LIMIT $4"
            ))
            .bind(domain)
            .bind(state.word())
            .bind(after)
            .bind(wanted);
            found.extend(page.fetch_all::<(i64, String)>(&self.read).await?);
        }
        found.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
        found.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// The subscribers in these rows, in this order.
    async fn in_order(&self, found: &[(i64, String)]) -> Result<Vec<Subscriber>, StoreError> {
        let ids = serde_json::Value::from_iter(found.iter().map(|(id, _)| serde_json::json!([id])));
        let rows: Vec<Columns> = each(
            format!("{SELECT} WHERE s.id IN (SELECT CAST(r.value ->> 0 AS BIGINT) FROM EACH)"),
            1,
        )
        .bind(ids.to_string())
        .fetch_all(&self.read)
        .await?;
        let readers: Result<Vec<Subscriber>, StoreError> =
            rows.into_iter().map(Subscriber::try_from).collect();
        let mut readers = readers?;
        let place = |reader: &Subscriber| found.iter().position(|(id, _)| *id == reader.id);
        readers.sort_by_key(place);
        Ok(readers)
    }
}
