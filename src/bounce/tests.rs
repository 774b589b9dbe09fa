//! Reports of many kinds, and mails that are none.
