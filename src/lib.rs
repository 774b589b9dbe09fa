//! Paper Round: the day's trending research papers, mailed to everyone who asked, once.
//!
//! ```text
//!  roof        cli · app · doctor · telemetry · scheduler   when
//!  doors       web · inbound                                who knocks
//!  rooms       source -> digest -> delivery                 the flow
//!              subscription · bounce                        beside it
//!  landing     notices                                      what rooms write alike
//!  workshop    render · mail          cellar  store         what they share
//!  ground      config · model · clock · token · signing · links
//! ```
//!
//! Imports go downward only. The rooms of the flow never call each other: they hand over
//! through the store (papers, then digests and deliveries, then sent mail), so that each
//! stage runs alone, resumes after a crash alone and is tested alone.
//! `docs/architecture.md` follows one paper through the house.

pub mod app;
pub mod bounce;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod digest;
pub mod doctor;
pub mod inbound;
pub mod links;
pub mod mail;
pub mod model;
pub mod notices;
pub mod render;
pub mod scheduler;
pub mod signing;
pub mod source;
pub mod store;
pub mod subscription;
pub mod telemetry;
pub mod token;
pub mod web;
