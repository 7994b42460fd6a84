//! Paths, neighbourhoods and analysis, asked of the graph: `/api/v1/relationships/paths|graph|analysis`.

pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, Utc};
use looma_kernel::types::Ref;
use looma_kernel::{Failure, Result};

/// Later than anything that is stored, 9999-12-31: where lists that show the newest first begin.
pub(crate) const END_OF_TIME: DateTime<Utc> = match DateTime::from_timestamp(253_402_214_400, 0) {
    Some(end) => end,
    None => DateTime::UNIX_EPOCH,
};

/// A query parameter that names a record, such as `person:{id}`.
pub(crate) fn reference(name: &str, text: &str) -> Result<Ref> {
    text.parse().map_err(|error: String| Failure::field(name, "format", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_time_has_a_year_of_four_digits() {
        assert_eq!(END_OF_TIME.to_rfc3339(), "9999-12-31T00:00:00+00:00");
    }

    #[test]
    fn a_wrong_reference_names_its_parameter() {
        for text in ["person", "dog:0192d3c4-0000-7000-8000-000000000000", "person:1"] {
            assert_eq!(reference("from", text).unwrap_err().problem.errors[0].pointer, "from");
        }
    }
}
