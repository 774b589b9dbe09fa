//! Papers that a reader is owed: those of a digest that did not reach them go back, and come with
//! the next; those of a digest that is sent once more are taken along. Histories are shared, so
//! readers who have the same, and miss the same, are moved together.

use std::collections::{BTreeMap, HashMap};

use super::interned::{intern_history, rows_of, rows_to_json};
use super::{StoreError, Tx, either, sql};

/// Takes the papers of these unsent deliveries out of their readers' histories. A digest that was
/// sent once more is not owed while another delivery of it was sent, or is about to be.
pub(super) async fn give_back(tx: &mut Tx, deliveries: &[i64]) -> Result<(), StoreError> {
    if deliveries.is_empty() {
        return Ok(());
    }
    let other = |kind: &str| {
        format!(
            "EXISTS (SELECT 1 FROM deliveries o WHERE o.kind {kind} AND o.subscriber = d.subscriber \
               AND o.digest = d.digest AND o.id <> d.id AND o.state NOT IN ('failed', 'skipped'))"
        )
    };
    let text = |rows: &str| {
        format!(
            "SELECT d.digest, s.id, s.history FROM deliveries d \
             JOIN subscribers s ON s.id = d.subscriber WHERE d.id IN ({rows}) \
               AND (d.kind = 'digest' \
                    OR (d.kind = 'resend' AND NOT {} AND NOT {}))",
            other("= 'digest'"),
            other("<> 'digest'")
        )
    };
    let owed: Vec<(i64, i64, i64)> = either(
        text("SELECT value FROM json_each($1)"),
        text("SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS BIGINT)"),
    )
    .bind(rows_to_json(deliveries))
    .fetch_all(&mut *tx)
    .await?;
    change(tx, &owed, |history, digest| history.retain(|paper| !digest.contains(paper))).await
}

/// Puts the papers of these (digest, subscriber, history) into the subscribers' histories.
pub(super) async fn take_along(tx: &mut Tx, of: &[(i64, i64, i64)]) -> Result<(), StoreError> {
    change(tx, of, |history, digest| history.extend(digest)).await
}

/// Gives each of these (digest, subscriber, history) the history that `make` makes of theirs and
/// of the digest's papers.
async fn change(
    tx: &mut Tx,
    of: &[(i64, i64, i64)],
    make: impl Fn(&mut Vec<i64>, &[i64]),
) -> Result<(), StoreError> {
    // One digest after the other: a reader may be owed several.
    let mut now: HashMap<i64, i64> = HashMap::new();
    let mut digests: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (digest, subscriber, history) in of {
        now.insert(*subscriber, *history);
        digests.entry(*digest).or_default().push(*subscriber);
    }
    for (digest, readers) in digests {
        let papers: String =
            sql("SELECT papers FROM digests WHERE id = $1").bind(digest).scalar(&mut *tx).await?;
        let papers = rows_of(&papers)?;
        let mut groups: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for reader in readers {
            let history = now.get(&reader).copied().unwrap_or_default();
            groups.entry(history).or_default().push(reader);
        }
        for (history, readers) in groups {
            let kept: String = sql("SELECT papers FROM histories WHERE id = $1")
                .bind(history)
                .scalar(&mut *tx)
                .await?;
            let mut rows = rows_of(&kept)?;
            make(&mut rows, &papers);
            let new = intern_history(tx, &rows).await?;
            either(
                "UPDATE subscribers SET history = $1 \
                 WHERE id IN (SELECT value FROM json_each($2))",
                "UPDATE subscribers SET history = $1 WHERE id IN \
                   (SELECT CAST(jsonb_array_elements_text(CAST($2 AS jsonb)) AS BIGINT))",
            )
            .bind(new)
            .bind(rows_to_json(&readers))
            .execute(&mut *tx)
            .await?;
            now.extend(readers.into_iter().map(|reader| (reader, new)));
        }
    }
    Ok(())
}
