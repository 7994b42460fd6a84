//! Paging: opaque cursors that stay where they are when records are added.

use crate::failure::{Failure, Result};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use looma_types::Page;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How many records a page has unless the client says otherwise, and at most.
pub const DEFAULT_LIMIT: i64 = 50;
pub const MAX_LIMIT: i64 = 200;

/// Later than anything that is stored, 9999-12-31: where lists with the latest first begin.
const END_OF_TIME: DateTime<Utc> = match DateTime::from_timestamp(253_402_214_400, 0) {
    Some(end) => end,
    None => DateTime::UNIX_EPOCH,
};

/// `?limit=&cursor=` of every list. In a list's own query struct repeat the two fields (flattening loses their types)
/// and turn them into this by [`ListQuery::new`].
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// How many records, 1 to 200; 50 when not said.
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// `sort` of lists whose records have a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub enum Sort {
    #[default]
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-updated_at")]
    LastChanged,
}

/// The place after which a page begins: the last record's sort key.
pub struct Cursor;

impl Cursor {
    /// Makes an opaque text of a sort key.
    pub fn encode<K: Serialize>(key: &K) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
    }

    /// The sort key again.
    /// # Errors
    /// 422 when the text is no cursor of this list.
    pub fn decode<K: DeserializeOwned>(text: &str) -> Result<K> {
        let wrong = || Failure::field("cursor", "format", "This is not a cursor of this list; begin again without one.");
        if text.len() > 2_000 {
            return Err(wrong());
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
        serde_json::from_slice(&bytes).map_err(|_| wrong())
    }
}

impl ListQuery {
    pub fn new(limit: Option<i64>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    /// The page's size.
    /// # Errors
    /// 422 outside 1 to 200.
    pub fn limit(&self) -> Result<i64> {
        match self.limit {
            None => Ok(DEFAULT_LIMIT),
            Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
            Some(_) => Err(Failure::field("limit", "range", format!("limit must be 1 to {MAX_LIMIT}"))),
        }
    }

    /// The sort key to go on after.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>> {
        self.cursor.as_deref().map(Cursor::decode).transpose()
    }

    /// The time and id to go on before, in a list with the latest first.
    pub fn before(&self) -> Result<(DateTime<Utc>, Uuid)> {
        Ok(self.after()?.unwrap_or((END_OF_TIME, Uuid::max())))
    }

    /// A page of rows that were read with one more than the limit, to know whether there are more.
    pub fn page<T, K: Serialize>(limit: i64, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T> {
        let more = rows.len() as i64 > limit;
        rows.truncate(limit.max(0) as usize);
        let next_cursor = if more { rows.last().map(|row| Cursor::encode(&key(row))) } else { None };
        Page { items: rows, next_cursor, total: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_time_has_a_year_of_four_digits() {
        assert_eq!(END_OF_TIME.to_rfc3339(), "9999-12-31T00:00:00+00:00");
    }
}
