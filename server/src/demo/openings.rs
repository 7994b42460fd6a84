//! Forty jobs, and who has applied for them.

use super::careers::{Somebody, label};
use super::employers::Employer;
use super::names::CITIES;
use super::random::Random;
use super::trades::{RANKS, TRADES};
use looma_skill::taxonomy::Lang;
use looma_types::CompanyId;
use looma_types::job::{EmploymentType, JobAction, JobDraft, JobSkill, PayPeriod, Remote, Salary};
use std::collections::HashSet;

/// A job at a company; the writer puts the company's id into the draft.
pub struct Opening {
    pub company: usize,
    pub trade: usize,
    pub draft: JobDraft,
    /// What happens to the draft after it is made.
    pub actions: Vec<JobAction>,
}

/// A person in a job's pipeline, at the stage of this key.
pub struct Candidacy {
    pub opening: usize,
    pub person: usize,
    pub stage: &'static str,
}

pub fn all(count: usize, employers: &[Employer], random: &mut Random) -> Vec<Opening> {
    // A company does not look for the same twice.
    let mut taken: HashSet<(usize, String)> = HashSet::new();
    (0..count)
        .map(|number| {
            // Every other company twice over, so that jobs spread over companies and trades.
            let company = (number * 7 + random.below(3)) % employers.len();
            let employer = &employers[company];
            let mut trade = *random.pick(employer.trades);
            let mut draft = draft(employer, trade, random);
            while !taken.insert((company, draft.title.clone())) {
                trade = *random.pick(employer.trades);
                draft = self::draft(employer, trade, random);
            }
            let actions = match number % 20 {
                0..=14 => vec![JobAction::Publish],
                15 => vec![JobAction::Publish, JobAction::Pause],
                16 => vec![JobAction::Publish, JobAction::Fill],
                17 => vec![JobAction::Publish, JobAction::Close],
                _ => vec![],
            };
            Opening { company, trade, draft, actions }
        })
        .collect()
}

fn draft(employer: &Employer, trade: usize, random: &mut Random) -> JobDraft {
    let craft = &TRADES[trade];
    let lang = employer.lang;
    let rank = random.below(RANKS.len());
    let (en, zh, years) = RANKS[rank];
    let skill = |name: &str, required: bool, level: Option<u8>| JobSkill { skill_id: None, name: Some(label(name, lang)), level, required };
    let core = random.some(&craft.skills[..6], 3);
    let extra: Vec<&&str> = random.some(craft.skills, craft.skills.len()).into_iter().filter(|name| !core.contains(name)).take(3).collect();
    let skills = core
        .iter()
        .map(|name| skill(name, true, (rank > 1).then_some(3)))
        .chain(extra.iter().map(|name| skill(name, false, None)))
        .collect();
    let place = CITIES[employer.city].label(lang);
    let core_names: Vec<String> = core.iter().map(|name| label(name, lang)).collect();
    let years = years.max(1);
    let description = match lang {
        Lang::Zh => format!(
            "{}正在{place}招聘{}。你将与小团队一起，把{}用到每天都有人使用的产品里。\n\n我们希望你：\n- 有{years}年以上相关工作经验，本科及以上学历\n- 熟悉{}\n- 能用中文清楚表达，能读英文资料\n\n我们提供：弹性工作时间、学习预算、直接而友善的同事。",
            employer.draft.name,
            craft.title.1,
            core_names[0],
            core_names.join("、")
        ),
        Lang::En => format!(
            "{} is looking for a {} in {place}. In a small team you will bring {} into a product that people use every day.\n\nWhat we ask for:\n- {years}+ years of work in the field, and a bachelor's degree or the same by experience\n- {}\n- Fluent English\n\nWhat we offer: flexible hours, a budget for learning, and colleagues who speak plainly.",
            employer.draft.name,
            craft.title.0,
            core_names[0],
            core_names.join(", ")
        ),
    };
    let base = if lang == Lang::Zh { craft.pay.1 } else { craft.pay.0 } * (70 + 20 * rank as i64) / 100;
    JobDraft {
        title: match lang {
            Lang::Zh => format!("{zh}{}", craft.title.1),
            Lang::En => format!("{en}{}", craft.title.0),
        },
        company_id: CompanyId(uuid::Uuid::nil()),
        department_id: None,
        description,
        location: Some(place.to_owned()),
        remote: *random.pick(&[Remote::OnSite, Remote::Hybrid, Remote::Hybrid, Remote::Remote]),
        employment_type: if random.chance(88) { EmploymentType::FullTime } else { EmploymentType::Contract },
        salary: Some(Salary {
            min: Some(base * 1_000 * 100),
            max: Some(base * 1_300 * 100),
            currency: currency(CITIES[employer.city].country).to_owned(),
            per: PayPeriod::Year,
        }),
        skills,
        openings: random.between(1, 4) as u32,
    }
}

fn currency(country: &str) -> &'static str {
    match country {
        "CN" => "CNY",
        "SG" => "SGD",
        "GB" => "GBP",
        "CA" => "CAD",
        "US" => "USD",
        _ => "EUR",
    }
}

/// People of the trade in the pipelines of jobs that are or were published.
pub fn candidacies(openings: &[Opening], people: &[Somebody], random: &mut Random) -> Vec<Candidacy> {
    const STAGES: [&str; 7] = ["new", "new", "screening", "screening", "interview", "offer", "rejected"];
    let mut all = Vec::new();
    for (opening, job) in openings.iter().enumerate().filter(|(_, job)| !job.actions.is_empty()) {
        let fitting: Vec<usize> = people.iter().enumerate().filter(|(_, person)| person.trade == job.trade).map(|(at, _)| at).collect();
        let count = random.between(2, 5) as usize;
        for person in random.some(&fitting, count) {
            let hired = job.actions.contains(&JobAction::Fill) && all.iter().all(|other: &Candidacy| other.opening != opening);
            all.push(Candidacy { opening, person: *person, stage: if hired { "hired" } else { random.word(&STAGES) } });
        }
    }
    all
}
