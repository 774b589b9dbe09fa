//! Any bytes at the door for mail servers: replies are lines of CRLF that begin with a code, the
//! same however the bytes are cut. Only a handshake minds that: nothing may stand behind STARTTLS
//! in the same piece.
#![no_main]

use libfuzzer_sys::fuzz_target;
use paperround::inbound::session::rehearse;

fuzz_target!(|bytes: &[u8]| {
    let whole = rehearse(bytes, usize::MAX);
    let (by_one, by_seven) = (rehearse(bytes, 1), rehearse(bytes, 7));
    if !bytes.to_ascii_lowercase().windows(8).any(|word| word == b"starttls") {
        assert_eq!((&whole, &whole), (&by_one, &by_seven));
    }
    assert!(whole.ends_with(b"\r\n"));
    for line in whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let code = line.get(..3).is_some_and(|code| code.iter().all(u8::is_ascii_digit));
        assert!(code && line.ends_with(b"\r") && line.len() <= 512);
    }
});
