//! The form in which search and matching know a resume.

use crate::store::{Document, ResumeRow, ResumeStore};
use async_trait::async_trait;
use looma_kernel::Kernel;
use looma_kernel::types::json_resume::JsonResume;
use looma_kernel::types::{RecordKind, WorkspaceId};
use looma_store::{Projected, Source};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Facet values beyond these are left out; nobody filters by the two-hundredth skill.
const MOST_FACETS: usize = 200;

pub(crate) fn projected(row: &ResumeRow, content: &JsonResume) -> Projected {
    let basics = content.basics.clone().unwrap_or_default();
    let location = basics.location.clone().unwrap_or_default();
    let mut projected = Projected::new(WorkspaceId(row.workspace_id), row.resume_id().into(), row.version, &row.title).searchable();
    projected.subtitle.clone_from(&basics.label);
    projected.about = Some(looma_kernel::types::PersonId(row.person_id).into());
    projected = projected.text("summary", basics.summary.unwrap_or_default());
    for work in &content.work {
        let head = join([&work.position, &work.name, &work.location], " · ");
        let body = join([&work.summary, &work.description], "\n");
        projected = projected.text("work", format!("{head}\n{body}\n{}", work.highlights.join("\n")));
    }
    for project in &content.projects {
        let head = join([&project.name, &project.description], "\n");
        projected = projected.text("project", format!("{head}\n{}\n{}", project.highlights.join("\n"), project.keywords.join(", ")));
    }
    for school in &content.education {
        projected = projected.text("education", join([&school.institution, &school.study_type, &school.area, &school.score], " · "));
    }
    let skills = skills(content);
    projected
        .text("skills", content.skills.iter().map(skill_text).collect::<Vec<_>>().join("\n"))
        .text("certificates", content.certificates.iter().filter_map(|one| one.name.clone()).collect::<Vec<_>>().join("\n"))
        .text("publications", content.publications.iter().filter_map(|one| one.name.clone()).collect::<Vec<_>>().join("\n"))
        .text("languages", content.languages.iter().filter_map(|one| one.language.clone()).collect::<Vec<_>>().join(", "))
        .facet("skill", skills)
        .facet("location", location.city.or(location.region))
        .facet("language", content.languages.iter().filter_map(|one| one.language.clone()).take(20))
}

fn join<const N: usize>(parts: [&Option<String>; N], between: &str) -> String {
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(between)
}

fn skill_text(skill: &looma_kernel::types::json_resume::Skill) -> String {
    format!("{} {}", skill.name.as_deref().unwrap_or_default(), skill.keywords.join(", "))
}

/// The taxonomy's names of the skills that are listed, or their own where it does not know them.
fn skills(content: &JsonResume) -> Vec<String> {
    let listed = content.skills.iter().flat_map(|skill| skill.name.iter().chain(&skill.keywords));
    let canonical = |name: &String| looma_skill::taxonomy::canonical(name).map_or_else(|| name.clone(), |skill| skill.name.clone());
    let unique: BTreeSet<String> = listed.filter(|name| name.chars().count() <= 60).map(canonical).collect();
    unique.into_iter().take(MOST_FACETS).collect()
}

/// The truth about resumes, for rebuilding projections.
pub struct ResumeSource(ResumeStore);

impl ResumeSource {
    pub fn new(kernel: &Kernel) -> Self {
        Self(ResumeStore::new(kernel.stores()))
    }
}

#[async_trait]
impl Source for ResumeSource {
    fn kind(&self) -> RecordKind {
        RecordKind::Resume
    }

    async fn page(&self, after: Option<Uuid>, limit: i64) -> looma_store::Result<Vec<Projected>> {
        let mut page = Vec::new();
        for row in self.0.rows_after(after.unwrap_or_default(), limit).await? {
            let Document { content, .. } = self.0.document(WorkspaceId(row.workspace_id), &row.document).await?;
            page.push(projected(&row, &content));
        }
        Ok(page)
    }
}
