//! What was said to whom: calls, mails, meetings, messages, notes and reminders of the last eighteen months.

use super::careers::{Somebody, label};
use super::employers::Employer;
use super::random::Random;
use super::ties::End;
use super::trades::TRADES;
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use looma_skill::taxonomy::Lang;
use looma_types::person::{InteractionKind, NextStep};

/// An interaction with some of the demo's records.
pub struct Contact {
    pub kind: InteractionKind,
    pub at: DateTime<Utc>,
    pub with: Vec<End>,
    pub subject: String,
    pub body: String,
    pub next_step: Option<NextStep>,
}

/// Kind, subject and body in English, subject and body in Chinese. `{p}` is the person, `{c}` their company, `{s}` a skill.
type Text = (InteractionKind, &'static str, &'static str, &'static str, &'static str);

const TEXTS: [Text; 20] = [
    (
        InteractionKind::Call,
        "First call about {s}",
        "{p} is settled at {c} but would look at a role with more {s}. Prefers to be called after six.",
        "首次电话：{s}方向",
        "{p}目前在{c}比较稳定，但愿意看{s}更深的岗位。建议六点后联系。",
    ),
    (
        InteractionKind::Call,
        "Notice period and pay",
        "Three months' notice at {c}. Expects about a tenth more than now; the bonus is paid in March.",
        "离职周期与薪资",
        "在{c}的离职周期为三个月，期望涨幅约一成，年终奖三月发放。",
    ),
    (
        InteractionKind::Call,
        "Reference on a colleague",
        "{p} spoke well of the team at {c} and named two people worth knowing.",
        "同事背调",
        "{p}对{c}的团队评价很高，并推荐了两位值得认识的人。",
    ),
    (
        InteractionKind::Call,
        "Missed call, will try again",
        "No answer. Left word about the {s} role.",
        "未接通，改日再打",
        "电话未接，已留言说明{s}岗位。",
    ),
    (
        InteractionKind::Mail,
        "A role that may suit you",
        "Sent the description of a role with {s}. Asked for a current resume and good times to talk.",
        "一个可能适合你的机会",
        "已发送{s}相关岗位说明，请对方提供最新简历与方便通话的时间。",
    ),
    (
        InteractionKind::Mail,
        "Thank you for the introduction",
        "Thanked {p} for bringing us together with {c}.",
        "感谢引荐",
        "感谢{p}帮助我们与{c}建立联系。",
    ),
    (
        InteractionKind::Mail,
        "Resume received",
        "{p} sent a new resume; {s} stands out. Filed and shared with the hiring manager.",
        "已收到简历",
        "{p}发来新版简历，{s}经验突出。已归档并转给用人经理。",
    ),
    (
        InteractionKind::Mail,
        "Interview times",
        "Offered Tuesday morning or Thursday afternoon. Link and directions attached.",
        "面试时间安排",
        "提供周二上午或周四下午两个时段，已附会议链接与路线。",
    ),
    (
        InteractionKind::Meeting,
        "Coffee near the office",
        "Talked for an hour about {c} and where {s} is going. {p} wants to lead a small team next.",
        "公司附近咖啡面谈",
        "聊了一小时，谈到{c}的近况和{s}的趋势。{p}下一步希望带小团队。",
    ),
    (
        InteractionKind::Meeting,
        "Interview with the hiring manager",
        "Went well. Strong in {s}; the manager would like to see one more example of leading others.",
        "与用人经理面试",
        "整体不错，{s}扎实；经理希望再了解一个带人的案例。",
    ),
    (
        InteractionKind::Meeting,
        "Met at an industry evening",
        "{p} gave a short talk on {s}. Good speaker, many questions from the room.",
        "行业沙龙见面",
        "{p}做了关于{s}的分享，表达清楚，现场提问很多。",
    ),
    (
        InteractionKind::Meeting,
        "Offer talk",
        "Went through the offer line by line. {p} will answer by Friday.",
        "沟通录用条件",
        "逐条沟通录用条件，{p}周五前答复。",
    ),
    (
        InteractionKind::Message,
        "Short word on the timing",
        "{p} is travelling this week and will be back on Monday.",
        "时间确认",
        "{p}本周出差，周一回来。",
    ),
    (
        InteractionKind::Message,
        "Happy birthday",
        "Sent good wishes. A warm answer, and a hint that {c} is reorganising.",
        "生日祝福",
        "发送生日祝福，对方热情回复，并提到{c}正在调整组织。",
    ),
    (
        InteractionKind::Message,
        "Asked for an introduction",
        "Asked {p} whether they know someone at {c} who does {s}.",
        "请求引荐",
        "询问{p}是否认识{c}做{s}的朋友。",
    ),
    (
        InteractionKind::Note,
        "Why they would move",
        "Wants more say in what is built. Money comes second; a long way to work is out of the question.",
        "换工作的动机",
        "希望对产品方向有更多话语权；薪资其次，不接受长通勤。",
    ),
    (
        InteractionKind::Note,
        "Strong in {s}",
        "Two people named {p} without being asked when we spoke of {s}.",
        "{s}能力突出",
        "谈到{s}时，有两位朋友主动提到{p}。",
    ),
    (InteractionKind::Note, "Not now", "Just promoted at {c}. Come back in spring.", "暂不考虑", "刚在{c}晋升，明年春天再联系。"),
    (
        InteractionKind::Reminder,
        "Call again about the next step",
        "Ask how the talk at {c} went and whether {s} is still what they want to do.",
        "跟进下一步",
        "询问{c}的谈话结果，确认是否仍想做{s}。",
    ),
    (InteractionKind::Reminder, "Send the salary survey", "Promised the figures for {s}.", "发送薪酬报告", "答应提供{s}方向的薪酬数据。"),
];

pub fn all(count: usize, people: &[Somebody], employers: &[Employer], today: NaiveDate, random: &mut Random) -> Vec<Contact> {
    (0..count).map(|_| contact(people, employers, today, random)).collect()
}

fn contact(people: &[Somebody], employers: &[Employer], today: NaiveDate, random: &mut Random) -> Contact {
    // Some people are talked to much more often than others.
    let person = random.below(people.len()).min(random.below(people.len()));
    let somebody = &people[person];
    let (kind, subject, body, subject_zh, body_zh) = *random.pick(&TEXTS);
    let days_ago = random.below(540).min(random.below(540)) as u64 + 1;
    let time = NaiveTime::from_hms_opt(random.between(1, 10) as u32, random.below(12) as u32 * 5, 0).unwrap_or_default();
    let at = today.checked_sub_days(Days::new(days_ago)).unwrap_or(today).and_time(time).and_utc();
    let company = somebody.jobs.first().map(|job| job.company);
    let skill = label(random.word(TRADES[somebody.trade].skills), somebody.lang);
    let fill = |text: &str| {
        text.replace("{p}", &somebody.draft.name).replace("{s}", &skill).replace("{c}", company.map_or("", |at| &employers[at].draft.name))
    };
    let (subject, body) = if somebody.lang == Lang::Zh { (subject_zh, body_zh) } else { (subject, body) };
    let mut with = vec![End::Person(person)];
    if body.contains("{c}") && random.chance(50) {
        with.extend(company.map(End::Company));
    }
    let open = kind == InteractionKind::Reminder || random.chance(15);
    let due = at + TimeDelta::days(random.between(7, 60));
    let next_step = open.then(|| NextStep { due: Some(due), done: due.date_naive() < today && random.chance(85) });
    Contact { kind, at, with, subject: fill(subject), body: fill(body), next_step }
}
