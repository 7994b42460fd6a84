//! The seed taxonomy: what skills there are, what they are called, and how they lie to one another.
//!
//! The data is `data/taxonomy.txt`, its head explains the format. It is part of the binary, so it is parsed once and
//! never fails at run time: a test parses it.

use crate::mentions::{Finder, Mention, normalise};
use looma_types::skill::SkillKind;
use std::collections::HashMap;
use std::sync::LazyLock;
use uuid::Uuid;

/// Up to so many skills under one broader skill are alike.
const SMALL_FAMILY: usize = 10;

static SEED: LazyLock<Taxonomy> = LazyLock::new(|| match parse(include_str!("../data/taxonomy.txt")) {
    Ok(skills) => Taxonomy::new(skills),
    Err(error) => unreachable!("the embedded taxonomy is tested to parse: {error}"),
});

/// The language a name is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    En,
    Zh,
}

/// How careful free-text search must be with a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Any case, anywhere.
    Plain,
    /// Only in its exact case: `React` is a skill, `react` a verb.
    ExactCase,
    /// Also an everyday word or a letter (`Go`, `R`, `设计`): only where the context shows a skill.
    InContext,
    /// A heading of every resume (`Education`): known by name, never looked for.
    NameOnly,
}

/// One name of a skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub value: String,
    pub lang: Lang,
    pub care: Care,
}

impl Term {
    /// A term from the notation of the taxonomy file: a leading `=`, `!` or `~` says how careful to be.
    pub fn parse(text: &str) -> Self {
        let (care, value) = match text.split_at_checked(1) {
            Some(("=", rest)) => (Care::ExactCase, rest),
            Some(("!", rest)) => (Care::InContext, rest),
            Some(("~", rest)) => (Care::NameOnly, rest),
            _ => (Care::Plain, text),
        };
        let lang = if value.chars().any(is_cjk) { Lang::Zh } else { Lang::En };
        Self { value: value.trim().to_owned(), lang, care }
    }
}

/// A skill with all its names. `broader` and `related` are canonical English names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// Made from the canonical name, so that every build and every installation agrees on it.
    pub id: Uuid,
    pub name: String,
    pub name_zh: String,
    pub kind: SkillKind,
    /// Every name, the canonical English one first, the Chinese one next where there is one.
    pub terms: Vec<Term>,
    pub broader: Option<String>,
    pub related: Vec<String>,
}

impl Skill {
    /// The names besides the canonical English one.
    pub fn aliases(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().skip(1)
    }

    /// The name to show in a language.
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.name,
            Lang::Zh => &self.name_zh,
        }
    }
}

/// A set of skills with look-up by any name and search in free text.
pub struct Taxonomy {
    skills: Vec<Skill>,
    by_term: HashMap<String, usize>,
    by_id: HashMap<Uuid, usize>,
    /// Broader skill → how many skills are right below it.
    families: HashMap<String, usize>,
    finder: Finder,
}

impl Taxonomy {
    /// Indexes skills. Where two skills share a term, the later one has it: a workspace's own skills override the seed.
    pub fn new(skills: Vec<Skill>) -> Self {
        let mut by_term = HashMap::new();
        for (index, skill) in skills.iter().enumerate() {
            for term in &skill.terms {
                by_term.insert(normalise(&term.value), index);
            }
        }
        let finder = Finder::new(&skills, &by_term);
        let by_id = skills.iter().enumerate().map(|(index, skill)| (skill.id, index)).collect();
        let mut families = HashMap::new();
        for broader in skills.iter().filter_map(|skill| skill.broader.clone()) {
            *families.entry(broader).or_default() += 1;
        }
        Self { skills, by_term, by_id, families, finder }
    }

    /// The taxonomy that comes with the product.
    pub fn seed() -> &'static Self {
        &SEED
    }

    pub fn skills(&self) -> &[Skill] {
        &self.skills
    }

    /// The skill that has this name or alias, whatever its case, width or hyphens.
    pub fn canonical(&self, name: &str) -> Option<&Skill> {
        self.index_of(name).map(|index| &self.skills[index])
    }

    pub fn by_id(&self, id: Uuid) -> Option<&Skill> {
        self.by_id.get(&id).map(|&index| &self.skills[index])
    }

    fn index_of(&self, name: &str) -> Option<usize> {
        self.by_term.get(&normalise(name)).copied()
    }

    /// The skills named in free text, in the order of the text, never overlapping.
    pub fn find_skills(&self, text: &str) -> Vec<Mention<'_>> {
        self.finder.find(text).into_iter().map(|(index, range)| Mention { skill: &self.skills[index], range }).collect()
    }

    fn family(&self, skill: &Skill) -> usize {
        skill.broader.as_ref().and_then(|broader| self.families.get(broader)).copied().unwrap_or(usize::MAX)
    }

    /// The next broader skill.
    pub fn broader(&self, skill: &Skill) -> Option<&Skill> {
        self.canonical(skill.broader.as_deref()?)
    }

    /// All broader skills, nearest first. Bounded, even should data have a cycle.
    pub fn ancestors(&self, skill: &Skill) -> Vec<&Skill> {
        const DEEPEST: usize = 16;
        let mut found = Vec::new();
        let mut next = self.broader(skill);
        while let Some(above) = next {
            if found.len() == DEEPEST || above.id == skill.id {
                break;
            }
            found.push(above);
            next = self.broader(above);
        }
        found
    }

    /// How near two skills are, 0..=1: the same 1, one the broader of the other 0.6, related 0.5, in the same small
    /// family 0.3, else 0. That Rust and COBOL are both languages makes nobody who knows one know the other.
    pub fn nearness(&self, one: &Skill, other: &Skill) -> f32 {
        let names = |list: &[String], skill: &Skill| list.contains(&skill.name);
        if one.id == other.id {
            1.0
        } else if one.broader.as_ref() == Some(&other.name) || other.broader.as_ref() == Some(&one.name) {
            0.6
        } else if names(&one.related, other) || names(&other.related, one) {
            0.5
        } else if one.broader == other.broader && self.family(one) <= SMALL_FAMILY {
            0.3
        } else {
            0.0
        }
    }
}

/// The seed's skills named in free text.
pub fn find_skills(text: &str) -> Vec<Mention<'static>> {
    Taxonomy::seed().find_skills(text)
}

/// The seed's skill of this name or alias.
pub fn canonical(name: &str) -> Option<&'static Skill> {
    Taxonomy::seed().canonical(name)
}

/// A line of the taxonomy file that says nothing sensible.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ParseError {
    line: usize,
    reason: &'static str,
}

/// Reads the format that the head of `data/taxonomy.txt` describes.
/// # Errors
/// The first line that has another shape.
pub fn parse(text: &str) -> Result<Vec<Skill>, ParseError> {
    let mut skills = Vec::new();
    let mut section: Option<(SkillKind, Option<String>)> = None;
    for (number, line) in text.lines().enumerate() {
        let wrong = |reason| ParseError { line: number + 1, reason };
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (head, is_section) = line.strip_prefix('@').map_or((line, false), |rest| (rest, true));
        let fields: Vec<&str> = head.split('|').map(str::trim).collect();
        match (is_section, fields.as_slice()) {
            (true, [kind, broader]) => {
                section = Some((kind_of(kind).ok_or_else(|| wrong("no such kind"))?, owned(broader)));
            }
            (false, [name, zh, aliases, broader, related]) => {
                let (kind, above) = section.as_ref().ok_or_else(|| wrong("a skill before the first section"))?;
                let terms: Vec<Term> =
                    [*name, *zh].into_iter().chain(list(aliases)).filter(|term| !term.is_empty()).map(Term::parse).collect();
                let name = terms[0].value.clone();
                if name.is_empty() {
                    return Err(wrong("a skill without a name"));
                }
                skills.push(Skill {
                    id: seed_id(&name),
                    name_zh: if zh.is_empty() { name.clone() } else { Term::parse(zh).value },
                    kind: *kind,
                    broader: owned(broader).or_else(|| above.clone()),
                    related: list(related).map(str::to_owned).collect(),
                    name,
                    terms,
                });
            }
            _ => return Err(wrong("neither `@ kind | Broader` nor five fields")),
        }
    }
    Ok(skills)
}

/// Whether a character is written without spaces around words: Han, and CJK punctuation does not count.
pub(crate) fn is_cjk(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}')
}

/// An id in the form of UUID version 8, made from the name.
fn seed_id(name: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&blake3::hash(format!("looma:skill:{name}").as_bytes()).as_bytes()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn kind_of(word: &str) -> Option<SkillKind> {
    Some(match word {
        "technology" => SkillKind::Technology,
        "method" => SkillKind::Method,
        "domain" => SkillKind::Domain,
        "language" => SkillKind::Language,
        "soft" => SkillKind::Soft,
        _ => return None,
    })
}

fn list(field: &str) -> impl Iterator<Item = &str> {
    field.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn owned(field: &str) -> Option<String> {
    (!field.is_empty()).then(|| field.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_term_names_one_skill_and_every_link_leads_to_one() {
        let taxonomy = Taxonomy::seed();
        assert!(taxonomy.skills.len() >= 500);
        let mut owner: HashMap<String, &str> = HashMap::new();
        for skill in taxonomy.skills() {
            for term in &skill.terms {
                let key = normalise(&term.value);
                assert!(!key.is_empty(), "{}: an empty term", skill.name);
                if let Some(first) = owner.insert(key, &skill.name) {
                    assert_eq!(first, skill.name, "{} names two skills", term.value);
                }
                assert_eq!(taxonomy.canonical(&term.value).map(|found| &found.name), Some(&skill.name));
            }
            for link in skill.related.iter().chain(&skill.broader) {
                assert!(taxonomy.canonical(link).is_some_and(|found| found.name == *link), "{}: {link}", skill.name);
            }
        }
    }

    #[test]
    fn broader_has_no_cycles() {
        let taxonomy = Taxonomy::seed();
        for skill in taxonomy.skills() {
            let mut seen = HashSet::from([skill.id]);
            let mut above = taxonomy.broader(skill);
            while let Some(next) = above {
                assert!(seen.insert(next.id), "{} is broader than itself", next.name);
                above = taxonomy.broader(next);
            }
        }
    }

    #[test]
    fn ids_are_the_same_in_every_build() {
        let rust = canonical("rustlang").unwrap();
        assert_eq!(rust.id, seed_id("Rust"));
        assert_eq!(rust.id.get_version_num(), 8);
        let distinct: HashSet<Uuid> = Taxonomy::seed().skills().iter().map(|skill| skill.id).collect();
        assert_eq!(distinct.len(), Taxonomy::seed().skills().len());
    }

    #[test]
    fn both_languages_and_loose_spelling_lead_to_the_same_skill() {
        for name in ["k8s", "Kubernetes", "KUBERNETES", "容器编排", "Ｋ８Ｓ", "container-orchestration"] {
            assert_eq!(canonical(name).map(|skill| skill.name.as_str()), Some("Kubernetes"), "{name}");
        }
        assert_eq!(canonical("机器学习").unwrap().label(Lang::En), "Machine learning");
        assert!(canonical("underwater basket weaving").is_none());
    }

    #[test]
    fn nearness_falls_with_distance() {
        let near = |one: &str, other: &str| Taxonomy::seed().nearness(canonical(one).unwrap(), canonical(other).unwrap());
        assert!(near("rust", "rust") > near("pytorch", "deep learning"));
        assert!(near("pytorch", "deep learning") > near("pytorch", "tensorflow"));
        assert!(near("pytorch", "tensorflow") > near("pytorch", "烘焙"));
    }

    #[test]
    fn wrong_lines_are_refused() {
        assert!(parse("Rust | | | |").is_err());
        assert!(parse("@ magic | Art").is_err());
        assert!(parse("@ soft |\nRust | too few").is_err());
    }
}
