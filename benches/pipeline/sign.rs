//! `sign`: the signatures alone, on one core.

use std::path::Path;
use std::time::{Duration, Instant};

use paperround::signing::SigningKey;
use serde_json::{Value, json};

/// As long as the canonical headers of a digest.
const TEXT: [u8; 1_500] = [b'x'; 1_500];

pub(crate) fn sign(keys: &Path) -> anyhow::Result<Value> {
    let rate = |name: &str| {
        let key = SigningKey::from_pem(&std::fs::read_to_string(keys.join(name))?)?;
        let (begin, mut count) = (Instant::now(), 0_u32);
        while begin.elapsed() < Duration::from_secs(1) {
            key.sign(&TEXT)?;
            count += 1;
        }
        anyhow::Ok(f64::from(count) / begin.elapsed().as_secs_f64())
    };
    Ok(json!({ "rsa_per_s": rate("rsa.pem")?, "ed25519_per_s": rate("ed25519.pem")? }))
}
