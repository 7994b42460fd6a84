//! How a record lies in the index: its fields, and the way there and back.

use super::analysis::Bilingual;
use super::telling::Frequencies;
use crate::version::Key;
use crate::{Error, Projected, Result};
use looma_types::{RecordKind, Ref, WorkspaceId};
use std::collections::BTreeSet;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::{Searcher, TantivyDocument, Term};
use uuid::Uuid;

/// The name of our analysis. Another name when words change: an index made otherwise is then made anew.
pub const ANALYSIS: &str = "bilingual-1";
/// How much of a record's text is searched, and how much is kept for snippets.
const MAX_TEXT: usize = 200_000;
const MAX_SNIPPET_SOURCE: usize = 16_000;
const MAX_TITLE: usize = 1_000;
/// Between a facet's name and its value.
pub const IS: char = '\u{1f}';

#[derive(Clone)]
pub struct Fields {
    pub schema: Schema,
    /// One term a record: workspace, kind, id. The only field of a tombstone besides `version`.
    pub key: Field,
    pub workspace: Field,
    pub kind: Field,
    pub id_high: Field,
    pub id_low: Field,
    pub version: Field,
    pub title: Field,
    pub subtitle: Field,
    pub body: Field,
    /// `name␟value`.
    pub facet: Field,
    /// What snippets are cut from.
    pub source: Field,
}

impl Fields {
    pub fn new() -> Self {
        let words = || {
            TextOptions::default().set_indexing_options(
                TextFieldIndexing::default().set_tokenizer(ANALYSIS).set_index_option(IndexRecordOption::WithFreqsAndPositions),
            )
        };
        let mut schema = Schema::builder();
        Self {
            key: schema.add_text_field("key", STRING | STORED),
            workspace: schema.add_text_field("workspace", STRING),
            kind: schema.add_u64_field("kind", INDEXED | FAST),
            id_high: schema.add_u64_field("id_high", FAST),
            id_low: schema.add_u64_field("id_low", FAST),
            version: schema.add_i64_field("version", FAST),
            title: schema.add_text_field("title", words().set_stored()),
            subtitle: schema.add_text_field("subtitle", words()),
            body: schema.add_text_field("body", words()),
            facet: schema.add_text_field("facet", STRING | FAST),
            source: schema.add_text_field("source", STORED),
            schema: schema.build(),
        }
    }

    pub fn key(&self, key: &Key) -> Term {
        Term::from_field_text(self.key, &key_text(key))
    }

    pub fn workspace(&self, workspace: WorkspaceId) -> Term {
        Term::from_field_text(self.workspace, &workspace.to_string())
    }

    pub fn kind(&self, kind: RecordKind) -> Term {
        Term::from_field_u64(self.kind, kind_number(kind))
    }

    pub fn facet(&self, name: &str, value: &str) -> Term {
        Term::from_field_text(self.facet, &facet_text(name, value))
    }

    /// A record as a document.
    pub fn document(&self, key: &Key, projected: &Projected, version: i64) -> TantivyDocument {
        let mut document = self.tombstone(key, version);
        let (workspace, record) = key;
        document.add_text(self.workspace, workspace.to_string());
        document.add_u64(self.kind, kind_number(record.kind));
        let (high, low) = record.id.as_u64_pair();
        document.add_u64(self.id_high, high);
        document.add_u64(self.id_low, low);
        document.add_text(self.title, title(projected));
        if let Some(subtitle) = subtitle(projected) {
            document.add_text(self.subtitle, subtitle);
        }
        for text in bodies(projected) {
            document.add_text(self.body, text);
        }
        document.add_text(self.source, source(projected));
        for facet in facets(projected) {
            document.add_text(self.facet, facet);
        }
        document
    }

    /// What remains of a record that is gone: which version may not come back.
    pub fn tombstone(&self, key: &Key, version: i64) -> TantivyDocument {
        let mut document = TantivyDocument::default();
        document.add_text(self.key, key_text(key));
        document.add_i64(self.version, version);
        document
    }

    /// In how many records each of these words stands.
    pub fn frequencies(&self, searcher: &Searcher, words: &BTreeSet<&str>) -> tantivy::Result<Frequencies> {
        let mut frequencies = Frequencies::new();
        for word in words {
            let mut most = 0;
            for field in [self.title, self.subtitle, self.body] {
                most = most.max(searcher.doc_freq(&Term::from_field_text(field, word))?);
            }
            frequencies.insert((*word).to_owned(), most);
        }
        Ok(frequencies)
    }

    pub fn read_key(&self, document: &TantivyDocument) -> Result<Key> {
        read_key(stored(document, self.key))
    }
}

/// A key from its text.
pub fn read_key(text: &str) -> Result<Key> {
    let (workspace, record) = text.split_once(' ').ok_or_else(|| Error::corrupt("text", format!("`{text}` is no key")))?;
    let workspace = workspace.parse().map_err(|error| Error::corrupt("text", error))?;
    Ok((workspace, record.parse().map_err(|error| Error::corrupt("text", error))?))
}

/// The title as far as it is kept.
pub fn title(projected: &Projected) -> &str {
    cut(&projected.title, MAX_TITLE)
}

/// The subtitle as far as it is kept.
pub fn subtitle(projected: &Projected) -> Option<&str> {
    projected.subtitle.as_deref().map(|subtitle| cut(subtitle, MAX_TITLE))
}

/// The texts as far as they are searched.
pub fn bodies(projected: &Projected) -> impl Iterator<Item = &str> {
    projected.texts.iter().scan(MAX_TEXT, |left, (_, text)| {
        let text = cut(text, *left);
        *left -= text.len();
        Some(text)
    })
}

/// What snippets are cut from.
pub fn source(projected: &Projected) -> String {
    let mut source = subtitle(projected).unwrap_or_default().to_owned();
    for text in bodies(projected) {
        if !source.is_empty() {
            source.push('\n');
        }
        source.push_str(cut(text, MAX_SNIPPET_SOURCE.saturating_sub(source.len())));
    }
    source
}

/// Every value of every facet once, with the facet's name.
pub fn facets(projected: &Projected) -> BTreeSet<String> {
    projected.facets.iter().flat_map(|(name, values)| values.iter().map(move |value| facet_text(name, value))).collect()
}

/// What is stored of a field.
pub fn stored(document: &TantivyDocument, field: Field) -> &str {
    document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default()
}

pub fn key_text((workspace, record): &Key) -> String {
    format!("{workspace} {record}")
}

/// What all values of one facet begin with.
pub fn facet_prefix(name: &str) -> String {
    format!("{name}{IS}")
}

pub fn facet_text(name: &str, value: &str) -> String {
    format!("{name}{IS}{}", cut(value, MAX_TITLE))
}

/// The kind's place among all kinds; their order is part of the index.
pub fn kind_number(kind: RecordKind) -> u64 {
    RecordKind::ALL.iter().position(|other| *other == kind).unwrap_or(RecordKind::ALL.len()) as u64
}

/// A record from the numbers of its fast fields.
pub fn record((kind, high, low): (u64, u64, u64)) -> Result<Ref> {
    let kind = usize::try_from(kind).ok().and_then(|place| RecordKind::ALL.get(place));
    let kind = kind.ok_or_else(|| Error::corrupt("text", "a document is of an unknown kind"))?;
    Ok(Ref::new(*kind, Uuid::from_u64_pair(high, low)))
}

/// At most so many bytes, whole characters.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// For the index to know our analysis.
pub fn analysis() -> tantivy::tokenizer::TokenizerManager {
    let manager = tantivy::tokenizer::TokenizerManager::default();
    manager.register(ANALYSIS, Bilingual);
    manager
}
