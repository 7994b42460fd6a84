//! How records are called and where they live: the words, icons and addresses that several pages share.

use looma_app_ui::prelude::*;
use looma_types::person::PersonDraft;
use looma_types::{RecordKind, Ref};

/// The page of a record; none for records that have no page of their own.
pub fn href(record: Ref) -> Option<String> {
    let folder = match record.kind {
        RecordKind::Person => "people",
        RecordKind::Company => "companies",
        RecordKind::Job => "jobs",
        RecordKind::Project => "projects",
        RecordKind::Skill => "skills",
        _ => return None,
    };
    Some(format!("/{folder}/{}", record.id))
}

pub const fn icon(kind: RecordKind) -> Icon {
    match kind {
        RecordKind::Person | RecordKind::User => Icon::User,
        RecordKind::Company => Icon::Building2,
        RecordKind::Job => Icon::Briefcase,
        RecordKind::Project => Icon::FolderKanban,
        RecordKind::Resume => Icon::FileText,
        RecordKind::Skill => Icon::Sparkles,
        RecordKind::Interaction => Icon::MessageSquare,
        RecordKind::Relationship => Icon::Handshake,
        RecordKind::Application => Icon::SquareKanban,
    }
}

/// The word for one record of this kind.
pub fn kind_word(kind: RecordKind) -> &'static str {
    t(match kind {
        RecordKind::Person => PERSON,
        RecordKind::Company => COMPANY,
        RecordKind::Job => JOB,
        RecordKind::Project => PROJECT,
        RecordKind::Resume => RESUME,
        RecordKind::Skill => SKILL,
        RecordKind::User => USER,
        RecordKind::Interaction => INTERACTION,
        RecordKind::Relationship => RELATIONSHIP,
        RecordKind::Application => APPLICATION,
    })
}

/// The name in the reader's language, else the one the record has.
pub fn name_of(person: &PersonDraft) -> String {
    let wanted = match locale() {
        Locale::Zh => "zh",
        Locale::En => "en",
    };
    let own = person.names.iter().find(|name| name.lang.starts_with(wanted));
    own.map_or_else(|| person.name.clone(), |name| name.value.clone())
}

/// The relationships that the interface offers. Any other word is kept and shown as it is.
pub const RELATIONS: [&str; 8] = ["knows", "worked_with", "employed_by", "studied_with", "referred_by", "reports_to", "manages", "advises"];

/// A relationship in words, read from its `from` to its `to`.
pub fn relation_word(kind: &str) -> String {
    let word = match kind {
        "knows" => KNOWS,
        "worked_with" => WORKED_WITH,
        "employed_by" | "works_at" => EMPLOYED_BY,
        "worked_at" => WORKED_AT,
        "studied_with" => STUDIED_WITH,
        "referred_by" => REFERRED_BY,
        "reports_to" => REPORTS_TO,
        "manages" => MANAGES,
        "advises" => ADVISES,
        _ => return kind.replace('_', " "),
    };
    t(word).to_owned()
}

/// How strong a tie is, in a word whose colour repeats it. `strength` is 0 to 1.
#[component]
pub fn StrengthBadge(strength: f64) -> impl IntoView {
    let (tone, word) = match strength {
        s if s >= 0.5 => (Tone::Good, STRONG),
        s if s >= 0.2 => (Tone::Accent, FAIR),
        _ => (Tone::Neutral, WEAK),
    };
    view! { <Badge tone label=tf(word, &[&(strength.clamp(0.0, 1.0) * 100.0).round()])/> }
}

messages! {
    PERSON: "Person", "人才";
    COMPANY: "Company", "公司";
    JOB: "Job", "职位";
    PROJECT: "Project", "项目";
    RESUME: "Resume", "简历";
    SKILL: "Skill", "技能";
    USER: "Colleague", "同事";
    INTERACTION: "Interaction", "互动";
    RELATIONSHIP: "Relationship", "关系";
    APPLICATION: "Application", "申请";
    KNOWS: "knows", "认识";
    WORKED_WITH: "worked with", "曾共事";
    EMPLOYED_BY: "works at", "任职于";
    WORKED_AT: "worked at", "曾任职于";
    STUDIED_WITH: "studied with", "同学";
    REFERRED_BY: "referred by", "推荐人";
    REPORTS_TO: "reports to", "汇报给";
    MANAGES: "manages", "管理";
    ADVISES: "advises", "担任顾问";
    STRONG: "Strong · {0}%", "强 · {0}%";
    FAIR: "Fair · {0}%", "中 · {0}%";
    WEAK: "Weak · {0}%", "弱 · {0}%";
}
