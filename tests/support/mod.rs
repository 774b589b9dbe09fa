//! What several test programs need.

#![allow(unused_macros, unused_imports, reason = "not every test program needs all of it")]

pub(crate) mod browser;
pub(crate) mod dns;
pub(crate) mod fetched;
pub(crate) mod front;
pub(crate) mod kit;
pub(crate) mod office;
pub(crate) mod pki;
pub(crate) mod postgres;
pub(crate) mod site;
pub(crate) mod smtp;
