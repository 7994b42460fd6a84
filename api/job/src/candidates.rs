//! Gathers what matching scores: the resumes that search ranks highest for a job, and their content.

use crate::matching::{self, Candidate, Frame, Posting, Wanted};
use futures::stream::{self, StreamExt, TryStreamExt};
use looma_kernel::types::job::{JobDraft, Match};
use looma_kernel::types::resume::Resume;
use looma_kernel::types::search::{RankAnswer, RankQuery};
use looma_kernel::types::{RecordKind, ResumeId, ServiceName};
use looma_kernel::{Actor, Client, Result};
use looma_skill::taxonomy::Taxonomy;

/// At least and at most so many resumes are scored for one answer.
const LEAST: usize = 60;
const MOST: usize = 200;
/// Resumes read at the same time.
const TOGETHER: usize = 16;
/// The longest description that takes part in the ranking, in characters.
const DESCRIPTION: usize = 4_000;

/// A resume with its places in the two rankings.
pub(crate) struct Found {
    resume: Resume,
    text_rank: Option<u32>,
    vector_rank: Option<u32>,
}

/// A job as matching reads it.
pub(crate) fn posting(fields: &JobDraft) -> Posting {
    Posting {
        title: fields.title.clone(),
        description: fields.description.clone(),
        location: fields.location.clone(),
        remote: fields.remote,
        skills: fields
            .skills
            .iter()
            .filter_map(|skill| Some(Wanted { name: skill.name.clone()?, level: skill.level, required: skill.required }))
            .collect(),
    }
}

/// The resumes nearest to a posting by words and by meaning, after `wait_for` has been applied.
pub(crate) async fn gather(client: &Client, actor: &Actor, posting: &Posting, limit: usize, wait_for: Option<i64>) -> Result<Vec<Found>> {
    let most = (limit * 2).clamp(LEAST, MOST);
    let query = RankQuery { text: text(posting), kinds: vec![RecordKind::Resume], only: None, limit: u32::try_from(most).ok(), wait_for };
    let answer: RankAnswer = client.post_as(actor, ServiceName::Search, "/api/v1/search/rank", &query).await?.json()?;
    stream::iter(answer.items.into_iter().take(most))
        .map(|hit| async move {
            let path = format!("/api/v1/resumes/{}", ResumeId(hit.record.id));
            match client.get_as::<Resume>(actor, ServiceName::Resume, path).await {
                Ok(resume) => Ok(Some(Found { resume, text_rank: hit.text_rank, vector_rank: hit.vector_rank })),
                // Deleted since search last looked.
                Err(failure) if failure.status().as_u16() == 404 => Ok(None),
                Err(failure) => Err(failure),
            }
        })
        .buffered(TOGETHER)
        .try_filter_map(|found| async move { Ok(found) })
        .try_collect()
        .await
}

/// Scores off the threads that answer requests: it is pure computation.
pub(crate) async fn rank(posting: Posting, found: Vec<Found>, frame: Frame<'static>) -> Result<Vec<Match>> {
    let score = move || {
        let candidates: Vec<Candidate<'_>> = found.iter().map(candidate).collect();
        matching::rank(&posting, &candidates, frame)
    };
    tokio::task::spawn_blocking(score).await.map_err(looma_kernel::Failure::internal)
}

fn candidate(found: &Found) -> Candidate<'_> {
    let basics = found.resume.content.basics.as_ref();
    Candidate {
        person_id: found.resume.person_id,
        resume_id: found.resume.id,
        name: basics.and_then(|basics| basics.name.as_deref()).unwrap_or(&found.resume.title),
        content: &found.resume.content,
        text_rank: found.text_rank,
        vector_rank: found.vector_rank,
    }
}

/// What to rank by: the title, the skills under their names in both languages, and the description.
fn text(posting: &Posting) -> String {
    let mut parts = vec![posting.title.clone()];
    for wanted in &posting.skills {
        parts.push(wanted.name.clone());
        if let Some(known) = Taxonomy::seed().canonical(&wanted.name) {
            parts.extend([&known.name, &known.name_zh].into_iter().filter(|name| **name != wanted.name).cloned());
        }
    }
    parts.push(posting.description.chars().take(DESCRIPTION).collect());
    parts.join("\n")
}
