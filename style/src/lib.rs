//! The look: design tokens, hand-written base styles, and utilities generated from the classes in the sources.
//!
//! `looma-style sheet OUT` scans `app/**/*.rs` and writes one style sheet for both front ends. [`tokens`] is the one
//! place colours are named; the style sheet and the generator both take them from there.

pub mod pack;
pub mod sheet;
pub mod sources;
pub mod tokens;
