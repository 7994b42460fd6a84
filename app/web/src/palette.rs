//! The records that the command palette offers.

use crate::picker::suggest_records;
use crate::records;
use looma_app_ui::palette::Entry;
use std::pin::Pin;

/// The records whose name fits; nothing when they cannot be had, for the palette still goes to pages.
pub fn records(typed: String) -> Pin<Box<dyn Future<Output = Vec<Entry>>>> {
    Box::pin(async move {
        let found = suggest_records(typed).await.unwrap_or_default();
        found
            .into_iter()
            .filter_map(|one| {
                let href = records::href(one.record)?;
                Some(Entry { href, label: one.title, icon: records::icon(one.record.kind), note: records::kind_word(one.record.kind) })
            })
            .take(8)
            .collect()
    })
}
