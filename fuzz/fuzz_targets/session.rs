//! Any bytes at the door for mail servers: replies are lines of CRLF that begin with a code, the
//! same however the bytes are cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use paperround::inbound::session::rehearse;

fuzz_target!(|bytes: &[u8]| {
    let whole = rehearse(bytes, usize::MAX);
    assert_eq!(whole, rehearse(bytes, 1));
    assert_eq!(whole, rehearse(bytes, 7));
    assert!(whole.ends_with(b"\r\n"));
    for line in whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let code = line.get(..3).is_some_and(|code| code.iter().all(u8::is_ascii_digit));
        assert!(code && line.ends_with(b"\r") && line.len() <= 512);
    }
});
