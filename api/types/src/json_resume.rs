//! JSON Resume 1.x (<https://jsonresume.org/schema>) and where each field came from.
//!
//! Every field is optional, and keys the schema does not know are kept in `extra` at every level,
//! so a document goes through the product and comes out with nothing lost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Provenance of a document's fields, keyed by JSON pointer such as `/work/0/name`.
pub type ProvenanceMap = BTreeMap<String, Provenance>;

/// Where a field's value was read in the source.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Provenance {
    /// How sure the reader is, 0 to 1.
    pub confidence: f32,
    /// The page, counted from 1; absent for formats without pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The text the value was read from, verbatim.
    pub quote: String,
}

macro_rules! resume_parts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $ty:ident<$arg:ident>),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
            #[serde(rename_all = "camelCase", default)]
            pub struct $name {
                $(
                    $(#[$fdoc])*
                    #[serde(skip_serializing_if = "Blank::blank")]
                    pub $field: $ty<$arg>,
                )*
                /// Keys outside the schema, kept as they came.
                #[serde(flatten)]
                #[schema(value_type = Object)]
                pub extra: Map<String, Value>,
            }
        )*
    };
}

/// What need not be written.
trait Blank {
    fn blank(&self) -> bool;
}

impl<T> Blank for Option<T> {
    fn blank(&self) -> bool {
        self.is_none()
    }
}

impl<T> Blank for Vec<T> {
    fn blank(&self) -> bool {
        self.is_empty()
    }
}

resume_parts! {
    /// A resume.
    JsonResume {
        basics: Option<Basics>,
        work: Vec<Work>,
        volunteer: Vec<Volunteer>,
        education: Vec<Education>,
        awards: Vec<Award>,
        certificates: Vec<Certificate>,
        publications: Vec<Publication>,
        skills: Vec<Skill>,
        languages: Vec<Language>,
        interests: Vec<Interest>,
        references: Vec<Reference>,
        projects: Vec<Project>,
    }

    /// Who the resume is about.
    Basics {
        name: Option<String>,
        /// The professional title, for example "Web developer".
        label: Option<String>,
        image: Option<String>,
        email: Option<String>,
        phone: Option<String>,
        url: Option<String>,
        summary: Option<String>,
        location: Option<Location>,
        profiles: Vec<Profile>,
    }

    /// A place.
    Location {
        address: Option<String>,
        postal_code: Option<String>,
        city: Option<String>,
        /// ISO 3166-1 alpha-2.
        country_code: Option<String>,
        region: Option<String>,
    }

    /// An account on a network such as LinkedIn or GitHub.
    Profile {
        network: Option<String>,
        username: Option<String>,
        url: Option<String>,
    }

    /// A position held. Dates are ISO 8601, whole or partial: `2020`, `2020-01`, `2020-01-31`.
    Work {
        name: Option<String>,
        position: Option<String>,
        location: Option<String>,
        description: Option<String>,
        url: Option<String>,
        start_date: Option<String>,
        /// Absent while the position is held.
        end_date: Option<String>,
        summary: Option<String>,
        highlights: Vec<String>,
    }

    /// Unpaid work.
    Volunteer {
        organization: Option<String>,
        position: Option<String>,
        url: Option<String>,
        start_date: Option<String>,
        end_date: Option<String>,
        summary: Option<String>,
        highlights: Vec<String>,
    }

    /// A course of studies.
    Education {
        institution: Option<String>,
        url: Option<String>,
        /// The field of study.
        area: Option<String>,
        /// The degree.
        study_type: Option<String>,
        start_date: Option<String>,
        end_date: Option<String>,
        score: Option<String>,
        courses: Vec<String>,
    }

    /// An award.
    Award {
        title: Option<String>,
        date: Option<String>,
        awarder: Option<String>,
        summary: Option<String>,
    }

    /// A certificate.
    Certificate {
        name: Option<String>,
        date: Option<String>,
        issuer: Option<String>,
        url: Option<String>,
    }

    /// A publication.
    Publication {
        name: Option<String>,
        publisher: Option<String>,
        release_date: Option<String>,
        url: Option<String>,
        summary: Option<String>,
    }

    /// A skill, or a group of skills in `keywords`.
    Skill {
        name: Option<String>,
        level: Option<String>,
        keywords: Vec<String>,
    }

    /// A language spoken.
    Language {
        language: Option<String>,
        fluency: Option<String>,
    }

    /// An interest.
    Interest {
        name: Option<String>,
        keywords: Vec<String>,
    }

    /// Someone who speaks for the person.
    Reference {
        name: Option<String>,
        reference: Option<String>,
    }

    /// A project.
    Project {
        name: Option<String>,
        description: Option<String>,
        highlights: Vec<String>,
        keywords: Vec<String>,
        start_date: Option<String>,
        end_date: Option<String>,
        url: Option<String>,
        roles: Vec<String>,
        entity: Option<String>,
        #[serde(rename = "type")]
        kind: Option<String>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_is_lost_on_the_way_through() {
        let document = json!({
            "basics": {"name": "Ada", "location": {"countryCode": "GB", "x-floor": 2}, "pronouns": "she"},
            "work": [{"name": "Engine", "startDate": "1842-01", "grade": {"a": [1]}}],
            "education": [{"studyType": "BSc"}],
            "projects": [{"name": "Notes", "type": "paper"}],
            "meta": {"version": "v1"}
        });
        let resume: JsonResume = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(resume.work[0].start_date.as_deref(), Some("1842-01"));
        assert_eq!(resume.basics.as_ref().unwrap().extra["pronouns"], "she");
        assert_eq!(serde_json::to_value(&resume).unwrap(), document);
    }
}
