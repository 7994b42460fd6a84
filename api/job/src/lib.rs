//! Jobs: their life cycle, applications through a pipeline, and the people who fit, with reasons.

pub mod matching;
