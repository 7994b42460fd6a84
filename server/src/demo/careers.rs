//! Two hundred people, each with a career over the invented companies and the resume that tells it.

use super::employers::Employer;
use super::names::{self, CITIES, Name, SCHOOLS};
use super::random::Random;
use super::trades::{RANKS, TRADES, Trade};
use chrono::{Datelike, Days, NaiveDate};
use looma_skill::taxonomy::{Lang, canonical};
use looma_types::json_resume::{Basics, Education, JsonResume, Language, Location, Skill, Work};
use looma_types::person::{Consent, PersonDraft};
use looma_types::record::LocalText;
use std::collections::HashSet;

/// Share of people whose first language is Chinese, in percent.
const CHINESE: usize = 58;

pub struct Somebody {
    pub draft: PersonDraft,
    pub resume_title: String,
    pub resume: JsonResume,
    pub lang: Lang,
    pub trade: usize,
    pub jobs: Vec<Stint>,
    pub school: Stay,
}

/// Time at a company; `until` is absent for the job held now.
pub struct Stint {
    pub company: usize,
    pub title: String,
    pub since: NaiveDate,
    pub until: Option<NaiveDate>,
}

/// Time at a school of `names::SCHOOLS`.
pub struct Stay {
    pub school: usize,
    pub since: i32,
    pub until: i32,
}

pub fn all(count: usize, employers: &[Employer], today: NaiveDate, random: &mut Random) -> Vec<Somebody> {
    let mut taken = HashSet::new();
    (0..count)
        .map(|number| {
            let lang = if random.chance(CHINESE) { Lang::Zh } else { Lang::En };
            let mut name = names::name(lang, random);
            // Namesakes are real, but a demo is easier to follow without them; the pool is far larger than the count.
            while !taken.insert(name.shown.clone()) {
                name = names::name(lang, random);
            }
            somebody(number, lang, name, employers, today, random)
        })
        .collect()
}

fn somebody(number: usize, lang: Lang, name: Name, employers: &[Employer], today: NaiveDate, random: &mut Random) -> Somebody {
    let trade = random.below(TRADES.len());
    let craft = &TRADES[trade];
    let years = random.between(1, 16);
    let fitting: Vec<usize> = employers
        .iter()
        .enumerate()
        .filter(|(_, employer)| employer.trades.contains(&trade) && (employer.lang == lang || lang == Lang::Zh && random.chance(15)))
        .map(|(at, _)| at)
        .collect();
    let jobs = career(lang, craft, years, &fitting, today, random);
    let graduated = jobs.last().map_or(today.year(), |first| first.since.year());
    let master = random.chance(35);
    let until = graduated;
    let school = Stay {
        school: if lang == Lang::Zh { random.below(9) } else { 7 + random.below(9) },
        since: until - if master { 6 } else { 4 },
        until,
    };
    let city = jobs.first().map_or(0, |job| employers[job.company].city);
    let skills: Vec<&str> = known(craft, years, random);
    let email = names::email(&name, number + 1);
    let phone = names::phone(CITIES[city].country, number + 1);
    let headline = headline(lang, &jobs, employers);
    let draft = PersonDraft {
        names: name.latin.iter().map(|latin| LocalText { lang: "en".to_owned(), value: latin.clone() }).collect(),
        emails: vec![email.clone()],
        phones: vec![phone.clone()],
        headline: Some(headline.clone()),
        location: Some(CITIES[city].label(lang).to_owned()),
        links: vec![format!("https://people.example.com/{:03}", number + 1)],
        tags: tags(lang, craft, years, random),
        source: Some((*random.pick(&["import", "referral", "event", "linkedin", "website"])).to_owned()),
        consent: if random.chance(70) { Consent::Given } else { Consent::Unknown },
        ..PersonDraft::named(name.shown.clone())
    };
    let resume = JsonResume {
        basics: Some(Basics {
            name: Some(name.shown.clone()),
            label: jobs.first().map(|job| job.title.clone()),
            email: Some(email),
            phone: Some(phone),
            summary: Some(summary(lang, craft, years, &skills)),
            location: Some(Location {
                city: Some(CITIES[city].label(lang).to_owned()),
                country_code: Some(CITIES[city].country.to_owned()),
                ..Location::default()
            }),
            ..Basics::default()
        }),
        work: jobs.iter().map(|job| work(lang, craft, job, employers, &skills, random)).collect(),
        education: vec![education(lang, craft, &school, master)],
        skills: skills
            .iter()
            .map(|skill| Skill { name: Some(label(skill, lang)), level: Some(level(lang, random)), ..Skill::default() })
            .collect(),
        languages: spoken(lang, random),
        ..JsonResume::default()
    };
    let resume_title = match lang {
        Lang::Zh => format!("{}的简历", name.shown),
        Lang::En => format!("{}: resume", name.shown),
    };
    Somebody { draft, resume_title, resume, lang, trade, jobs, school }
}

/// Jobs, the latest first, that fill the years before today without gaps longer than a few months.
fn career(lang: Lang, craft: &Trade, years: i64, fitting: &[usize], today: NaiveDate, random: &mut Random) -> Vec<Stint> {
    let mut jobs = Vec::new();
    let mut end: Option<NaiveDate> = None;
    let mut left = years * 12;
    while left > 0 && jobs.len() < 5 {
        let months = if jobs.len() == 4 { left } else { random.between(10, 52).min(left) };
        let last = end.unwrap_or(today);
        let since = first_of_month(last, months);
        let served = left - months;
        let (en, zh, _) = RANKS.iter().rev().find(|rank| rank.2 <= (served + months / 2) / 12).unwrap_or(&RANKS[0]);
        // Most names of companies come up once in a career.
        let mut company = *random.pick(fitting);
        if jobs.iter().any(|job: &Stint| job.company == company) {
            company = *random.pick(fitting);
        }
        let title = match lang {
            Lang::Zh => format!("{zh}{}", craft.title.1),
            Lang::En if en.is_empty() => craft.title.0.to_owned(),
            Lang::En => format!("{en}{}", lower_first(craft.title.0)),
        };
        jobs.push(Stint { company, title, since, until: end });
        end = since.checked_sub_days(Days::new(random.between(1, 75) as u64));
        left = served;
    }
    jobs
}

fn lower_first(text: &str) -> String {
    // "HR" stays.
    if text.chars().nth(1).is_some_and(char::is_uppercase) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn first_of_month(from: NaiveDate, months_before: i64) -> NaiveDate {
    let months = i64::from(from.year()) * 12 + i64::from(from.month0()) - months_before;
    NaiveDate::from_ymd_opt((months / 12) as i32, (months % 12) as u32 + 1, 1).unwrap_or(from)
}

/// The first skills of a trade are known by most; more with the years, and sometimes one of another trade.
fn known(craft: &'static Trade, years: i64, random: &mut Random) -> Vec<&'static str> {
    let count = (4 + years as usize / 2).min(9);
    let mut skills: Vec<&str> = craft.skills.iter().take(5).copied().filter(|_| random.chance(75)).collect();
    for skill in random.some(craft.skills, craft.skills.len()) {
        if skills.len() < count && !skills.contains(skill) {
            skills.push(skill);
        }
    }
    let other = random.pick(&TRADES);
    if random.chance(30) && !skills.contains(&other.skills[0]) {
        skills.push(other.skills[0]);
    }
    skills
}

/// A skill's name in a language.
pub fn label(skill: &str, lang: Lang) -> String {
    canonical(skill).map_or_else(|| skill.to_owned(), |skill| skill.label(lang).to_owned())
}

fn level(lang: Lang, random: &mut Random) -> String {
    let (en, zh) = *random.pick(&[("advanced", "熟练"), ("expert", "精通"), ("intermediate", "熟悉"), ("advanced", "熟练")]);
    if lang == Lang::Zh { zh.to_owned() } else { en.to_owned() }
}

fn headline(lang: Lang, jobs: &[Stint], employers: &[Employer]) -> String {
    jobs.first().map_or_else(String::new, |job| match lang {
        Lang::Zh => format!("{} · {}", job.title, employers[job.company].draft.name),
        Lang::En => format!("{} at {}", job.title, employers[job.company].draft.name),
    })
}

fn summary(lang: Lang, craft: &Trade, years: i64, skills: &[&str]) -> String {
    let named: Vec<String> = skills.iter().take(3).map(|skill| label(skill, lang)).collect();
    match lang {
        Lang::Zh => format!("{}，{years}年工作经验，擅长{}。注重结果，乐于协作。", craft.title.1, named.join("、")),
        Lang::En => {
            format!("{} with {years} years of work, strongest in {}. Plain in words, careful in work.", craft.title.0, named.join(", "))
        }
    }
}

fn tags(lang: Lang, craft: &Trade, years: i64, random: &mut Random) -> Vec<String> {
    let mut tags = vec![if lang == Lang::Zh { craft.tag.1 } else { craft.tag.0 }.to_owned()];
    if years >= 9 {
        tags.push(if lang == Lang::Zh { "资深" } else { "senior" }.to_owned());
    }
    if random.chance(25) {
        tags.push(if lang == Lang::Zh { "看机会" } else { "open to offers" }.to_owned());
    }
    tags
}

fn work(lang: Lang, craft: &Trade, job: &Stint, employers: &[Employer], skills: &[&str], random: &mut Random) -> Work {
    let employer = &employers[job.company];
    let deeds = random.some(craft.deeds, 2);
    Work {
        name: Some(employer.draft.name.clone()),
        position: Some(job.title.clone()),
        location: Some(CITIES[employer.city].label(lang).to_owned()),
        start_date: Some(job.since.format("%Y-%m").to_string()),
        end_date: job.until.map(|until| until.format("%Y-%m").to_string()),
        summary: Some(match lang {
            Lang::Zh => format!("在{}担任{}，使用{}。", employer.draft.name, job.title, label(random.word(skills), lang)),
            Lang::En => format!("{} at {}, working with {}.", job.title, employer.draft.name, label(random.word(skills), lang)),
        }),
        highlights: deeds
            .into_iter()
            .map(|(en, zh)| {
                let two = random.some(skills, 2);
                let text = if lang == Lang::Zh { zh } else { en };
                text.replace("{s}", &label(two[0], lang))
                    .replace("{t}", &label(two.last().unwrap_or(&two[0]), lang))
                    .replace("{n}", &random.between(6, 48).to_string())
            })
            .collect(),
        ..Work::default()
    }
}

fn education(lang: Lang, craft: &Trade, stay: &Stay, master: bool) -> Education {
    let (en, zh) = SCHOOLS[stay.school];
    let degree = match (lang, master) {
        (Lang::Zh, true) => "硕士",
        (Lang::Zh, false) => "本科",
        (Lang::En, true) => "Master",
        (Lang::En, false) => "Bachelor",
    };
    Education {
        institution: Some(if lang == Lang::Zh { zh } else { en }.to_owned()),
        area: Some(if lang == Lang::Zh { craft.area.1 } else { craft.area.0 }.to_owned()),
        study_type: Some(degree.to_owned()),
        start_date: Some(format!("{}-09", stay.since)),
        end_date: Some(format!("{}-06", stay.until)),
        ..Education::default()
    }
}

fn spoken(lang: Lang, random: &mut Random) -> Vec<Language> {
    let say = |language: &str, fluency: &str| Language {
        language: Some(language.to_owned()),
        fluency: Some(fluency.to_owned()),
        ..Language::default()
    };
    match lang {
        Lang::Zh => {
            let mut all = vec![say("普通话", "母语")];
            if random.chance(80) {
                all.push(say("英语", random.word(&["流利", "熟练", "CET-6"])));
            }
            all
        }
        Lang::En => {
            let mut all = vec![say("English", random.word(&["native", "fluent"]))];
            if random.chance(45) {
                all.push(say(random.word(&["German", "French", "Spanish", "Mandarin"]), random.word(&["fluent", "intermediate"])));
            }
            all
        }
    }
}
