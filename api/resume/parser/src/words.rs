//! Words that tell a position from an employer, and a school from a degree.

use std::sync::LazyLock;

use regex::Regex;

use crate::normalise::is_cjk;

const TITLES: &str = "engineer|developer|programmer|manager|director|analyst|designer|architect|scientist|researcher|intern|internship|consultant|assistant|associate|officer|lead|leader|head|chief|ceo|cto|cfo|coo|cio|cmo|vp|president|founder|co-founder|cofounder|specialist|administrator|coordinator|accountant|auditor|teacher|professor|lecturer|instructor|tutor|nurse|physician|doctor|surgeon|pharmacist|therapist|technician|mechanic|electrician|operator|supervisor|representative|salesperson|sales|marketer|editor|writer|journalist|reporter|translator|interpreter|lawyer|attorney|paralegal|counsel|secretary|clerk|receptionist|cashier|chef|cook|waiter|waitress|barista|driver|trainer|coach|recruiter|planner|strategist|producer|photographer|artist|animator|musician|librarian|curator|fellow|postdoc|postdoctoral|trainee|apprentice|volunteer|freelancer|freelance|contractor|owner|partner|principal|staff|buyer|merchandiser|controller|treasurer|advisor|adviser|evangelist|advocate|tester|sre|devops|sde|qa|dba|scrum|expert|economist|statistician|biologist|chemist|physicist|geologist|inspector|surveyor|estimator|foreman|superintendent|pilot|captain|sergeant|lieutenant|member|mentor|ambassador|organizer|chair|treasurer|educator|counselor|psychologist|dietitian|paramedic|caregiver|bookkeeper|underwriter|broker|agent|trader|investor|banker|actuary|steward|concierge|generalist|executive|technologist|optimizer|copywriter|videographer|illustrator|ux|ui|dispatcher|midwife|veterinarian|dentist|host|server|bartender|guard|janitor|landscaper|carpenter|plumber|welder|machinist";
const ZH_TITLES: &str = "工程师|经理|总监|主管|实习生|专员|助理|顾问|架构师|负责人|运营|开发|设计师|分析师|主任|总裁|总经理|董事|会计|出纳|审计|教师|讲师|教授|老师|班主任|医师|医生|护士|护师|药师|编辑|记者|翻译|律师|法务|秘书|文员|前台|销售|客服|司机|教练|研究员|科学家|程序员|测试|组长|队长|店长|厂长|院长|校长|部长|科长|处长|会长|社长|主席|干事|委员|书记|创始人|合伙人|首席|管培生|培训生|技术员|操作员|采购|策划|文案|产品经理|项目经理|主播|摄影师|剪辑|美工|管理员|代表|志愿者|成员|研究助理|助教|博士后|业务员|调度|监理|造价师|师|岗";
const COMPANIES: &str = "limited|private|pvt|pte|sdn|bhd|srl|s.r.l.|sas|s.a.s.|spa|s.p.a.|kg|ohg|nv|n.v.|oyj|asa|aps|a.ş.|aş|k.k.|kk|inc|inc.|ltd|ltd.|llc|llp|gmbh|corp|corp.|corporation|company|co.|plc|s.a.|ag|bv|b.v.|oy|ab|pty|group|holdings|technologies|technology|solutions|systems|labs|lab|laboratory|laboratories|studio|studios|software|consulting|partners|ventures|capital|bank|insurance|hospital|clinic|university|college|school|institute|academy|foundation|agency|ministry|council|museum|library|media|networks|network|industries|enterprises|international|global|services|pharma|pharmaceuticals|biotech|therapeutics|energy|motors|airlines|logistics|health|healthcare|hotel|restaurant|café|cafe|association|society|centre|center|trust|analytics|robotics|research|club";
const ZH_COMPANIES: &str = "公司|集团|科技|有限|研究院|研究所|医院|大学|学院|银行|事务所|中心|工作室|出版社|电视台|报社|学校|中学|小学|幼儿园|酒店|餐厅|证券|保险|基金|网络|信息技术|传媒|股份|工厂|厂|局|委员会|协会|社区|商行|超市|书店|实验室|控股|互联网|技术有限|阿里巴巴|阿里云|腾讯|百度|字节跳动|京东|美团|滴滴|华为|小米|网易|拼多多|快手|哔哩哔哩|蚂蚁|微软|谷歌|亚马逊|联想|中兴|携程|新浪|搜狐|爱奇艺|小红书|大疆|海尔|美的|格力|比亚迪|平安|招商|中国移动|中国电信|中国联通|国家电网";
const SCHOOLS: &str = "politecnico|politécnica|polytechnique|instituto|istituto|universitat|universiti|uniwersytet|univerzita|üniversitesi|universitas|universitetet|akademie|conservatoire|politechnika|hogeschool|iit|nit|cmu|usc|ucsd|nus|ntu|hku|hkust|university|college|school|institute|academy|polytechnic|universität|université|universidad|università|universiteit|hochschule|école|ecole|lycée|gymnasium|faculty|conservatory|mit|eth|epfl|ucla|ucl|nyu|lse|caltech|bootcamp|seminary|high";
const ZH_SCHOOLS: &str = "大学|学院|学校|中学|高中|职校|技校|研究院|党校|研究生院|科学院|一中|二中|附中";

static DEGREE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:^|[\s,(/|，（·\-–])(",
        r"ph\.?\s?d\.?(?:\s+candidate)?|d\.?phil\.?|doctor(?:ate)?(?: of [a-z]+| degree)?|doctor of [a-z ]+?|",
        r"(?:executive )?m\.?b\.?a\.?|m\.?\s?sc\.?|m\.?\s?s\.?|m\.?a\.|ma|m\.?\s?eng\.?|m\.?\s?ed\.?|m\.?tech\.?|mphil|m\.?pharm\.?|m\.?chem\.?|m\.?math\.?|m\.?phys\.?|b\.?pharm\.?|b\.?n\.|pharm\.?d\.?|ed\.?d\.?|m\.?res|ll\.?m\.?|mfa|mph|mpa|m\.?arch\.?|",
        r"masters?(?:['’]s)?(?: degree)?(?: of (?:science|arts|engineering|business administration|education|laws|fine arts|public health|public administration|architecture|technology|philosophy|commerce|finance|design|social work|computer science|applied science))?|",
        r"b\.?\s?sc\.?|b\.?\s?s\.?|b\.?a\.|ba|b\.?\s?eng\.?|b\.?e\.?|m\.?e\.?|b\.?tech\.?|b\.?ed\.?|bba|b\.?com\.?|bfa|ll\.?b\.?|b\.?arch\.?|bcs|bsn|mbbs|m\.?d\.|j\.?d\.|",
        r"bachelors?(?:['’]s)?(?: degree)?(?: of (?:science|arts|engineering|business administration|education|laws|fine arts|architecture|technology|commerce|design|social work|nursing|computer science|applied science))?|",
        r"associates?(?:['’]s)?(?: degree)?(?: of (?:science|arts|applied science))?(?: in)?|diploma|postgraduate diploma|graduate certificate|high school diploma|a-levels?|abitur|baccalaur[eé]at|dipl\.?-?ing\.?|magister|licence|licenciatura|laurea|hnd|minor",
        r")(?:\s*\((?:hons?\.?|honours|honors)\))?(?:$|[\s,.;:)/|，）·\-–])"
    ))
    .ok()
});

const ZH_DEGREES: &str = "全日制本科|统招本科|本科学历|大学本科|博士研究生|硕士研究生|研究生|博士后|博士|硕士|学士学位|学士|本科|大专|专科|中专|高中|EMBA|MBA|专升本|高职";

fn has_word(list: &str, text: &str) -> usize {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-' || c == '&'))
        .filter(|word| {
            !word.is_empty()
                && (list.split('|').any(|known| known == *word) || list.split('|').any(|known| known == word.trim_matches(['.', '-'])))
        })
        .count()
}

fn zh_any(list: &str, text: &str) -> bool {
    list.split('|').any(|word| text.contains(word))
}

/// How much a text sounds like a position held.
pub fn position(text: &str) -> i32 {
    if text.chars().any(is_cjk) {
        let strong = ZH_TITLES.split('|').any(|title| title.chars().count() >= 2 && text.contains(title));
        let ends = ZH_TITLES.split('|').any(|title| text.trim_end_matches(['）', ')']).ends_with(title));
        return 2 * i32::from(ends) + i32::from(strong) + has_word(TITLES, text).min(1) as i32;
    }
    let count = has_word(TITLES, text);
    let last = text.split([',', '(', '/']).next().unwrap_or("").split_whitespace().last().is_some_and(|word| has_word(TITLES, word) > 0);
    count.min(2) as i32 + i32::from(last)
}

/// How much a text sounds like an employer.
pub fn company(text: &str) -> i32 {
    if text.chars().any(is_cjk) {
        let ends = ["公司", "集团", "研究院", "研究所", "医院", "大学", "学院", "银行", "事务所", "工作室", "中学", "学校", "中心"]
            .iter()
            .any(|end| text.trim_end_matches(['）', ')']).ends_with(end));
        return 2 * i32::from(ends) + i32::from(zh_any(ZH_COMPANIES, text)) + i32::from(text.contains("有限公司"));
    }
    let last = text.trim_end_matches(['.', ')']).split_whitespace().last().is_some_and(|word| has_word(COMPANIES, word) > 0);
    has_word(COMPANIES, text).min(2) as i32 + i32::from(last)
}

/// How much a text sounds like a school.
pub fn school(text: &str) -> i32 {
    if text.chars().any(is_cjk) && zh_any(ZH_SCHOOLS, text) {
        let ends = ["大学", "学院", "学校", "中学", "高中"].iter().any(|end| text.trim_end_matches(['）', ')']).ends_with(end));
        return 2 + 2 * i32::from(ends);
    }
    let words = has_word(SCHOOLS, text);
    2 * words.min(2) as i32
}

/// A department, not an employer.
pub fn department(text: &str) -> bool {
    let lower = text.to_lowercase();
    (text.chars().any(is_cjk)
        && (text.ends_with('部') || text.ends_with("事业部") || text.ends_with("事业群") || text.ends_with('组') || text.ends_with("部门"))
        && text.chars().count() <= 14)
        || lower.starts_with("department of")
        || lower.ends_with(" department")
        || lower.ends_with(" team")
}

/// Byte range of a degree in the text.
pub fn degree(text: &str) -> Option<(usize, usize)> {
    if let Some(found) = ZH_DEGREES
        .split('|')
        .filter_map(|degree| text.find(degree).map(|at| (at, at + degree.len())))
        .min_by_key(|(at, end)| (*at, usize::MAX - *end))
    {
        // 研究生院, 专科学校, 高中部 are schools.
        let after = &text[found.1..];
        let before = &text[..found.0];
        let high_school = after.is_empty() && !before.is_empty() && text.ends_with("高中") && text.chars().count() > 3;
        let part_of_a_word = after.starts_with(['院', '生']) || after.starts_with("学校");
        if !high_school && !part_of_a_word {
            return Some(found);
        }
    }
    let found = DEGREE.as_ref()?.captures(text)?.get(1)?;
    let end = found.end();
    // The dot that belongs to an abbreviation.
    let end = if text[end..].starts_with('.') && text[found.start()..end].contains('.') { end + 1 } else { end };
    let short = found.as_str();
    // `ma`, `ba`, `ms` in running text are words; degrees are written with a capital.
    short.chars().next().filter(|c| c.is_uppercase() || short.len() > 6)?;
    if short.len() == 2 && !short.chars().all(char::is_uppercase) {
        return None;
    }
    Some((found.start(), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_employers_sound_different() {
        for text in ["Senior Software Engineer", "Co-Founder & CTO", "后端开发工程师", "产品经理", "Research Intern", "Head of Design"]
        {
            assert!(position(text) > company(text), "{text}");
        }
        for text in ["Acme Technologies Inc.", "上海云帆信息技术有限公司", "First National Bank", "北京协和医院"] {
            assert!(company(text) > position(text), "{text}");
        }
    }

    #[test]
    fn degrees() {
        for (text, expected) in [
            ("PhD in Computer Science", "PhD"),
            ("B.Sc. Economics", "B.Sc."),
            ("Bachelor of Science in Biology", "Bachelor of Science"),
            ("计算机科学与技术 本科", "本科"),
            ("硕士研究生", "硕士研究生"),
            ("MBA, Finance", "MBA"),
        ] {
            let (start, end) = degree(text).unwrap();
            assert_eq!(&text[start..end], expected);
        }
        assert_eq!(degree("the basics of systems"), None);
    }
}
