//! Bodies of requests that are right, to be bent by tests.

use looma_types::CompanyId;
use serde_json::{Value, json};

pub fn company(name: &str) -> Value {
    json!({ "name": name, "industry": "software" })
}

pub fn person(name: &str) -> Value {
    json!({ "name": name })
}

pub fn job(title: &str, company: CompanyId) -> Value {
    json!({
        "title": title,
        "company_id": company,
        "description": "Builds services in Rust.",
        "skills": [{ "name": "Rust", "required": true }, { "name": "Kubernetes" }],
    })
}

/// A JSON Resume of somebody who writes Rust.
pub fn resume(name: &str, email: &str) -> Value {
    json!({
        "basics": { "name": name, "email": email, "summary": "Backend engineer who likes Rust and PostgreSQL." },
        "work": [{ "name": "Acme", "position": "Software engineer", "startDate": "2019-03", "highlights": ["Built a payment service in Rust"] }],
        "education": [{ "institution": "Tsinghua University", "area": "Computer Science", "studyType": "BSc", "startDate": "2014", "endDate": "2018" }],
        "skills": [{ "name": "Rust" }, { "name": "PostgreSQL" }]
    })
}
