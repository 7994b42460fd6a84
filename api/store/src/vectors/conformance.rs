//! What every adapter of this role must do.
