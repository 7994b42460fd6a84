//! A job as schema.org's JobPosting (<https://schema.org/JobPosting>), which search engines read.

use looma_types::job::{EmploymentType, Job, PayPeriod, Remote};
use serde_json::{Value, json};

/// The JSON-LD document; `company` is the hiring organisation's name.
pub(crate) fn json_ld(job: &Job, company: Option<&str>) -> Value {
    let fields = &job.fields;
    let mut posting = json!({
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "identifier": {"@type": "PropertyValue", "name": "LoomaCRM AI", "value": job.id},
        "title": fields.title,
        "description": fields.description,
        "datePosted": job.published_at.unwrap_or(job.created_at).date_naive(),
        "employmentType": employment(fields.employment_type),
        "totalJobOpenings": fields.openings,
        "skills": fields.skills.iter().filter_map(|skill| skill.name.as_deref()).collect::<Vec<_>>(),
    });
    if let Some(name) = company {
        posting["hiringOrganization"] = json!({"@type": "Organization", "name": name});
    }
    if let Some(place) = &fields.location {
        posting["jobLocation"] = json!({"@type": "Place", "address": place});
    }
    if fields.remote == Remote::Remote {
        posting["jobLocationType"] = json!("TELECOMMUTE");
    }
    if let Some(salary) = &fields.salary {
        // Ours are minor units; schema.org wants the major one.
        let major = |minor: Option<i64>| minor.map(|minor| minor as f64 / 10_f64.powi(minor_digits(&salary.currency)));
        let unit = match salary.per {
            PayPeriod::Hour => "HOUR",
            PayPeriod::Day => "DAY",
            PayPeriod::Month => "MONTH",
            PayPeriod::Year => "YEAR",
        };
        let value = json!({"@type": "QuantitativeValue", "minValue": major(salary.min), "maxValue": major(salary.max), "unitText": unit});
        posting["baseSalary"] = json!({"@type": "MonetaryAmount", "currency": salary.currency, "value": value});
    }
    posting
}

/// How many digits the minor unit has (ISO 4217).
fn minor_digits(currency: &str) -> i32 {
    match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "UGX" => 0,
        "KWD" | "BHD" | "OMR" | "JOD" | "TND" => 3,
        _ => 2,
    }
}

fn employment(kind: EmploymentType) -> &'static str {
    match kind {
        EmploymentType::FullTime => "FULL_TIME",
        EmploymentType::PartTime => "PART_TIME",
        EmploymentType::Contract => "CONTRACTOR",
        EmploymentType::Temporary => "TEMPORARY",
        EmploymentType::Internship => "INTERN",
        EmploymentType::Volunteer => "VOLUNTEER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use looma_types::{CompanyId, JobId, now};

    #[test]
    fn money_is_told_in_major_units_and_what_is_not_known_is_left_out() {
        let fields = serde_json::from_value(json!({
            "title": "Weaver", "company_id": CompanyId::new(), "remote": "remote",
            "salary": {"min": 4_500_000, "currency": "EUR", "per": "year"}
        }))
        .unwrap();
        let at = now();
        let job =
            Job { id: JobId::new(), fields, status: Default::default(), version: 1, created_at: at, updated_at: at, published_at: None };
        let posting = json_ld(&job, None);
        assert_eq!(posting["baseSalary"]["value"]["minValue"], 45_000.0);
        assert_eq!(posting["jobLocationType"], "TELECOMMUTE");
        assert!(posting.get("jobLocation").is_none() && posting.get("hiringOrganization").is_none());
    }
}
