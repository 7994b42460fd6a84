//! Keeps where every field was read.

use std::collections::BTreeMap;

use looma_types::json_resume::Provenance;

use crate::block::Block;

#[derive(Debug, Default)]
pub struct Record {
    pub provenance: BTreeMap<String, Provenance>,
}

impl Record {
    /// Notes that the field at `pointer` was read from `value` in `block`.
    pub fn note(&mut self, pointer: &str, block: &Block, value: &str, confidence: f32) {
        self.provenance.insert(pointer.to_owned(), block.source(value, confidence));
    }

    /// Notes a field that was read from outside the text, such as the file's name.
    pub fn raw(&mut self, pointer: &str, page: Option<u32>, quote: &str, confidence: f32) {
        self.provenance.insert(pointer.to_owned(), Provenance { confidence, page, quote: quote.to_owned() });
    }
}
