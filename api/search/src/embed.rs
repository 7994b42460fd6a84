//! Vectors from the ai service, in its OpenAI shape.

use async_trait::async_trait;
use looma_kernel::types::ai::{Embedding, EmbeddingAnswer, EmbeddingInput, EmbeddingRequest};
use looma_kernel::types::{ServiceName, WorkspaceId};
use looma_kernel::{Actor, Client, Failure, Kernel, Result};
use looma_store::Error;
use looma_store::projector::Embed;

/// What one request to the ai service holds at most.
const BATCH_TEXTS: usize = 64;
const BATCH_BYTES: usize = 512 << 10;
/// The rest of a longer text adds nothing to its meaning that a vector could hold.
const MAX_CHARS: usize = 8_000;

const EMBEDDINGS: &str = "/api/v1/ai/embeddings";

/// Embeds what is to be found, as the search service itself.
pub(crate) struct AiEmbed {
    kernel: Kernel,
}

impl AiEmbed {
    pub fn new(kernel: &Kernel) -> Self {
        Self { kernel: kernel.clone() }
    }
}

#[async_trait]
impl Embed for AiEmbed {
    async fn embed(&self, texts: Vec<String>) -> looma_store::Result<Vec<Vec<f32>>> {
        let away = |failure: Failure| Error::Unavailable { store: "vectors", detail: failure.to_string() };
        // The texts of one batch may come from many workspaces; the model keeps nothing of them.
        let actor = self.kernel.service_actor(ServiceName::Search, WorkspaceId(uuid::Uuid::nil())).map_err(away)?;
        let mut vectors = Vec::with_capacity(texts.len());
        for batch in batches(texts) {
            vectors.extend(ask(self.kernel.client(), &actor, batch).await.map_err(away)?);
        }
        Ok(vectors)
    }
}

/// The vector of what somebody looks for, in their name.
/// # Errors
/// What the ai service answers; 503 when it cannot be reached.
pub(crate) async fn embed_one(client: &Client, actor: &Actor, text: &str) -> Result<Vec<f32>> {
    let mut vectors = ask(client, actor, vec![cut(text.to_owned())]).await?;
    vectors.pop().ok_or_else(|| Failure::unavailable("The ai service answered no vector.", 1))
}

async fn ask(client: &Client, actor: &Actor, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
    let count = texts.len();
    let request = EmbeddingRequest { model: None, input: EmbeddingInput::Many(texts) };
    let answer: EmbeddingAnswer = client.post_as(actor, ServiceName::Ai, EMBEDDINGS, &request).await?.json()?;
    in_order(answer.data, count).ok_or_else(|| Failure::unavailable("The ai service answered another number of vectors than asked for.", 1))
}

/// One vector for each text, in the order of the texts.
fn in_order(mut data: Vec<Embedding>, count: usize) -> Option<Vec<Vec<f32>>> {
    data.sort_by_key(|embedding| embedding.index);
    let whole = data.len() == count && data.iter().enumerate().all(|(place, embedding)| embedding.index == place);
    whole.then(|| data.into_iter().map(|embedding| unit(embedding.embedding)).collect())
}

/// Of length 1, as the vectors are kept; models of others may answer any length.
fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
    if length > 0.0 && (length - 1.0).abs() > 1e-4 {
        for part in &mut vector {
            *part /= length;
        }
    }
    vector
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_CHARS) {
        text.truncate(end);
    }
    text
}

fn batches(texts: Vec<String>) -> Vec<Vec<String>> {
    let mut batches: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for text in texts.into_iter().map(cut) {
        bytes += text.len();
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_TEXTS && bytes <= BATCH_BYTES => batch.push(text),
            _ => {
                bytes = text.len();
                batches.push(vec![text]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_keep_every_text_in_order_within_the_limits() {
        let texts: Vec<String> = (0..200).map(|n| format!("{n}{}", "字".repeat(n * 50))).collect();
        let batches = batches(texts.clone());
        assert!(batches.len() > 200 / BATCH_TEXTS);
        for batch in &batches {
            assert!(batch.len() <= BATCH_TEXTS && batch.iter().map(String::len).sum::<usize>() <= BATCH_BYTES);
        }
        assert_eq!(batches.concat(), texts.into_iter().map(cut).collect::<Vec<_>>());
    }

    #[test]
    fn vectors_come_in_the_order_of_their_texts_and_of_length_one() {
        let embedding = |index, value| Embedding { object: "embedding".into(), index, embedding: vec![value, 0.0] };
        assert_eq!(in_order(vec![embedding(1, -2.0), embedding(0, 3.0)], 2), Some(vec![vec![1.0, 0.0], vec![-1.0, 0.0]]));
        assert_eq!(in_order(vec![embedding(0, 1.0)], 2), None);
        assert_eq!(in_order(vec![embedding(0, 1.0), embedding(0, 1.0)], 2), None);
    }
}
