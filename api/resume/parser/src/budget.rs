//! A limit to the time that one file may take.

use std::time::{Duration, Instant};

use crate::problem::{ParseProblem, ProblemCode};

/// Checked between steps; a step is itself bounded by the size of its input.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    until: Instant,
}

impl Budget {
    pub fn new(limit: Duration) -> Self {
        Self { until: Instant::now() + limit }
    }

    pub fn check(&self) -> Result<(), ParseProblem> {
        if Instant::now() < self.until {
            return Ok(());
        }
        Err(ParseProblem::new(
            ProblemCode::TooSlow,
            "Reading this file takes too long; save it again in a simpler form, for example as a PDF exported from a word processor.",
        ))
    }
}
