//! What can be done with skills.

use crate::gap;
use crate::reading::{Field, Place, Reading};
use crate::store::{SkillStore, Stamp};
use crate::taxonomy::Taxonomy;
use crate::vocabulary::{Vocabulary, seeded};
use futures::future::try_join_all;
use looma_kernel::types::job::Evidence;
use looma_kernel::types::resume::{Resume, ResumeSummary};
use looma_kernel::types::skill::{PersonSkill, Skill, SkillDraft, SkillKind, SkillMatch, SkillMatchRequest};
use looma_kernel::types::{Page, PersonId, ServiceName, SkillId, WorkspaceId, now};
use looma_kernel::{Actor, Change, Client, Failure, IfMatch, Kernel, ListQuery, Position, Result};
use looma_store::Projected;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

/// A workspace has at most this many skills of its own.
const MAX_OWN: usize = 5_000;
/// Vocabularies kept ready; each is a few hundred kilobytes.
const READY: usize = 32;
/// A person's skills are read from at most this many of the latest resumes.
const RESUMES: usize = 5;

/// What a list selects, in order of name.
#[derive(Clone, Debug, Default)]
pub struct List {
    pub query: ListQuery,
    /// Part of the name or of an alias.
    pub q: Option<String>,
    pub kind: Option<SkillKind>,
    /// Only seeded ones, or only the workspace's own.
    pub seeded: Option<bool>,
}

/// Each workspace's vocabulary, and when it was made.
type Ready = HashMap<WorkspaceId, (Stamp, Arc<Vocabulary>)>;

/// Skills of all workspaces.
#[derive(Clone)]
pub struct SkillService {
    store: SkillStore,
    client: Client,
    ready: Arc<Mutex<Ready>>,
}

impl SkillService {
    pub fn new(kernel: &Kernel) -> Self {
        Self { store: SkillStore::new(kernel.stores().sql.clone()), client: kernel.client().clone(), ready: Arc::default() }
    }

    /// The workspace's skills, made anew only when they have changed.
    async fn vocabulary(&self, workspace: WorkspaceId) -> Result<Arc<Vocabulary>> {
        let stamp = self.store.stamp(workspace).await?;
        let found = self.ready.lock().ok().and_then(|ready| ready.get(&workspace).filter(|(known, _)| *known == stamp).cloned());
        if let Some((_, vocabulary)) = found {
            return Ok(vocabulary);
        }
        let vocabulary = Arc::new(Vocabulary::new(self.store.own(workspace).await?));
        if let Ok(mut ready) = self.ready.lock() {
            if ready.len() >= READY {
                ready.clear();
            }
            ready.insert(workspace, (stamp, vocabulary.clone()));
        }
        Ok(vocabulary)
    }

    pub async fn list(&self, actor: &Actor, list: List) -> Result<Page<Skill>> {
        let limit = list.query.limit()?;
        let after: Option<(String, SkillId)> = list.query.after()?;
        let vocabulary = self.vocabulary(actor.workspace).await?;
        let wanted = list.q.map(|q| q.trim().to_lowercase()).filter(|q| !q.is_empty());
        let names_it = |skill: &Skill| {
            wanted.as_ref().is_none_or(|wanted| {
                let fields = &skill.fields;
                std::iter::once(&fields.name)
                    .chain(fields.aliases.iter().map(|alias| &alias.value))
                    .any(|name| name.to_lowercase().contains(wanted))
            })
        };
        let selected: Vec<&Skill> = vocabulary
            .skills
            .iter()
            .filter(|skill| {
                list.kind.is_none_or(|kind| skill.fields.kind == kind) && list.seeded.is_none_or(|seeded| skill.seeded == seeded)
            })
            .filter(|skill| names_it(skill))
            .collect();
        let total = selected.len() as i64;
        let key = |skill: &Skill| (skill.fields.name.to_lowercase(), skill.id);
        let rest = selected.into_iter().filter(|skill| after.as_ref().is_none_or(|after| key(skill) > *after));
        let rows: Vec<Skill> = rest.take(limit as usize + 1).cloned().collect();
        Ok(Page { total: Some(total), ..ListQuery::page(limit, rows, key) })
    }

    /// # Errors
    /// `not-found` outside the seed and the actor's workspace.
    pub async fn get(&self, actor: &Actor, id: SkillId) -> Result<Skill> {
        self.vocabulary(actor.workspace).await?.get(id).cloned().ok_or_else(|| Failure::not_found("skill"))
    }

    /// Adds a skill to the workspace.
    /// # Errors
    /// `conflict` when another skill has one of the names; `invalid-input` when a link leads nowhere.
    pub async fn create(&self, actor: &Actor, fields: SkillDraft) -> Result<(Skill, Position)> {
        let vocabulary = self.vocabulary(actor.workspace).await?;
        if vocabulary.skills.len() >= Taxonomy::seed().skills().len() + MAX_OWN {
            return Err(Failure::conflict(format!("A workspace has at most {MAX_OWN} skills of its own.")));
        }
        let at = now();
        let skill = Skill { id: SkillId::new(), fields, seeded: false, version: 1, created_at: at, updated_at: at };
        check(&vocabulary, &skill)?;
        let position = self.store.insert(actor, &skill).await?;
        Ok((skill, position))
    }

    /// Replaces a skill. Of a seeded one the name, kind and given aliases stay; aliases and links can be added.
    /// # Errors
    /// `not-found`, `stale`, `conflict` and `invalid-input` as for creating.
    pub async fn replace(&self, actor: &Actor, id: SkillId, expected: IfMatch, fields: SkillDraft) -> Result<(Skill, Position)> {
        let vocabulary = self.vocabulary(actor.workspace).await?;
        let current = vocabulary.get(id).ok_or_else(|| Failure::not_found("skill"))?;
        expected.check(current.version)?;
        if current.seeded {
            only_added(&current.fields, &fields)?;
        }
        let skill = Skill { fields, version: current.version + 1, updated_at: now(), ..current.clone() };
        check(&vocabulary, &skill)?;
        let first_change = current.seeded && current.version == 1;
        let position = if first_change { self.store.insert(actor, &skill).await? } else { self.store.update(actor, &skill).await? };
        Ok((skill, position))
    }

    /// # Errors
    /// `conflict` for a seeded skill; `stale`.
    pub async fn delete(&self, actor: &Actor, id: SkillId, expected: IfMatch) -> Result<Position> {
        let current = self.get(actor, id).await?;
        expected.check(current.version)?;
        if current.seeded {
            return Err(Failure::conflict("This skill is part of the taxonomy that every workspace starts with and stays."));
        }
        self.store.delete(actor, id, current.version).await
    }

    /// What is missing between two sets of skills.
    pub async fn compare(&self, actor: &Actor, request: &SkillMatchRequest) -> Result<SkillMatch> {
        Ok(gap::compare(self.vocabulary(actor.workspace).await?.as_ref(), request))
    }

    /// The skills that a person's latest resumes show, the best evidenced first.
    /// # Errors
    /// `not-found` when there is no such person.
    pub async fn of_person(&self, actor: &Actor, person: PersonId) -> Result<Vec<PersonSkill>> {
        let _: looma_kernel::types::person::Person =
            self.client.get_as(actor, ServiceName::Relationship, format!("/api/v1/people/{person}")).await?;
        let path = format!("/api/v1/resumes?person_id={person}&limit={RESUMES}");
        let page: Page<ResumeSummary> = self.client.get_as(actor, ServiceName::Resume, path).await?;
        let of = |summary: &ResumeSummary| {
            let path = format!("/api/v1/resumes/{}", summary.id);
            async move { self.client.get_as::<Resume>(actor, ServiceName::Resume, path).await }
        };
        let resumes = try_join_all(page.items.iter().filter(|summary| summary.person_id == person).take(RESUMES).map(of)).await?;
        let vocabulary = self.vocabulary(actor.workspace).await?;
        Ok(shown(person, &resumes, &vocabulary))
    }
}

/// Merges what several resumes show.
fn shown(person: PersonId, resumes: &[Resume], vocabulary: &Vocabulary) -> Vec<PersonSkill> {
    let today = now().date_naive();
    let mut known: HashMap<Uuid, (PersonSkill, f64)> = HashMap::new();
    let mut unknown: Vec<PersonSkill> = Vec::new();
    for resume in resumes {
        let reading = Reading::new(&resume.content, &vocabulary.taxonomy, today);
        for (id, shown) in &reading.skills {
            let Some(skill) = vocabulary.taxonomy.by_id(*id) else { continue };
            let entry = known.entry(*id).or_insert_with(|| {
                let named = PersonSkill {
                    person_id: person,
                    skill_id: Some(SkillId(*id)),
                    name: skill.name.clone(),
                    level: None,
                    evidence: vec![],
                };
                (named, 0.0)
            });
            entry.1 = entry.1.max(shown.recency + shown.evidence.len() as f64);
            if entry.0.level.is_none() {
                entry.0.level = claimed_level(&reading, &shown.evidence);
            }
            if entry.0.evidence.is_empty() {
                entry.0.evidence.clone_from(&shown.evidence);
            }
        }
        for field in reading.fields.iter().filter(|field| is_claim(field, vocabulary)) {
            let name = field.text.trim();
            if unknown.iter().all(|seen| !seen.name.eq_ignore_ascii_case(name)) {
                let level = claimed_level(&reading, &[field.quote()]);
                unknown.push(PersonSkill {
                    person_id: person,
                    skill_id: None,
                    name: name.to_owned(),
                    level,
                    evidence: vec![field.quote()],
                });
            }
        }
    }
    let mut known: Vec<(PersonSkill, f64)> = known.into_values().collect();
    known.sort_by(|(one, weight), (other, more)| more.total_cmp(weight).then_with(|| one.name.cmp(&other.name)));
    known.into_iter().map(|(skill, _)| skill).chain(unknown).collect()
}

/// A short entry of the list of skills that the taxonomy does not know, and that is no heading over keywords.
fn is_claim(field: &Field<'_>, vocabulary: &Vocabulary) -> bool {
    matches!(field.place, Place::Claimed { .. })
        && field.pointer.starts_with("/skills/")
        && field.text.chars().count() <= 60
        && vocabulary.taxonomy.canonical(field.text).is_none()
        && vocabulary.taxonomy.find_skills(field.text).is_empty()
}

/// The level said beside the skill in the list of skills, in the resume's own words.
fn claimed_level(reading: &Reading<'_>, evidence: &[Evidence]) -> Option<String> {
    evidence.iter().find_map(|evidence| {
        let at: usize = evidence.pointer.strip_prefix("/skills/")?.split('/').next()?.parse().ok()?;
        reading.content.skills.get(at)?.level.clone()
    })
}

/// Names are free, links lead somewhere, and nothing is broader than itself.
fn check(vocabulary: &Vocabulary, skill: &Skill) -> Result<()> {
    let fields = &skill.fields;
    for name in std::iter::once(&fields.name).chain(fields.aliases.iter().map(|alias| &alias.value)) {
        if let Some(other) = vocabulary.taxonomy.canonical(name).filter(|other| other.id != skill.id.0) {
            return Err(Failure::conflict(format!("`{name}` is already a name of the skill {}.", other.name)));
        }
    }
    let links = fields.broader.iter().map(|id| ("/broader".to_owned(), id));
    let related = fields.related.iter().enumerate().map(|(at, id)| (format!("/related/{at}"), id));
    for (pointer, id) in links.chain(related) {
        if vocabulary.get(*id).is_none() || *id == skill.id {
            return Err(Failure::field(&pointer, "unknown", "there is no such other skill"));
        }
    }
    let mut seen = HashSet::from([skill.id]);
    let mut above = fields.broader;
    while let Some(id) = above {
        if !seen.insert(id) {
            return Err(Failure::field("/broader", "cycle", "the broader skill would be below this one"));
        }
        above = vocabulary.get(id).and_then(|skill| skill.fields.broader);
    }
    Ok(())
}

fn only_added(before: &SkillDraft, after: &SkillDraft) -> Result<()> {
    let kept = before.aliases.iter().all(|alias| after.aliases.contains(alias));
    if after.name != before.name || after.kind != before.kind || !kept {
        return Err(Failure::conflict("This skill is part of the taxonomy: its name, kind and aliases stay; more can be added."));
    }
    Ok(())
}

/// What search knows of the taxonomy in every workspace, until it is changed there.
pub fn seed(workspace: WorkspaceId) -> Vec<Projected> {
    Taxonomy::seed().skills().iter().map(|known| projected(workspace, &seeded(known))).collect()
}

/// The form in which search knows a skill.
pub(crate) fn projected(workspace: WorkspaceId, skill: &Skill) -> Projected {
    let aliases: Vec<&str> = skill.fields.aliases.iter().map(|alias| alias.value.as_str()).collect();
    Projected::new(workspace, skill.id.into(), skill.version, &skill.fields.name).searchable().text("aliases", aliases.join(", "))
}

pub(crate) fn upsert(actor: &Actor, skill: &Skill) -> Change {
    Change::Upsert(Box::new(projected(actor.workspace, skill)))
}
