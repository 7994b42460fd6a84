//! Paths, neighbourhoods and analysis, asked of the graph: `/api/v1/relationships/paths|graph|analysis`.

pub(crate) mod routes;
pub(crate) mod service;

use looma_kernel::types::Ref;
use looma_kernel::{Failure, Result};

/// A query parameter that names a record, such as `person:{id}`.
pub(crate) fn reference(name: &str, text: &str) -> Result<Ref> {
    text.parse().map_err(|error: String| Failure::field(name, "format", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_reference_names_its_parameter() {
        for text in ["person", "dog:0192d3c4-0000-7000-8000-000000000000", "person:1"] {
            assert_eq!(reference("from", text).unwrap_err().problem.errors[0].pointer, "from");
        }
    }
}
