//! `looma-local-1`: embeddings made on the spot, the same bits on every machine.
//!
//! Two unit vectors are added: the *words* (words, their character trigrams, pairs of neighbours, Chinese bigrams) and the
//! *concepts* (skills of the taxonomy named in the text, whatever the language, with what is broader and related).
//! Features are spread over the dimensions by hashing (Weinberger et al., "Feature Hashing", 2009, several dimensions a
//! feature as in Achlioptas' sparse random projections). Only additions, products, divisions and square roots are used,
//! which IEEE 754 rounds the same everywhere; features are added in the order of their hashes.
//!
//! The taxonomy is part of the model: when a change of it moves vectors, the model needs a new name, and stored vectors
//! are to be rebuilt. The test of the checksum notices.

use looma_skill::taxonomy::Taxonomy;
use std::collections::{BTreeMap, HashMap};

/// What requests call this model.
pub const MODEL: &str = "looma-local-1";
/// The length of every vector.
pub const DIMENSIONS: usize = 256;

/// Share of the words and of the concepts in the sum; squares add up to 1.
const WORDS: f32 = 0.6;
const CONCEPTS: f32 = 0.8;

/// Dimensions a feature touches: more make two features less likely to look alike, fewer are faster.
const SPREAD_WORD: usize = 4;
const SPREAD_CONCEPT: usize = 12;

/// The L2-normalised embedding of a text; all zeros where it has no letter or digit.
pub fn embed(text: &str) -> Vec<f32> {
    let words = projected(&word_features(text), SPREAD_WORD);
    let concepts = projected(&concept_features(text), SPREAD_CONCEPT);
    let mut sum: Vec<f32> = words.iter().zip(&concepts).map(|(word, concept)| WORDS * word + CONCEPTS * concept).collect();
    normalise(&mut sum);
    sum
}

/// Cosine of two embeddings, −1..=1; 0 where one of them is all zeros.
pub fn cosine(one: &[f32], other: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    let lengths = (dot(one, one) * dot(other, other)).sqrt();
    if lengths > 0.0 { (dot(one, other) / lengths).clamp(-1.0, 1.0) } else { 0.0 }
}

/// How many words and Chinese characters a text has: what usage is counted in.
pub fn tokens(text: &str) -> u64 {
    words(text).map(|word| if is_han(word) { word.chars().count() as u64 } else { 1 }).sum()
}

/// Feature hash → weight.
type Features = HashMap<u64, f32>;

fn word_features(text: &str) -> Features {
    // Ordered, because two words share trigrams and a sum depends on its order.
    let mut counts: BTreeMap<String, f32> = BTreeMap::new();
    let mut features = Features::new();
    let mut before: Option<String> = None;
    for word in words(text) {
        if is_han(word) {
            before = None;
            let chars: Vec<char> = word.chars().collect();
            for pair in chars.windows(2).filter(|pair| !pair.iter().any(|char| STOP_HAN.contains(*char))) {
                *features.entry(hash("han2", &pair.iter().collect::<String>())).or_default() += 1.0;
            }
            for char in chars.iter().filter(|char| !STOP_HAN.contains(**char)) {
                *features.entry(hash("han1", char.encode_utf8(&mut [0; 4]))).or_default() += 0.1;
            }
            continue;
        }
        let word = word.to_lowercase();
        if STOP_WORDS.contains(&word.as_str()) {
            before = None;
            continue;
        }
        if let Some(before) = &before {
            *features.entry(hash("pair", &format!("{before} {word}"))).or_default() += 0.5;
        }
        *counts.entry(word.clone()).or_default() += 1.0;
        before = Some(word);
    }
    // Sublinear: the tenth mention says little more than the second.
    for weight in features.values_mut() {
        *weight = weight.sqrt();
    }
    for (word, count) in counts {
        let weight = count.sqrt().sqrt();
        *features.entry(hash("word", &word)).or_default() += weight;
        let framed: Vec<char> = std::iter::once('<').chain(word.chars()).chain(std::iter::once('>')).collect();
        if framed.len() > 4 {
            // Together as heavy as the word itself, so that inflected forms stay near.
            let share = weight / ((framed.len() - 2) as f32).sqrt();
            for gram in framed.windows(3) {
                *features.entry(hash("gram", &gram.iter().collect::<String>())).or_default() += share;
            }
        }
    }
    features
}

fn concept_features(text: &str) -> Features {
    let taxonomy = Taxonomy::seed();
    let mut counts: BTreeMap<&str, f32> = BTreeMap::new();
    for mention in taxonomy.find_skills(text) {
        *counts.entry(&mention.skill.name).or_default() += 1.0;
    }
    let mut features = Features::new();
    for (name, count) in counts {
        let Some(skill) = taxonomy.canonical(name) else { continue };
        let weight = count.sqrt().sqrt();
        let mut add = |name: &str, share: f32| *features.entry(hash("skill", name)).or_default() += weight * share;
        add(name, 1.0);
        let mut share = 0.5;
        for above in taxonomy.ancestors(skill) {
            add(&above.name, share);
            share *= 0.4;
        }
        for related in &skill.related {
            add(related, 0.3);
        }
    }
    features
}

/// The unit vector of features, each spread over some dimensions with signs of its own.
fn projected(features: &Features, spread: usize) -> Vec<f32> {
    let mut ordered: Vec<(u64, f32)> = features.iter().map(|(hash, weight)| (*hash, *weight)).collect();
    ordered.sort_unstable_by_key(|(hash, _)| *hash);
    let mut vector = vec![0.0; DIMENSIONS];
    for (hash, weight) in ordered {
        let mut state = hash;
        for _ in 0..spread {
            state = mix(state);
            let sign = if state >> 63 == 0 { 1.0 } else { -1.0 };
            vector[state as usize % DIMENSIONS] += sign * weight;
        }
    }
    normalise(&mut vector);
    vector
}

fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        for x in vector {
            *x /= length;
        }
    }
}

/// FNV-1a over the kind and the text of a feature, then mixed.
fn hash(kind: &str, text: &str) -> u64 {
    let fnv = kind
        .bytes()
        .chain([0])
        .chain(text.bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    mix(fnv)
}

/// One step of SplitMix64.
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Runs of Han characters, and words of letters and digits of other scripts with the signs that names have inside or
/// behind them (`c++`, `c#`, `node.js`).
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|char: char| !char.is_alphanumeric());
        let first = rest.chars().next()?;
        let end = if han(first) {
            rest.find(|char| !han(char)).unwrap_or(rest.len())
        } else {
            rest.find(|char: char| han(char) || !(char.is_alphanumeric() || matches!(char, '+' | '#' | '.' | '\''))).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word.trim_end_matches(['.', '\'']))
    })
}

fn han(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}')
}

fn is_han(word: &str) -> bool {
    word.starts_with(han)
}

const STOP_HAN: &str = "的了和与及在是为对等中并以将也或有于从到被把其及由";

const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "also", "an", "and", "any", "are", "as", "at", "be", "been", "but", "by", "can", "did", "do", "for",
    "from", "had", "has", "have", "he", "her", "his", "i", "in", "into", "is", "it", "its", "me", "more", "my", "no", "not", "of", "on",
    "or", "our", "out", "over", "she", "so", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "through", "to", "under", "up", "was", "we", "were", "what", "when", "where", "which", "while", "who", "will", "with", "you",
    "your",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RUST: &str = "Backend engineer, eight years of Rust and PostgreSQL, ran services on Kubernetes";
    const NURSE: &str = "Registered nurse in a paediatric ward, night shifts and patient care";

    fn near(one: &str, other: &str) -> f32 {
        cosine(&embed(one), &embed(other))
    }

    #[test]
    fn the_vector_is_the_same_in_every_build() {
        let bytes: Vec<u8> =
            [RUST, "五年机器学习经验，熟悉 PyTorch", NURSE].iter().flat_map(|text| embed(text)).flat_map(f32::to_le_bytes).collect();
        assert_eq!(&blake3::hash(&bytes).to_hex()[..16], "623c51daa62e3a3b");
    }

    #[test]
    fn paraphrases_are_nearer_than_strangers() {
        let same = near(RUST, "Server-side developer who wrote Rust on k8s with Postgres for years");
        let other = near(RUST, NURSE);
        assert!(same > 0.5 && other < 0.25 && same > other + 0.3, "{same} {other}");
        assert!(near("optimised database queries", "database query optimisation") > near("optimised database queries", "sold used cars"));
    }

    #[test]
    fn chinese_and_english_meet_at_the_concept() {
        for (zh, en) in [
            ("机器学习", "machine learning"),
            ("容器编排", "Kubernetes"),
            ("人力资源管理", "HR"),
            ("前端开发", "frontend"),
            ("财务分析", "financial analysis"),
        ] {
            let pair = near(zh, en);
            assert!(pair > 0.5, "{zh} {en} {pair}");
            assert!(pair > near(zh, "baking bread in the morning") + 0.3);
        }
        let resumes = [RUST, NURSE, "Deep learning researcher: PyTorch, computer vision", "Sales manager for key accounts"];
        let query = embed("精通深度学习和计算机视觉的算法工程师");
        let best = resumes.iter().max_by(|one, other| cosine(&query, &embed(one)).total_cmp(&cosine(&query, &embed(other))));
        assert_eq!(best, Some(&resumes[2]));
    }

    #[test]
    fn the_broader_skill_is_near() {
        assert!(near("PyTorch", "deep learning") > near("PyTorch", "contract law") + 0.2);
    }

    #[test]
    fn nothing_has_no_direction() {
        assert!(embed(" …!? ").iter().all(|x| *x == 0.0));
        assert!(near("", RUST).abs() < f32::EPSILON);
        assert_eq!(tokens("Rust and C++ 开发。"), 5);
    }

    proptest! {
        #[test]
        fn every_vector_has_length_one_or_nought(text in "\\PC{0,200}") {
            let vector = embed(&text);
            let length = vector.iter().map(|x| x * x).sum::<f32>();
            prop_assert_eq!(vector.len(), DIMENSIONS);
            prop_assert!(length == 0.0 || (length - 1.0).abs() < 1e-3);
            prop_assert_eq!(vector, embed(&text));
        }
    }
}
