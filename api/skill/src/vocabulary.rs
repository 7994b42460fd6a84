//! The skills of one workspace: the seed with what the workspace added to it, and its own.

use crate::taxonomy::{Care, Lang, Skill as Known, Taxonomy, Term};
use chrono::DateTime;
use looma_types::SkillId;
use looma_types::record::LocalText;
use looma_types::skill::{Skill, SkillDraft};
use std::collections::HashMap;

/// A workspace's skills, in order of name, and the taxonomy made of them.
pub(crate) struct Vocabulary {
    pub skills: Vec<Skill>,
    pub taxonomy: Taxonomy,
    by_id: HashMap<SkillId, usize>,
}

impl Vocabulary {
    /// `own` are the workspace's rows: its own skills, and seeded ones with additions.
    pub fn new(own: Vec<Skill>) -> Self {
        let seed = Taxonomy::seed();
        let mut skills: HashMap<SkillId, Skill> = seed.skills().iter().map(|skill| (SkillId(skill.id), seeded(skill))).collect();
        let names: HashMap<SkillId, String> = skills.values().chain(&own).map(|skill| (skill.id, skill.fields.name.clone())).collect();
        let mut known: Vec<Known> = seed.skills().to_vec();
        for skill in own {
            let place = known.iter().position(|known| known.id == skill.id.0);
            let learnt = known_form(&skill, place.map(|at| &known[at]), &names);
            match place {
                Some(at) => known[at] = learnt,
                None => known.push(learnt),
            }
            skills.insert(skill.id, skill);
        }
        let mut skills: Vec<Skill> = skills.into_values().collect();
        skills.sort_by_cached_key(|skill| (skill.fields.name.to_lowercase(), skill.id));
        let by_id = skills.iter().enumerate().map(|(at, skill)| (skill.id, at)).collect();
        Self { taxonomy: Taxonomy::new(known), skills, by_id }
    }

    pub fn get(&self, id: SkillId) -> Option<&Skill> {
        self.by_id.get(&id).map(|&at| &self.skills[at])
    }

    /// By name, alias or id.
    pub fn resolve(&self, text: &str) -> Option<&Known> {
        text.parse().ok().and_then(|id| self.taxonomy.by_id(id)).or_else(|| self.taxonomy.canonical(text))
    }
}

/// A seed skill as clients see it.
pub(crate) fn seeded(known: &Known) -> Skill {
    let id = |name: &String| Taxonomy::seed().canonical(name).map(|skill| SkillId(skill.id));
    let lang = |lang| if lang == Lang::Zh { "zh" } else { "en" };
    Skill {
        id: SkillId(known.id),
        fields: SkillDraft {
            name: known.name.clone(),
            aliases: known.aliases().map(|term| LocalText { lang: lang(term.lang).to_owned(), value: term.value.clone() }).collect(),
            kind: known.kind,
            broader: known.broader.as_ref().and_then(id),
            related: known.related.iter().filter_map(id).collect(),
            esco_uri: None,
        },
        seeded: true,
        version: 1,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

/// A skill as the taxonomy knows it; terms it had keep the care they had.
fn known_form(skill: &Skill, before: Option<&Known>, names: &HashMap<SkillId, String>) -> Known {
    let fields = &skill.fields;
    let mut terms: Vec<Term> = before.map(|known| known.terms.clone()).unwrap_or_default();
    let all = std::iter::once((&fields.name, None)).chain(fields.aliases.iter().map(|alias| (&alias.value, Some(&alias.lang))));
    for (value, lang) in all {
        if terms.iter().any(|term| term.value == *value) {
            continue;
        }
        // One or two letters are also everyday words; nobody said how careful to be, so be careful.
        let care = if value.is_ascii() && value.len() < 3 { Care::InContext } else { Care::Plain };
        let written = Term::parse(value).lang;
        let lang = if lang.is_some_and(|lang| lang.starts_with("zh")) { Lang::Zh } else { written };
        terms.push(Term { value: value.clone(), lang, care });
    }
    let zh = terms.iter().find(|term| term.lang == Lang::Zh).map(|term| term.value.clone());
    Known {
        id: skill.id.0,
        name: fields.name.clone(),
        name_zh: before.map(|known| known.name_zh.clone()).or(zh).unwrap_or_else(|| fields.name.clone()),
        kind: fields.kind,
        terms,
        broader: fields.broader.and_then(|id| names.get(&id).cloned()),
        related: fields.related.iter().filter_map(|id| names.get(id).cloned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxonomy::canonical;
    use looma_types::skill::SkillKind;

    fn own(name: &str, aliases: &[(&str, &str)]) -> Skill {
        let aliases = aliases.iter().map(|(lang, value)| LocalText { lang: (*lang).to_owned(), value: (*value).to_owned() }).collect();
        let fields = SkillDraft { name: name.to_owned(), aliases, kind: SkillKind::Method, broader: None, related: vec![], esco_uri: None };
        let at = DateTime::UNIX_EPOCH;
        Skill { id: SkillId::new(), fields, seeded: false, version: 1, created_at: at, updated_at: at }
    }

    #[test]
    fn own_skills_stand_beside_the_seed() {
        let vocabulary = Vocabulary::new(vec![own("Weaving looms", &[("zh", "织机操作")])]);
        assert_eq!(vocabulary.skills.len(), Taxonomy::seed().skills().len() + 1);
        assert_eq!(vocabulary.resolve("织机操作").map(|skill| skill.name.as_str()), Some("Weaving looms"));
        assert_eq!(vocabulary.resolve("k8s").map(|skill| skill.name.as_str()), Some("Kubernetes"));
        let rust = canonical("Rust").unwrap().id;
        assert_eq!(vocabulary.resolve(&rust.to_string()).map(|skill| skill.id), Some(rust));
        assert!(vocabulary.skills.is_sorted_by_key(|skill| (skill.fields.name.to_lowercase(), skill.id)));
    }

    #[test]
    fn a_seeded_skill_with_additions_keeps_its_care() {
        let mut go = seeded(canonical("Go").unwrap());
        go.fields.aliases.push(LocalText { lang: "en".to_owned(), value: "gopherscript".to_owned() });
        let vocabulary = Vocabulary::new(vec![go]);
        assert_eq!(vocabulary.resolve("GopherScript").map(|skill| skill.name.as_str()), Some("Go"));
        assert!(vocabulary.taxonomy.find_skills("ready to Go home").is_empty());
        assert_eq!(vocabulary.skills.len(), Taxonomy::seed().skills().len());
    }
}
