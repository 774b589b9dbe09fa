//! Paper Round: the day's trending research papers, mailed to everyone who asked, once.
//!
//! ```text
//!  roof        cli · app · telemetry · scheduler            when
//!  doors       web · inbound                                who knocks
//!  rooms       source -> digest -> delivery                 the flow
//!              subscription · bounce · setup · admins       beside it
//!              watch
//!  landing     notices -> alarms                            what rooms write alike
//!  workshop    render · mail          cellar  store         what they share
//!  ground      config · model · clock · token · signing · links · meter · reach · machine
//! ```
//!
//! Imports go downward only. The rooms of the flow never call each other: they hand over
//! through the store (papers, then digests and deliveries, then sent mail), so that each
//! stage runs alone, resumes after a crash alone and is tested alone.
//! `docs/architecture.md` follows one paper through the house.

pub mod admins;
pub mod alarms;
pub mod app;
pub mod bounce;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod digest;
pub mod inbound;
pub mod links;
pub mod machine;
pub mod mail;
pub mod meter;
pub mod model;
pub mod notices;
pub mod reach;
pub mod render;
pub mod scheduler;
pub mod setup;
pub mod signing;
pub mod source;
pub mod store;
pub mod subscription;
pub mod telemetry;
pub mod token;
pub mod watch;
pub mod web;
