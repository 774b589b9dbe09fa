//! Any bytes as a topic, and as a list of topics.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../bodies/topic.rs"]
mod body;

fuzz_target!(|bytes: &[u8]| body::holds(&String::from_utf8_lossy(bytes)));
