//! What takes a while to count is kept for twenty times as long as it took. So the admin pages take
//! a twentieth of one core at most, however many look; what is counted in a moment is counted anew
//! at every look.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

/// How much longer it is kept than it took.
const FACTOR: u32 = 20;
/// What took less is not kept.
const MOMENT: Duration = Duration::from_millis(50);
/// The longest that it is kept.
const MOST: Duration = Duration::from_secs(60);

/// Something that was counted.
#[derive(Debug)]
pub(in crate::web) struct Kept<T>(Mutex<Option<(Instant, Arc<T>)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Kept<T> {
    /// What was counted lately, or what `count` finds; of several who ask, one counts.
    pub(super) async fn get<E>(
        &self,
        count: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        let mut kept = self.0.lock().await;
        if let Some((until, counted)) = &*kept
            && Instant::now() < *until
        {
            return Ok(Arc::clone(counted));
        }
        let begun = Instant::now();
        let counted = Arc::new(count.await?);
        let ended = Instant::now();
        let took = ended - begun;
        let lasts = match took < MOMENT {
            true => Duration::ZERO,
            false => took.saturating_mul(FACTOR).min(MOST),
        };
        *kept = Some((ended + lasts, Arc::clone(&counted)));
        Ok(counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_slow_is_counted_seldom() {
        let kept = Kept::default();
        let get = async |number: u32, takes: u64| {
            let count = async {
                tokio::time::sleep(Duration::from_millis(takes)).await;
                Ok::<_, ()>(number)
            };
            *kept.get(count).await.unwrap()
        };
        assert_eq!(get(1, 49).await, 1);
        assert_eq!(get(2, 100).await, 2, "what is quick is not kept");
        tokio::time::advance(Duration::from_millis(1_900)).await;
        assert_eq!(get(3, 10_000).await, 2);
        tokio::time::advance(Duration::from_millis(101)).await;
        assert_eq!(get(4, 10_000).await, 4);
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(get(5, 0).await, 4);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(get(6, 0).await, 6);
    }
}
