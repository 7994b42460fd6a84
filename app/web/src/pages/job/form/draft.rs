//! What the form of a job sends, and the draft that is made of it.

use looma_app_ui::prelude::*;
use looma_types::CompanyId;
use looma_types::job::{EmploymentType, JobDraft, JobSkill, PayPeriod, Remote, Salary};
use serde::{Deserialize, Serialize};

/// How many skills the service takes.
pub const MAX_SKILLS: usize = 50;

/// A row of the form: what it asks for, how well, and whether it must be there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillRow {
    #[serde(default)]
    pub name: String,
    /// 1 to 5, or empty.
    #[serde(default)]
    pub level: String,
    /// `required`, or `welcome`.
    #[serde(default)]
    pub need: String,
}

/// What the form sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobForm {
    pub title: String,
    pub company: String,
    #[serde(default)]
    pub location: String,
    pub remote: Remote,
    pub employment_type: EmploymentType,
    pub openings: u32,
    #[serde(default)]
    pub salary_min: String,
    #[serde(default)]
    pub salary_max: String,
    #[serde(default)]
    pub currency: String,
    pub per: PayPeriod,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub skills: Vec<SkillRow>,
}

pub fn row_of(skill: &looma_types::job::JobSkill) -> SkillRow {
    SkillRow {
        name: skill.name.clone().unwrap_or_default(),
        level: skill.level.map(|level| level.to_string()).unwrap_or_default(),
        need: if skill.required { "required" } else { "welcome" }.to_owned(),
    }
}

/// The form as a draft over what is there: what the form does not show stays.
#[cfg_attr(not(feature = "ssr"), allow(dead_code, reason = "the server reads the form"))]
pub fn draft_of(form: JobForm, company_id: CompanyId, current: Option<JobDraft>) -> Result<JobDraft, (&'static str, Msg)> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let currency = given(&form.currency).unwrap_or_else(|| "EUR".to_owned()).to_uppercase();
    let min = minor(&form.salary_min, &currency).map_err(|why| ("salary", why))?;
    let max = minor(&form.salary_max, &currency).map_err(|why| ("salary", why))?;
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        return Err(("salary", NO_RANGE));
    }
    let before = current.as_ref().map(|job| job.skills.clone()).unwrap_or_default();
    let skills = form
        .skills
        .into_iter()
        .take(MAX_SKILLS)
        .filter_map(|row| {
            let name = given(&row.name)?;
            let known = before.iter().find(|skill| skill.name.as_ref().is_some_and(|own| own.to_lowercase() == name.to_lowercase()));
            let skill_id = known.and_then(|skill| skill.skill_id);
            let level = row.level.parse().ok().filter(|level| (1..=5).contains(level));
            Some(JobSkill { skill_id, name: Some(name), level, required: row.need == "required" })
        })
        .collect();
    // A department belongs to its company.
    let department_id = current.filter(|job| job.company_id == company_id).and_then(|job| job.department_id);
    Ok(JobDraft {
        title: form.title.trim().to_owned(),
        company_id,
        department_id,
        description: form.description,
        location: given(&form.location),
        remote: form.remote,
        employment_type: form.employment_type,
        salary: (min.is_some() || max.is_some()).then_some(Salary { min, max, currency, per: form.per }),
        skills,
        openings: form.openings,
    })
}

/// How many minor units a currency's unit has.
pub fn unit(currency: &str) -> i64 {
    if matches!(currency, "JPY" | "KRW" | "VND") { 1 } else { 100 }
}

/// An amount as people write it, in minor units; none when nothing is written.
fn minor(text: &str, currency: &str) -> Result<Option<i64>, Msg> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
    if text.is_empty() {
        return Ok(None);
    }
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole: i64 = whole.parse().ok().filter(|whole| (0..=1_000_000_000).contains(whole)).ok_or(NO_AMOUNT)?;
    // Two digits behind the point, also where one is written.
    let rest: u8 = format!("{rest:0<2}").get(..2).and_then(|rest| rest.parse().ok()).ok_or(NO_AMOUNT)?;
    Ok(Some(whole * unit(currency) + if unit(currency) == 100 { i64::from(rest) } else { 0 }))
}

messages! {
    NO_AMOUNT: "This is not an amount.", "这不是有效的金额。";
    NO_RANGE: "The lowest salary is above the highest.", "最低薪资高于最高薪资。";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        assert_eq!(minor(" 60,000 ", "EUR"), Ok(Some(6_000_000)));
        assert_eq!(minor("12.5", "EUR"), Ok(Some(1_250)));
        assert_eq!(minor("300000", "JPY"), Ok(Some(300_000)));
        assert_eq!(minor("", "EUR"), Ok(None));
        assert!(["-1", "a lot", "1.x", "9999999999999999999"].iter().all(|text| minor(text, "EUR").is_err()));
    }

    #[test]
    fn empty_rows_are_left_out_and_the_range_must_be_one() {
        let row = |name: &str, level: &str| SkillRow { name: name.into(), level: level.into(), need: "required".into() };
        let form = JobForm {
            title: " Engineer ".into(),
            company: "Acme".into(),
            location: String::new(),
            remote: Remote::Hybrid,
            employment_type: EmploymentType::FullTime,
            openings: 1,
            salary_min: "5".into(),
            salary_max: "4".into(),
            currency: "eur".into(),
            per: PayPeriod::Hour,
            description: String::new(),
            skills: vec![row("Rust", "9"), row("  ", "3")],
        };
        let company: CompanyId = "019ab000-0000-7000-8000-000000000001".parse().unwrap();
        assert!(draft_of(form.clone(), company, None).is_err());
        let draft = draft_of(JobForm { salary_max: "6".into(), ..form }, company, None).unwrap();
        assert_eq!((draft.title.as_str(), draft.skills.len(), draft.skills[0].level), ("Engineer", 1, None));
        assert_eq!(draft.salary.map(|salary| (salary.min, salary.currency)), Some((Some(500), "EUR".to_owned())));
    }
}
