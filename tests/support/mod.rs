//! What several test programs need.

pub(crate) mod kit;
pub(crate) mod postgres;
