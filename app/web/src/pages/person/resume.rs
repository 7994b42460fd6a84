//! A resume, typeset: its content in the order people read it, and for each entry the lines of the file it was read from.

use looma_app_ui::prelude::*;
use looma_types::json_resume::{JsonResume, Provenance};
use looma_types::resume::Resume;
use std::collections::BTreeMap;

/// Under this confidence an entry asks to be checked.
const UNSURE: f32 = 0.6;

/// One entry of a resume, whatever its section.
#[derive(Default)]
pub struct Entry {
    /// Where it stands in the content, such as `/work/0`.
    pointer: String,
    pub title: String,
    pub place: String,
    pub dates: String,
    text: String,
    points: Vec<String>,
}

fn or_blank(text: Option<String>) -> String {
    text.unwrap_or_default()
}

/// The first as the title and the second as the place; the second moves up when the first is missing.
fn headed(section: &str, index: usize, title: Option<String>, place: Option<String>) -> Entry {
    let (title, place) = match (title.filter(|text| !text.is_empty()), place) {
        (None, place) => (or_blank(place), String::new()),
        (Some(title), place) => (title, or_blank(place)),
    };
    Entry { pointer: format!("/{section}/{index}"), title, place, ..Entry::default() }
}

/// The positions held.
pub fn work(content: &JsonResume) -> Vec<Entry> {
    let entry = |(index, one): (usize, looma_types::json_resume::Work)| Entry {
        dates: span(one.start_date.as_deref(), one.end_date.as_deref()),
        text: or_blank(one.summary.or(one.description)),
        points: one.highlights,
        ..headed("work", index, one.position, one.name)
    };
    content.work.iter().cloned().enumerate().map(entry).collect()
}

/// The other sections that have dates, titles and text, in reading order.
fn sections(content: &JsonResume) -> Vec<(Msg, Vec<Entry>)> {
    let c = content.clone();
    let education = c.education.into_iter().enumerate().map(|(index, one)| Entry {
        dates: span(one.start_date.as_deref(), one.end_date.as_deref()),
        text: or_blank(one.score),
        points: one.courses,
        ..headed(
            "education",
            index,
            one.institution,
            Some([one.study_type, one.area].into_iter().flatten().collect::<Vec<_>>().join(" · ")),
        )
    });
    let projects = c.projects.into_iter().enumerate().map(|(index, one)| Entry {
        dates: span(one.start_date.as_deref(), one.end_date.as_deref()),
        text: or_blank(one.description),
        points: one.highlights,
        ..headed("projects", index, one.name, one.entity)
    });
    let volunteer = c.volunteer.into_iter().enumerate().map(|(index, one)| Entry {
        dates: span(one.start_date.as_deref(), one.end_date.as_deref()),
        text: or_blank(one.summary),
        points: one.highlights,
        ..headed("volunteer", index, one.position, one.organization)
    });
    let certificates = c.certificates.into_iter().enumerate().map(|(index, one)| Entry {
        dates: month(one.date.as_deref().unwrap_or_default()),
        ..headed("certificates", index, one.name, one.issuer)
    });
    let awards = c.awards.into_iter().enumerate().map(|(index, one)| Entry {
        dates: month(one.date.as_deref().unwrap_or_default()),
        text: or_blank(one.summary),
        ..headed("awards", index, one.title, one.awarder)
    });
    let publications = c.publications.into_iter().enumerate().map(|(index, one)| Entry {
        dates: month(one.release_date.as_deref().unwrap_or_default()),
        text: or_blank(one.summary),
        ..headed("publications", index, one.name, one.publisher)
    });
    vec![
        (EXPERIENCE, work(content)),
        (EDUCATION, education.collect()),
        (PROJECTS, projects.collect()),
        (VOLUNTEER, volunteer.collect()),
        (CERTIFICATES, certificates.collect()),
        (AWARDS, awards.collect()),
        (PUBLICATIONS, publications.collect()),
    ]
}

/// A resume's content with its sources.
#[component]
pub fn Typeset(resume: Resume) -> impl IntoView {
    let Resume { content, provenance, .. } = resume;
    let provenance = &provenance;
    let summary = content.basics.as_ref().and_then(|basics| basics.summary.clone());
    let summary = summary.map(|text| {
        let sources = sources_of("/basics/summary", provenance);
        view! { <Section title=t(SUMMARY)><p class="prose text-13">{text}</p> {sources}</Section> }
    });
    let contact = sources_of("/basics", provenance).map(|sources| view! { <Section title=t(CONTACT)>{sources}</Section> });
    let parts = sections(&content)
        .into_iter()
        .filter(|(_, entries)| !entries.is_empty())
        .map(|(title, entries)| {
            let entries = entries.into_iter().map(|entry| entry_view(entry, provenance)).collect_view();
            view! { <Section title=t(title)><ol class="flex flex-col gap-4">{entries}</ol></Section> }
        })
        .collect_view();
    let skills: Vec<String> = content.skills.iter().flat_map(|skill| skill.name.iter().chain(&skill.keywords)).cloned().collect();
    let languages: Vec<String> = content
        .languages
        .iter()
        .filter_map(|one| Some([one.language.clone()?, or_blank(one.fluency.clone())].join(" · ").trim_end_matches(" · ").to_owned()))
        .collect();
    let chips = |title: Msg, words: Vec<String>, pointer: &str| {
        (!words.is_empty()).then(|| {
            let sources = sources_of(pointer, provenance);
            view! {
                <Section title=t(title)>
                    <div class="chips">{words.into_iter().map(|word| view! { <Chip label=word/> }).collect_view()}</div>
                    {sources}
                </Section>
            }
        })
    };
    view! {
        {summary}
        {parts}
        {chips(SKILLS, skills, "/skills")}
        {chips(LANGUAGES, languages, "/languages")}
        {contact}
    }
}

fn entry_view(entry: Entry, provenance: &BTreeMap<String, Provenance>) -> AnyView {
    let sources = sources_of(&entry.pointer, provenance);
    view! {
        <li class="text-13">
            <div class="flex flex-wrap items-baseline gap-2">
                <h3>{entry.title}</h3>
                <span class="muted">{entry.place}</span>
                <span class="muted numbers ml-auto">{entry.dates}</span>
            </div>
            {(!entry.text.is_empty()).then(|| view! { <p class="prose mt-1">{entry.text}</p> })}
            {(!entry.points.is_empty()).then(|| view! {
                <ul class="list-disc pl-5 mt-1 prose">{entry.points.into_iter().map(|point| view! { <li>{point}</li> }).collect_view()}</ul>
            })}
            {sources}
        </li>
    }
    .into_any()
}

/// The lines that the fields at or below `pointer` were read from, folded away.
fn sources_of(pointer: &str, provenance: &BTreeMap<String, Provenance>) -> Option<AnyView> {
    let below = format!("{pointer}/");
    let found: Vec<_> = provenance.iter().filter(|(at, _)| *at == pointer || at.starts_with(&below)).collect();
    if found.is_empty() {
        return None;
    }
    let unsure = found.iter().any(|(_, source)| source.confidence < UNSURE);
    let mut seen = Vec::new();
    let quotes = found
        .into_iter()
        .filter(|(_, source)| {
            let new = !seen.contains(&source.quote);
            if new {
                seen.push(source.quote.clone());
            }
            new
        })
        .take(40)
        .map(|(_, source)| {
            let sure = tf(SURE, &[&(source.confidence.clamp(0.0, 1.0) * 100.0).round()]);
            let page = source.page.map(|page| tf(PAGE, &[&page]));
            view! {
                <li>
                    <blockquote class="quote">{source.quote.clone()}</blockquote>
                    <p class="muted text-12 pl-3">{[page, Some(sure)].into_iter().flatten().collect::<Vec<_>>().join(" · ")}</p>
                </li>
            }
        })
        .collect_view();
    let view = view! {
        <details class="mt-1">
            <summary class="text-12 muted cursor-pointer py-1 min-w-8">
                {t(SOURCES)} {unsure.then(|| view! { " " <Badge tone=Tone::Warn label=t(CHECK)/> })}
            </summary>
            <ul class="flex flex-col gap-2 pt-2">{quotes}</ul>
        </details>
    };
    Some(view.into_any())
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A whole or partial ISO date as year and month: "Mar 2021", "2021年3月"; anything else as it is.
fn month(date: &str) -> String {
    let mut parts = date.split('-');
    let (year, month) = (parts.next().unwrap_or_default(), parts.next().and_then(|month| month.parse::<usize>().ok()));
    match (year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()), month, locale()) {
        (true, Some(month @ 1..=12), Locale::En) => format!("{} {year}", MONTHS[month - 1]),
        (true, Some(month @ 1..=12), Locale::Zh) => format!("{year}年{month}月"),
        (true, None, Locale::Zh) => format!("{year}年"),
        _ => date.to_owned(),
    }
}

/// From when to when; without an end it goes on.
fn span(start: Option<&str>, end: Option<&str>) -> String {
    match (start.filter(|date| !date.is_empty()), end.filter(|date| !date.is_empty())) {
        (Some(start), Some(end)) => format!("{} – {}", month(start), month(end)),
        (Some(start), None) => format!("{} – {}", month(start), t(TODAY)),
        (None, Some(end)) => month(end),
        (None, None) => String::new(),
    }
}

messages! {
    SUMMARY: "Summary", "概述";
    EXPERIENCE: "Experience", "工作经历";
    EDUCATION: "Education", "教育经历";
    PROJECTS: "Projects", "项目经历";
    VOLUNTEER: "Voluntary work", "志愿经历";
    CERTIFICATES: "Certificates", "证书";
    AWARDS: "Awards", "奖项";
    PUBLICATIONS: "Publications", "发表作品";
    SKILLS: "Skills", "技能";
    LANGUAGES: "Languages", "语言";
    CONTACT: "Contact details", "联系方式";
    SOURCES: "Where this was read", "原文出处";
    CHECK: "Please check", "请核对";
    SURE: "{0}% sure", "可信度 {0}%";
    PAGE: "page {0}", "第 {0} 页";
    TODAY: "today", "至今";
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn dates_read_naturally_and_odd_ones_stay_as_they_are() {
        Owner::new().with(|| {
            assert_eq!(span(Some("2021-03"), None), "Mar 2021 – today");
            assert_eq!(span(Some("2019"), Some("2021-03-04")), "2019 – Mar 2021");
            assert_eq!(month("since spring"), "since spring");
            assert_eq!(month("2021-13"), "2021-13");
            assert_eq!(span(None, None), "");
        });
    }

    #[test]
    fn a_missing_position_lets_the_company_be_the_title() {
        let content: JsonResume =
            serde_json::from_value(serde_json::json!({"work": [{"name": "Fjord"}, {"name": "Fjord", "position": "Engineer"}]})).unwrap();
        Owner::new().with(|| {
            let entries = work(&content);
            assert_eq!((entries[0].title.as_str(), entries[0].place.as_str()), ("Fjord", ""));
            assert_eq!(
                (entries[1].title.as_str(), entries[1].place.as_str(), entries[1].pointer.as_str()),
                ("Engineer", "Fjord", "/work/1")
            );
        });
    }
}
