//! Searches, asked of the text index and the vectors.

use crate::embed::embed_one;
use crate::fusion::{Fused, fuse};
use crate::scope::{self, Filters};
use looma_kernel::types::search::{FacetCount, Hit, RankAnswer, RankQuery, SearchAnswer, SearchMode, Suggestion};
use looma_kernel::types::{RecordKind, Ref};
use looma_kernel::{Actor, Client, Cursor, Failure, Kernel, Position, Result};
use looma_store::text::{KINDS, TextAnswer, TextHit, TextQuery};
use looma_store::vectors::VectorHit;
use looma_store::{Projector, TextIndex, Vectors};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// How long a search waits for a write to reach an index.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many of each ranking are made into one.
const DEPTH: usize = 200;
/// How far a search can be paged through, and the most the text index answers at once.
const REACH: usize = 1_000;
/// Less alike than this is not what somebody looks for.
const LEAST_ALIKE: f32 = 0.2;
/// What is counted.
const COUNTED: [&str; 6] = [KINDS, "industry", "location", "skill", "tag", "status"];
const VECTORS: &str = "vectors";

/// What somebody looks for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pub text: String,
    pub kinds: Vec<RecordKind>,
    pub mode: SearchMode,
    pub filters: Filters,
    pub offset: usize,
    pub limit: usize,
    pub wait_for: Option<Position>,
}

/// Everything that can be found, of all workspaces.
#[derive(Clone)]
pub struct SearchService {
    text: Arc<dyn TextIndex>,
    vectors: Arc<dyn Vectors>,
    client: Client,
    text_projector: Projector,
    vectors_projector: Projector,
}

impl SearchService {
    pub fn new(kernel: &Kernel, text_projector: Projector, vectors_projector: Projector) -> Self {
        let stores = kernel.stores();
        Self {
            text: stores.text.clone(),
            vectors: stores.vectors.clone(),
            client: kernel.client().clone(),
            text_projector,
            vectors_projector,
        }
    }

    /// Finds records. Hybrid search goes on with words alone, and says so, while the vectors are away.
    /// # Errors
    /// `unavailable` when an index does not come as far as `wait_for` in time; in vector mode also when the model is away.
    pub async fn search(&self, actor: &Actor, search: &Search) -> Result<SearchAnswer> {
        let wanted = search.text.trim();
        // Nothing is near to nothing; and the models are not for guests.
        let mode = if wanted.is_empty() || scope::published_only(actor.role) { SearchMode::Text } else { search.mode };
        // In every mode: the text index also knows what hits look like.
        self.reach(&self.text_projector, search.wait_for).await?;
        let query = TextQuery {
            text: wanted.to_owned(),
            facets: search.filters.clone(),
            count: COUNTED.map(str::to_owned).to_vec(),
            ..TextQuery::default()
        };
        if mode == SearchMode::Text {
            let end = (search.offset + search.limit).min(REACH);
            let found = self.find(actor, &search.kinds, &TextQuery { limit: end, ..query }).await?;
            return Ok(by_words(found, search));
        }
        let near = self.near(actor, search).await;
        let (near, degraded) = match near {
            Ok(near) => (near, vec![]),
            Err(failure) if mode == SearchMode::Vector => return Err(failure),
            Err(failure) => {
                tracing::warn!(%failure, "searching by words alone");
                (vec![], vec![VECTORS.to_owned()])
            }
        };
        let limit = if mode == SearchMode::Hybrid { DEPTH } else { 0 };
        let found = self.find(actor, &search.kinds, &TextQuery { limit, ..query.clone() }).await?;
        self.by_both(actor, search, query, found, near, degraded).await
    }

    /// Ranks records by how well they fit a longer text: by words, any of them, and by meaning.
    /// # Errors
    /// `unavailable` when the text index does not come as far as `wait_for` in time.
    pub async fn rank(&self, actor: &Actor, query: &RankQuery) -> Result<RankAnswer> {
        let limit = query.limit.map_or(100, |limit| limit as usize);
        self.reach(&self.text_projector, query.wait_for).await?;
        let kinds = scope::readable(actor.rights(), &query.kinds);
        if kinds.is_empty() {
            return Ok(RankAnswer::default());
        }
        let words = TextQuery { text: query.text.clone(), only: query.only.clone(), limit, any_word: true, ..TextQuery::default() };
        let found = self.find(actor, &kinds, &words).await?;
        let (near, degraded) = match self.alike(actor, &kinds, query, limit).await {
            Ok(near) => (near, vec![]),
            Err(failure) => {
                tracing::warn!(%failure, "ranking by words alone");
                (vec![], vec![VECTORS.to_owned()])
            }
        };
        let ranking: Vec<Ref> = near.iter().map(|hit| hit.record).collect();
        let fused = fuse(&records(&found.hits), &ranking);
        let mut texts: HashMap<Ref, (String, String)> = near.into_iter().map(|hit| (hit.record, (hit.title, String::new()))).collect();
        texts.extend(found.hits.into_iter().map(|hit| (hit.record, (hit.title, hit.snippet))));
        Ok(RankAnswer { items: hits(&fused, &mut texts), degraded })
    }

    async fn alike(&self, actor: &Actor, kinds: &[RecordKind], query: &RankQuery, limit: usize) -> Result<Vec<VectorHit>> {
        self.reach(&self.vectors_projector, query.wait_for).await?;
        let vector = embed_one(&self.client, actor, &query.text).await?;
        Ok(self.vectors.nearest(actor.workspace, &vector, kinds, query.only.as_deref(), limit).await?)
    }

    /// Records whose title has a word that begins so.
    pub async fn suggest(&self, actor: &Actor, prefix: &str, kinds: &[RecordKind], limit: usize) -> Result<Vec<Suggestion>> {
        let kinds = scope::readable(actor.rights(), kinds);
        if kinds.is_empty() || prefix.trim().is_empty() {
            return Ok(vec![]);
        }
        // Guests may not see every job, so more is asked for than is answered.
        let more = if scope::published_only(actor.role) { REACH.min(limit * 10) } else { limit };
        let mut found = self.text.suggest(actor.workspace, prefix, &kinds, more).await?;
        if scope::published_only(actor.role) {
            let only = Some(found.iter().map(|(record, _)| *record).collect());
            let seen = self.find(actor, &kinds, &TextQuery { only, limit: more, ..TextQuery::default() }).await?;
            let seen: HashSet<Ref> = seen.hits.iter().map(|hit| hit.record).collect();
            found.retain(|(record, _)| seen.contains(record));
            found.truncate(limit);
        }
        Ok(found.into_iter().map(|(record, title)| Suggestion { record, title }).collect())
    }

    async fn reach(&self, projector: &Projector, position: Option<Position>) -> Result<()> {
        if let Some(position) = position {
            projector.wait_for(position, PATIENCE).await?;
        }
        Ok(())
    }

    /// What the actor may find of a query.
    async fn find(&self, actor: &Actor, wanted: &[RecordKind], query: &TextQuery) -> Result<TextAnswer> {
        let mut answers = Vec::new();
        for query in scope::queries(actor, wanted, query) {
            answers.push(self.text.search(actor.workspace, &query).await?);
        }
        Ok(merged(answers, query.limit))
    }

    /// The records nearest in meaning that pass the filters, nearest first.
    async fn near(&self, actor: &Actor, search: &Search) -> Result<Vec<Ref>> {
        let kinds = scope::readable(actor.rights(), &search.kinds);
        if kinds.is_empty() {
            return Ok(vec![]);
        }
        self.reach(&self.vectors_projector, search.wait_for).await?;
        let vector = embed_one(&self.client, actor, search.text.trim()).await?;
        let filtered = !search.filters.is_empty();
        // Where few pass the filters, only those are compared; else the nearest are looked at for who passes.
        let passing = TextQuery { facets: search.filters.clone(), limit: REACH, ..TextQuery::default() };
        let passing = if filtered { Some(self.find(actor, &kinds, &passing).await?) } else { None };
        let only = passing.filter(|passing| passing.total <= REACH as u64).map(|passing| records(&passing.hits));
        let depth = if filtered && only.is_none() { REACH } else { DEPTH };
        let near = self.vectors.nearest(actor.workspace, &vector, &kinds, only.as_deref(), depth).await?;
        let mut near: Vec<Ref> = near.into_iter().filter(|hit| hit.score >= LEAST_ALIKE).map(|hit| hit.record).collect();
        if filtered && only.is_none() {
            let passing = TextQuery { facets: search.filters.clone(), only: Some(near.clone()), limit: REACH, ..TextQuery::default() };
            let passing: HashSet<Ref> = records(&self.find(actor, &kinds, &passing).await?.hits).into_iter().collect();
            near.retain(|record| passing.contains(record));
        }
        near.truncate(DEPTH);
        Ok(near)
    }

    /// A page of both rankings in one; beyond their depth it goes on with words alone.
    async fn by_both(
        &self,
        actor: &Actor,
        search: &Search,
        query: TextQuery,
        found: TextAnswer,
        near: Vec<Ref>,
        degraded: Vec<String>,
    ) -> Result<SearchAnswer> {
        let words = search.mode == SearchMode::Hybrid;
        let mut fused = fuse(&records(&found.hits), &near);
        let only_near = fused.iter().filter(|fused| fused.text.is_none()).count() as u64;
        let end = (search.offset + search.limit).min(REACH);
        let mut texts: HashMap<Ref, (String, String)> = found.hits.into_iter().map(|hit| (hit.record, (hit.title, hit.snippet))).collect();
        if words && end > fused.len() && found.total > DEPTH as u64 {
            let more = self.find(actor, &search.kinds, &TextQuery { offset: 0, limit: REACH, count: vec![], ..query }).await?;
            let known: HashSet<Ref> = fused.iter().map(|fused| fused.record).collect();
            for (place, hit) in (1..).zip(more.hits).skip(DEPTH).filter(|(_, hit)| !known.contains(&hit.record)) {
                fused.push(Fused { record: hit.record, text: Some(place), vector: None });
                texts.insert(hit.record, (hit.title, hit.snippet));
            }
        }
        let page: Vec<Fused> = fused.iter().skip(search.offset).take(search.limit).copied().collect();
        // Those without the words still have a title and a text to show.
        let untold: Vec<Ref> = page.iter().map(|fused| fused.record).filter(|record| !texts.contains_key(record)).collect();
        if !untold.is_empty() {
            let limit = untold.len();
            let told = self.find(actor, &search.kinds, &TextQuery { only: Some(untold), limit, ..TextQuery::default() }).await?;
            texts.extend(told.hits.into_iter().map(|hit| (hit.record, (hit.title, hit.snippet))));
        }
        let total = if words { found.total + only_near } else { fused.len() as u64 };
        let next_cursor = (end < fused.len().min(REACH) && !page.is_empty()).then(|| Cursor::encode(&end));
        Ok(SearchAnswer { items: hits(&page, &mut texts), next_cursor, facets: found.facets, total, degraded })
    }
}

/// A cursor's offset.
/// # Errors
/// 422 for what is no cursor of a search.
pub(crate) fn offset(cursor: Option<&str>) -> Result<usize> {
    let offset = cursor.map(Cursor::decode::<usize>).transpose()?.unwrap_or(0);
    if offset < REACH {
        Ok(offset)
    } else {
        Err(Failure::field("cursor", "range", format!("a search can be paged through up to {REACH} records")))
    }
}

fn records(hits: &[TextHit]) -> Vec<Ref> {
    hits.iter().map(|hit| hit.record).collect()
}

/// Hits with what is to be shown of them; a record of which nothing is known any more is left out.
fn hits(fused: &[Fused], texts: &mut HashMap<Ref, (String, String)>) -> Vec<Hit> {
    let hit = |fused: &Fused| {
        let (title, snippet) = texts.remove(&fused.record)?;
        Some(Hit { record: fused.record, title, snippet, score: fused.score(), text_rank: fused.text, vector_rank: fused.vector })
    };
    fused.iter().filter_map(hit).collect()
}

/// A page by words alone of the first `offset + limit` that were found.
fn by_words(found: TextAnswer, search: &Search) -> SearchAnswer {
    let end = search.offset + search.limit;
    let more = end < REACH && found.total > end as u64;
    let ranked = (1..).zip(found.hits).skip(search.offset).take(search.limit);
    let items = ranked.map(|(place, hit)| Hit {
        record: hit.record,
        title: hit.title,
        snippet: hit.snippet,
        score: f64::from(hit.score),
        text_rank: Some(place),
        vector_rank: None,
    });
    SearchAnswer {
        items: items.collect(),
        next_cursor: more.then(|| Cursor::encode(&end)),
        facets: found.facets,
        total: found.total,
        degraded: vec![],
    }
}

/// The answers to several queries as one, in the order that one query would have.
fn merged(mut answers: Vec<TextAnswer>, limit: usize) -> TextAnswer {
    if answers.len() < 2 {
        return answers.pop().unwrap_or_default();
    }
    let mut all = TextAnswer::default();
    let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for answer in answers {
        all.total += answer.total;
        all.hits.extend(answer.hits);
        for (name, values) in answer.facets {
            let counts = counts.entry(name).or_default();
            for FacetCount { value, count } in values {
                *counts.entry(value).or_default() += count;
            }
        }
    }
    all.hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.record.cmp(&b.record)));
    all.hits.truncate(limit);
    let ordered = |counts: BTreeMap<String, u64>| {
        let mut values: Vec<FacetCount> = counts.into_iter().map(|(value, count)| FacetCount { value, count }).collect();
        values.sort_by_key(|facet| std::cmp::Reverse(facet.count));
        values
    };
    all.facets = counts.into_iter().map(|(name, counts)| (name, ordered(counts))).collect();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn hit(number: u128, score: f32) -> TextHit {
        TextHit { record: Ref::new(RecordKind::Job, Uuid::from_u128(number)), title: number.to_string(), snippet: String::new(), score }
    }

    fn found(numbers: std::ops::Range<u128>, total: u64) -> TextAnswer {
        TextAnswer { hits: numbers.map(|number| hit(number, 1.0)).collect(), total, ..TextAnswer::default() }
    }

    #[test]
    fn a_page_goes_on_where_the_one_before_ended() {
        let search = |offset| Search { offset, limit: 10, ..Search::default() };
        let first = by_words(found(0..10, 25), &search(0));
        assert_eq!(first.items.len(), 10);
        let at = offset(first.next_cursor.as_deref()).unwrap();
        let second = by_words(found(0..20, 25), &search(at));
        assert_eq!((second.items[0].title.as_str(), second.items[0].text_rank), ("10", Some(11)));
        let last = by_words(found(0..25, 25), &search(20));
        assert_eq!((last.items.len(), last.next_cursor), (5, None));
    }

    #[test]
    fn paging_ends_at_its_reach() {
        let end = by_words(found(0..1_000, 5_000), &Search { offset: 990, limit: 10, ..Search::default() });
        assert_eq!((end.items.len(), end.next_cursor), (10, None));
        assert_eq!(offset(Some(&Cursor::encode(&1_000))).unwrap_err().problem.errors[0].pointer, "cursor");
        assert_eq!(offset(Some("nonsense")).unwrap_err().problem.errors[0].pointer, "cursor");
    }

    #[test]
    fn two_answers_become_one_in_order_of_score() {
        let count = |value: &str, count| FacetCount { value: value.into(), count };
        let facets = |counts: Vec<FacetCount>| BTreeMap::from([("location".to_owned(), counts)]);
        let one =
            TextAnswer { hits: vec![hit(1, 3.0), hit(2, 1.0)], total: 2, facets: facets(vec![count("Berlin", 1), count("上海", 1)]) };
        let two = TextAnswer { hits: vec![hit(3, 2.0)], total: 1, facets: facets(vec![count("上海", 1)]) };
        let all = merged(vec![one, two], 2);
        assert_eq!(all.hits.iter().map(|hit| hit.title.as_str()).collect::<Vec<_>>(), ["1", "3"]);
        assert_eq!(all.total, 3);
        assert_eq!(all.facets["location"], [count("上海", 2), count("Berlin", 1)]);
    }
}
