//! Models behind one interface. The local embedding model needs no network and gives every machine the same vectors.

pub mod embedding;
