//! `/api/v1/search`.

use crate::scope::{self, Filters};
use crate::service::{Search, SearchService, offset};
use axum::extract::State;
use looma_kernel::access::{ReadJobs, Search as MaySearch};
use looma_kernel::types::search::{RankAnswer, RankQuery, SearchAnswer, SearchMode, Suggestion};
use looma_kernel::types::{Page, Problem};
use looma_kernel::{Allowed, Failure, Query, Reply, Result, Valid};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest text that is looked for.
const MAX_TEXT: usize = 400;
const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 200;

pub(crate) fn routes(service: SearchService) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(suggest)).routes(routes!(rank)).with_state(service)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// Words, `"phrases"`, `-without`; everything when empty. At most 400 characters.
    #[serde(default)]
    q: String,
    /// Kinds of record, such as `person,resume`; all when not said.
    #[serde(rename = "type")]
    kinds: Option<String>,
    /// By words, by meaning, or both.
    mode: Option<SearchMode>,
    /// Exactly one of these values, separated by commas.
    industry: Option<String>,
    /// Exactly one of these values, separated by commas.
    location: Option<String>,
    /// Exactly one of these values, separated by commas.
    skill: Option<String>,
    /// Exactly one of these values, separated by commas.
    tag: Option<String>,
    /// Exactly one of these values, separated by commas.
    status: Option<String>,
    /// Users' ids, separated by commas.
    owner: Option<String>,
    /// How many hits, 1 to 200; 20 when not said.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// A write's `Looma-Position` that the answer must know of.
    wait_for: Option<i64>,
}

impl SearchQuery {
    fn into_search(self) -> Result<Search> {
        let named = [
            ("industry", self.industry),
            ("location", self.location),
            ("skill", self.skill),
            ("tag", self.tag),
            ("status", self.status),
            ("owner", self.owner),
        ];
        let mut filters = Filters::new();
        for (name, text) in named {
            let values = scope::values(name, text.as_deref().unwrap_or_default())?;
            if !values.is_empty() {
                filters.insert(name.to_owned(), values);
            }
        }
        Ok(Search {
            text: within_length(self.q)?,
            kinds: scope::kinds(self.kinds.as_deref())?,
            mode: self.mode.unwrap_or_default(),
            filters,
            offset: offset(self.cursor.as_deref())?,
            limit: limit(self.limit, DEFAULT_LIMIT, MAX_LIMIT)?,
            wait_for: self.wait_for,
        })
    }
}

fn within_length(text: String) -> Result<String> {
    if text.chars().count() > MAX_TEXT {
        return Err(Failure::field("q", "length", format!("must be at most {MAX_TEXT} characters")));
    }
    Ok(text)
}

fn limit(wanted: Option<usize>, otherwise: usize, most: usize) -> Result<usize> {
    let limit = wanted.unwrap_or(otherwise);
    if (1..=most).contains(&limit) { Ok(limit) } else { Err(Failure::field("limit", "range", format!("limit must be 1 to {most}"))) }
}

/// Finds records of every kind that the actor may read; guests find published jobs, companies and skills, by words.
#[utoipa::path(get, path = "/api/v1/search", params(SearchQuery), tag = "search",
    responses((status = 200, body = SearchAnswer), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
async fn search(
    State(service): State<SearchService>,
    Allowed(actor, ..): Allowed<ReadJobs>,
    Query(query): Query<SearchQuery>,
) -> Result<Reply<SearchAnswer>> {
    Ok(Reply::ok(service.search(&actor, &query.into_search()?).await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SuggestQuery {
    /// What was typed so far. At most 400 characters.
    q: String,
    /// Kinds of record, such as `person,company`; all when not said.
    #[serde(rename = "type")]
    kinds: Option<String>,
    /// How many, 1 to 20; 8 when not said.
    limit: Option<usize>,
}

/// Records whose title has a word that begins so.
#[utoipa::path(get, path = "/api/v1/search/suggest", params(SuggestQuery), tag = "search",
    responses((status = 200, body = Page<Suggestion>), (status = "4XX", body = Problem)))]
async fn suggest(
    State(service): State<SearchService>,
    Allowed(actor, ..): Allowed<ReadJobs>,
    Query(query): Query<SuggestQuery>,
) -> Result<Reply<Page<Suggestion>>> {
    let kinds = scope::kinds(query.kinds.as_deref())?;
    let limit = limit(query.limit, 8, 20)?;
    let items = service.suggest(&actor, &within_length(query.q)?, &kinds, limit).await?;
    Ok(Reply::ok(Page { items, ..Page::default() }))
}

/// Ranks records by how well they fit a longer text, by any of its words and by its meaning.
#[utoipa::path(post, path = "/api/v1/search/rank", request_body = RankQuery, tag = "search",
    responses((status = 200, body = RankAnswer), (status = "4XX", body = Problem), (status = 503, body = Problem)))]
async fn rank(
    State(service): State<SearchService>,
    Allowed(actor, ..): Allowed<MaySearch>,
    Valid(query): Valid<RankQuery>,
) -> Result<Reply<RankAnswer>> {
    Ok(Reply::ok(service.rank(&actor, &query).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Result<Search> {
        let uri = format!("/api/v1/search?{text}").parse().unwrap();
        let query = axum::extract::Query::<SearchQuery>::try_from_uri(&uri).unwrap();
        query.0.into_search()
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let long = format!("q={}", "a".repeat(401));
        for (text, name) in
            [("limit=0", "limit"), ("limit=201", "limit"), ("type=person,dog", "type"), ("cursor=x", "cursor"), (long.as_str(), "q")]
        {
            assert_eq!(query(text).unwrap_err().problem.errors[0].pointer, name, "{text}");
        }
    }

    #[test]
    fn filters_with_nothing_in_them_filter_nothing() {
        let search = query("q=rust&location=%E4%B8%8A%E6%B5%B7&tag=&limit=5").unwrap();
        assert_eq!(search.filters, Filters::from([("location".into(), vec!["上海".into()])]));
        assert_eq!((search.limit, search.offset, search.mode), (5, 0, SearchMode::Hybrid));
    }
}
