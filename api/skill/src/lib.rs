//! Skills: a bilingual taxonomy with aliases, and where skills are named in free text.

pub mod mentions;
pub mod taxonomy;
