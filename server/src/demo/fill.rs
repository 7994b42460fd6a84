//! Writes the demo into a workspace, as a client would: through the services, in somebody's name.
//!
//! Run again it makes only what is missing: records are found by what makes them themselves (a company's website, a
//! person's e-mail, a job's title), so that an interrupted run is finished by the next.

use super::{Candidacy, Contact, Demo, Employer, End, Opening, Somebody, Tie};
use chrono::{DateTime, NaiveDate, Utc};
use futures::stream::{self, StreamExt, TryStreamExt};
use looma_kernel::{Actor, Client, Failure, Result};
use looma_types::company::{Company, CompanyDraft};
use looma_types::job::{Application, ApplicationDraft, Job, JobDraft, JobStatus};
use looma_types::person::{Interaction, InteractionDraft, Person, Relationship, RelationshipDraft};
use looma_types::resume::{Resume, ResumeDraft, ResumeSummary};
use looma_types::{CompanyId, JobId, Page, PersonId, Ref, ServiceName};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt::Display;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Requests under way at the same time.
const TOGETHER: usize = 16;

/// What the workspace has of the demo now, and how many records had to be made for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub people: usize,
    pub companies: usize,
    pub jobs: usize,
    pub applications: usize,
    pub relationships: usize,
    pub interactions: usize,
    pub made: usize,
}

impl Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { people, companies, jobs, applications, relationships, interactions, made } = self;
        write!(
            f,
            "The demo has {people} people with resumes, {companies} companies, {jobs} jobs, {applications} applications, \
             {relationships} relationships and {interactions} interactions; {made} records were made now."
        )
    }
}

/// Fills the actor's workspace with the demo.
/// # Errors
/// What a service refuses; what was written before stays.
pub async fn fill(client: &Client, actor: &Actor) -> Result<Summary> {
    let begun = begun(client, actor).await?;
    let today = looma_types::now().date_naive();
    // Continued as of the day it was begun, so that its dates are the same.
    let demo = Demo::new(begun.unwrap_or(today));
    let writer = Writer { client, actor, again: begun.is_some(), made: AtomicUsize::new(0) };
    let (companies, people) = tokio::try_join!(
        every(demo.employers.iter().map(|employer| writer.company(employer)).collect()),
        every(demo.people.iter().map(|somebody| writer.person(somebody)).collect()),
    )?;
    let known = if writer.again { writer.interactions(&people).await? } else { HashSet::new() };
    let ids = Ids { companies, people };
    tokio::try_join!(
        every(demo.people.iter().zip(&ids.people).map(|(somebody, id)| writer.resume(somebody, *id)).collect()),
        writer.jobs(&demo, &ids),
        every(demo.ties.iter().map(|tie| writer.tie(tie, &ids)).collect()),
        every(demo.contacts.iter().map(|contact| writer.contact(contact, &ids, &known)).collect()),
    )?;
    Ok(Summary {
        people: demo.people.len(),
        companies: demo.employers.len(),
        jobs: demo.openings.len(),
        applications: demo.candidacies.len(),
        relationships: demo.ties.len(),
        interactions: demo.contacts.len(),
        made: writer.made.into_inner(),
    })
}

/// The day on which the demo was begun in this workspace, where it was.
async fn begun(client: &Client, actor: &Actor) -> Result<Option<NaiveDate>> {
    let demo = Demo::new(NaiveDate::default());
    let Some(first) = demo.employers.first() else { return Ok(None) };
    let found = company(client, actor, &first.draft).await?;
    Ok(found.map(|company| company.created_at.date_naive()))
}

async fn company(client: &Client, actor: &Actor, draft: &CompanyDraft) -> Result<Option<Company>> {
    let path = format!("/api/v1/companies?limit=200&q={}", encoded(&draft.name));
    let page: Page<Company> = client.get_as(actor, ServiceName::Company, path).await?;
    Ok(page.items.into_iter().find(|company| company.fields.website == draft.website))
}

/// The ids of the demo's records, in its order.
struct Ids {
    companies: Vec<CompanyId>,
    people: Vec<PersonId>,
}

impl Ids {
    fn of(&self, end: End) -> Ref {
        match end {
            End::Person(at) => self.people[at].into(),
            End::Company(at) => self.companies[at].into(),
        }
    }
}

struct Writer<'a> {
    client: &'a Client,
    actor: &'a Actor,
    /// The demo was begun before: look for each record before making it.
    again: bool,
    made: AtomicUsize,
}

impl Writer<'_> {
    async fn get<T: DeserializeOwned>(&self, service: ServiceName, path: String) -> Result<T> {
        self.client.get_as(self.actor, service, path).await
    }

    async fn make<B: Serialize, T: DeserializeOwned>(&self, service: ServiceName, path: &str, body: &B) -> Result<T> {
        let answer = self.client.post_as(self.actor, service, path, body).await?;
        self.made.fetch_add(1, Ordering::Relaxed);
        answer.json()
    }

    /// Makes a record that its service refuses when it is there already.
    async fn make_once<B: Serialize, T: DeserializeOwned>(&self, service: ServiceName, path: &str, body: &B) -> Result<Option<T>> {
        match self.make(service, path, body).await {
            Ok(record) => Ok(Some(record)),
            Err(failure) if failure.status().as_u16() == 409 => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn company(&self, employer: &Employer) -> Result<CompanyId> {
        if self.again
            && let Some(found) = company(self.client, self.actor, &employer.draft).await?
        {
            return Ok(found.id);
        }
        let made: Company = self.make(ServiceName::Company, "/api/v1/companies", &employer.draft).await?;
        Ok(made.id)
    }

    async fn person(&self, somebody: &Somebody) -> Result<PersonId> {
        if let Some(email) = somebody.draft.emails.first().filter(|_| self.again) {
            let path = format!("/api/v1/people?limit=1&email={}", encoded(email));
            let page: Page<Person> = self.get(ServiceName::Relationship, path).await?;
            if let Some(found) = page.items.first() {
                return Ok(found.id);
            }
        }
        let made: Person = self.make(ServiceName::Relationship, "/api/v1/people", &somebody.draft).await?;
        Ok(made.id)
    }

    async fn resume(&self, somebody: &Somebody, person: PersonId) -> Result<()> {
        if self.again {
            let path = format!("/api/v1/resumes?limit=1&person_id={person}");
            let page: Page<ResumeSummary> = self.get(ServiceName::Resume, path).await?;
            if !page.items.is_empty() {
                return Ok(());
            }
        }
        let draft = ResumeDraft { person_id: person, title: somebody.resume_title.clone(), content: somebody.resume.clone() };
        self.make::<_, Resume>(ServiceName::Resume, "/api/v1/resumes", &draft).await?;
        Ok(())
    }

    /// Jobs are published before people apply, and filled or closed after.
    async fn jobs(&self, demo: &Demo, ids: &Ids) -> Result<()> {
        let jobs = every(demo.openings.iter().map(|opening| self.job(opening, ids)).collect()).await?;
        every(demo.candidacies.iter().map(|candidacy| self.candidacy(candidacy, &jobs, ids)).collect()).await?;
        every(demo.openings.iter().zip(&jobs).map(|(opening, job)| self.finish(opening, *job)).collect()).await?;
        Ok(())
    }

    async fn job(&self, opening: &Opening, ids: &Ids) -> Result<JobId> {
        let draft = JobDraft { company_id: ids.companies[opening.company], ..opening.draft.clone() };
        let found = if self.again {
            let path = format!("/api/v1/jobs?limit=200&company_id={}", draft.company_id);
            let page: Page<Job> = self.get(ServiceName::Job, path).await?;
            page.items.into_iter().find(|job| job.fields.title == draft.title)
        } else {
            None
        };
        let job: Job = match found {
            Some(job) => job,
            None => self.make(ServiceName::Job, "/api/v1/jobs", &draft).await?,
        };
        if let Some(first) = opening.actions.first().filter(|_| job.status == JobStatus::Draft) {
            self.act(job.id, first.as_str()).await?;
        }
        Ok(job.id)
    }

    async fn candidacy(&self, candidacy: &Candidacy, jobs: &[JobId], ids: &Ids) -> Result<()> {
        let draft = ApplicationDraft {
            job_id: jobs[candidacy.opening],
            person_id: ids.people[candidacy.person],
            stage: Some(candidacy.stage.to_owned()),
        };
        self.make_once::<_, Application>(ServiceName::Job, "/api/v1/applications", &draft).await?;
        Ok(())
    }

    async fn finish(&self, opening: &Opening, job: JobId) -> Result<()> {
        for action in opening.actions.iter().skip(1) {
            self.act(job, action.as_str()).await?;
        }
        Ok(())
    }

    /// An action that has been taken before is refused, and that is well.
    async fn act(&self, job: JobId, action: &str) -> Result<()> {
        let path = format!("/api/v1/jobs/{job}/{action}");
        match self.client.post_as(self.actor, ServiceName::Job, path, &serde_json::json!({})).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.status().as_u16() == 409 => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    async fn tie(&self, tie: &Tie, ids: &Ids) -> Result<()> {
        let draft = RelationshipDraft {
            from: ids.of(tie.from),
            to: ids.of(tie.to),
            kind: tie.kind.to_owned(),
            since: tie.since,
            until: tie.until,
            strength: Some(tie.strength),
            source: Some("demo".to_owned()),
            note: tie.note.clone(),
        };
        self.make_once::<_, Relationship>(ServiceName::Relationship, "/api/v1/relationships", &draft).await?;
        Ok(())
    }

    async fn contact(&self, contact: &Contact, ids: &Ids, known: &HashSet<(DateTime<Utc>, String)>) -> Result<()> {
        if known.contains(&(contact.at, contact.subject.clone())) {
            return Ok(());
        }
        let draft = InteractionDraft {
            kind: contact.kind,
            at: contact.at,
            with: contact.with.iter().map(|end| ids.of(*end)).collect(),
            subject: contact.subject.clone(),
            body: contact.body.clone(),
            next_step: contact.next_step.clone(),
        };
        self.make::<_, Interaction>(ServiceName::Relationship, "/api/v1/interactions", &draft).await?;
        Ok(())
    }

    /// When and about what the people have been talked to.
    async fn interactions(&self, people: &[PersonId]) -> Result<HashSet<(DateTime<Utc>, String)>> {
        let of = |person: &PersonId| {
            let path = format!("/api/v1/interactions?limit=200&with={}", Ref::from(*person));
            async move { self.get::<Page<Interaction>>(ServiceName::Relationship, path).await }
        };
        let pages = every(people.iter().map(of).collect()).await?;
        Ok(pages.into_iter().flat_map(|page| page.items).map(|one| (one.fields.at, one.fields.subject)).collect())
    }
}

/// Does all of it, some at the same time; answers in order. It takes the futures ready made: a closure kept beside them
/// would tie the whole to lifetimes that a spawned task cannot promise.
async fn every<T, F: Future<Output = Result<T, Failure>>>(work: Vec<F>) -> Result<Vec<T>> {
    stream::iter(work).buffered(TOGETHER).try_collect().await
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
