//! The names that resumes give their sections, in English and Chinese.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::normalise::{is_cjk, key};

/// What a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The top of the resume, and "personal details".
    Basics,
    Summary,
    Objective,
    Work,
    Education,
    Skills,
    Projects,
    Certificates,
    Languages,
    Awards,
    Publications,
    Volunteer,
    Interests,
    References,
    Courses,
    /// A section with a name we do not know; its text is kept.
    Other,
}

const NAMES: &[(Kind, &str)] = &[
    (
        Kind::Basics,
        "personal details|personal information|personal info|personal data|personal particulars|contact|contacts|contact me|contact info|contact information|contact details|get in touch|reach me|details|links|online|social|social media|find me online|online profiles|profiles|bio data|biodata|\
        个人信息|基本信息|个人资料|基本资料|个人概况|个人基本信息|个人情况|基本情况|联系方式|联系信息|联系我|联络方式|个人基本资料|社交|个人主页",
    ),
    (
        Kind::Summary,
        "summary|profile|about|about me|professional summary|professional profile|executive summary|career summary|career profile|personal profile|personal statement|summary of qualifications|qualifications summary|overview|introduction|biography|bio|who i am|in short|at a glance|highlights|career highlights|personal summary|statement|my story|in brief|profile summary|\
        自我评价|个人评价|个人简介|自我介绍|个人总结|个人概述|简介|自我描述|职业概述|职业概况|个人优势|个人特点|个人陈述|自我总结|关于我|职业总结|我的优势|综合评价|核心优势|自我鉴定|职业简介|个人介绍|优势亮点|职业摘要",
    ),
    (
        Kind::Objective,
        "objective|career objective|job objective|career goal|career goals|professional objective|desired position|position sought|target|求职意向|求职目标|职业目标|期望工作|应聘职位|应聘岗位|求职期望|意向岗位|职业规划|求职意愿|期望职位",
    ),
    (
        Kind::Work,
        "experience|work experience|professional experience|employment|employment history|work history|career history|career|job history|working experience|relevant experience|relevant work experience|professional background|professional history|career experience|industry experience|internship|internships|internship experience|internship experiences|research experience|teaching experience|positions held|professional appointments|appointments|academic appointments|academic positions|where i have worked|where ive worked|my experience|my work|work|jobs|selected experience|experience highlights|professional experiences|work experiences|employment experience|employment record|career path|consulting experience|clinical experience|military experience|military service|other experience|additional experience|earlier experience|previous experience|engineering experience|leadership experience|experiences|career overview|what i have done|\
        工作经历|工作经验|工作背景|职业经历|从业经历|任职经历|实习经历|实习经验|工作履历|职业履历|主要经历|工作与实习经历|实习与工作经历|实习及工作经历|工作及实习经历|工作实习经历|实习工作经历|工作实践|社会工作经历|职业生涯|就业经历|工作简历|个人经历|工作情况|主要工作经历|实践经历|科研经历|研究经历|教学经历|海外工作经历|职业经验|工作历程|工作内容",
    ),
    (
        Kind::Education,
        "education|education background|educational background|academic background|academic history|education and training|education & training|academic qualifications|educational qualifications|qualifications|academic|academics|studies|academic record|education history|schooling|degrees|training and education|formal education|my education|university|academic education|where i studied|academic profile|\
        教育背景|教育经历|教育情况|学习经历|学历|学历背景|求学经历|教育程度|教育|学历信息|教育培训|教育及培训|学习背景|教育与培训|教育信息|毕业院校|学业背景|教育履历|受教育经历|学术背景",
    ),
    (
        Kind::Skills,
        "skills|top skills|technical skills|core skills|key skills|professional skills|skill set|skillset|skills & tools|skills and tools|tools|technologies|technology|tech stack|tech skills|technical expertise|expertise|areas of expertise|core competencies|competencies|competences|key competencies|technical proficiencies|proficiencies|technical competencies|computer skills|it skills|digital skills|software skills|software|programming skills|programming|strengths|capabilities|abilities|specialties|skills & expertise|skills and expertise|skills summary|hard skills|soft skills|additional skills|other skills|technical summary|toolbox|what i know|languages and technologies|technical knowledge|skills & competencies|programming languages|technical profile|skills and abilities|my skills|relevant skills|what i work with|what i use|languages & tools|\
        专业技能|技能|个人技能|技能特长|职业技能|技能清单|掌握技能|技术能力|技术栈|技术技能|核心技能|专业能力|专业特长|技能专长|技能与特长|技能与工具|核心能力|工作技能|技能水平|技能证书|计算机技能|计算机能力|it技能|技能标签|软件技能|相关技能|技术专长|专业技术|能力|技能及特长|个人能力|主要技能|技能描述|专长|技能优势|工具|特长|个人特长",
    ),
    (
        Kind::Projects,
        "projects|personal projects|side projects|selected projects|project experience|project experiences|key projects|academic projects|research projects|open source|open source projects|open source contributions|opensource|notable projects|portfolio|project work|technical projects|major projects|project highlights|projects & research|selected work|things i built|side project|\
        项目经历|项目经验|项目|主要项目|项目背景|个人项目|开源项目|科研项目|项目实践|项目成果|代表项目|重点项目|参与项目|项目案例|作品|作品集|项目作品|代表性项目|项目介绍|工程项目",
    ),
    (
        Kind::Certificates,
        "certificates|certifications|certification|licenses|licences|licenses & certifications|licenses and certifications|certificates and licenses|professional certifications|certifications and training|training|trainings|professional development|professional training|certifications & training|training & certifications|courses & certifications|courses and certifications|credentials|licensure|accreditations|professional qualifications|certifications and licenses|certifications & licenses|training and certifications|\
        证书|资格证书|职业证书|专业证书|资质证书|证书资质|所获证书|获得证书|培训经历|培训|培训情况|职业资格|资格认证|认证|认证证书|执业资格|专业资格|技能认证|培训经验|证书情况|持有证书|资质认证|职业资格证书",
    ),
    (
        Kind::Languages,
        "languages|language|language skills|language proficiency|foreign languages|languages spoken|spoken languages|language competence|语言能力|语言|外语水平|语言技能|外语能力|语言水平|外语|掌握语言|语言掌握",
    ),
    (
        Kind::Awards,
        "awards|honors|honours|awards & honors|awards and honors|honors & awards|honors and awards|honours and awards|awards & honours|achievements|accomplishments|awards and achievements|awards & achievements|key achievements|scholarships|fellowships|grants|awards and scholarships|scholarships and awards|recognition|awards & recognition|awards and recognition|prizes|selected honors|selected awards|distinctions|honors awards|fellowships and awards|grants and awards|academic honors|academic achievements|\
        荣誉奖项|获奖情况|奖项荣誉|荣誉|奖项|获奖经历|所获荣誉|荣誉证书|荣誉奖励|获奖荣誉|奖励情况|奖惩情况|所获奖项|获奖|奖学金|荣誉与奖项|奖项与荣誉|奖励|获奖及荣誉|荣誉与奖励|竞赛经历|竞赛获奖|获奖与荣誉|证书与荣誉|荣誉及证书|主要荣誉|个人荣誉|获奖证书|奖励荣誉",
    ),
    (
        Kind::Publications,
        "publications|selected publications|papers|publications & papers|research publications|journal articles|journal publications|conference papers|conference publications|articles|books|writing|publications and presentations|publications and talks|published work|scholarly publications|peer reviewed publications|refereed publications|\
        论文|发表论文|学术论文|论文发表|学术成果|出版物|科研成果|发表文章|论文著作|学术著作|论文与专利|论文专利|研究成果|著作|学术发表|代表论文|发表著作",
    ),
    (
        Kind::Volunteer,
        "volunteer|volunteering|volunteer experience|volunteer work|voluntary work|community|community service|community involvement|extracurricular activities|extracurriculars|extra curricular activities|activities|leadership|leadership and activities|leadership & activities|social engagement|civic engagement|campus activities|student activities|activities and leadership|service|public service|outreach|leadership and service|volunteering and community|community work|\
        志愿者经历|志愿经历|志愿服务|志愿活动|社会实践|校园经历|校园活动|社团经历|社团活动|学生工作|在校经历|社会活动|公益活动|校内经历|学生干部经历|课外活动|组织经历|校园实践|公益经历|社会实践经历|在校情况|学生活动|在校实践|志愿工作",
    ),
    (
        Kind::Interests,
        "interests|hobbies|hobbies & interests|hobbies and interests|interests and hobbies|interests & hobbies|personal interests|other interests|passions|hobbies interests|outside work|when not working|兴趣爱好|兴趣|爱好|个人爱好|爱好特长|业余爱好|兴趣特长|特长爱好|个人兴趣",
    ),
    (Kind::References, "references|referees|recommendations|testimonials|reference|推荐人|证明人|推荐信|推荐"),
    (
        Kind::Courses,
        "coursework|relevant coursework|courses|relevant courses|selected coursework|graduate coursework|主修课程|课程|相关课程|核心课程|专业课程|主要课程|所学课程",
    ),
    (
        Kind::Other,
        "patents|invited talks|talks|presentations|conferences|memberships|professional memberships|affiliations|professional affiliations|additional information|miscellaneous|other|others|other information|additional|further information|declaration|appendix|notes|attachments|availability|family|family members|salary|teaching|service to the profession|professional service|patents and inventions|media|press|skills matrix|strength finder|professional activities|\
        专利|发明专利|其他|其他信息|附加信息|补充信息|备注|其它|家庭成员|家庭情况|主要家庭成员|家庭成员及社会关系|社会关系|附件|期望薪资|学术会议|学术活动|社会职务|社会兼职|声明|其他说明|附加说明|联系人|薪资要求",
    ),
];

static LOOKUP: LazyLock<HashMap<String, Kind>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for (kind, names) in NAMES {
        for name in names.split('|') {
            map.entry(key(name)).or_insert(*kind);
        }
    }
    map
});

/// The bare name in a heading line: no number, sign, bracket or colon around it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let text = text
        .strip_prefix(|c: char| "一二三四五六七八九十".contains(c))
        .filter(|rest| rest.starts_with(['、', '.', '．', ' ']))
        .unwrap_or(text);
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// The kind of a heading that says exactly a known name, in one language or two.
pub fn exact(text: &str) -> Option<Kind> {
    let count = text.chars().count();
    if count == 0 || count > 60 || text.chars().any(|c| matches!(c, '。' | '；')) {
        return None;
    }
    let name = bare(text);
    let whole = key(name);
    if whole.is_empty() {
        return None;
    }
    if let Some(kind) = LOOKUP.get(&whole) {
        return Some(*kind);
    }
    let without_my = whole.strip_prefix("my").and_then(|rest| LOOKUP.get(rest));
    if let Some(kind) = without_my {
        return Some(*kind);
    }
    // `教育背景 Education`, `EDUCATION / 教育背景`, `Work Experience（工作经历）`
    let zh: String = name.chars().filter(|c| is_cjk(*c)).collect();
    let en: String = name.chars().filter(|c| !is_cjk(*c)).collect();
    if !zh.is_empty() && !key(&en).is_empty() {
        return LOOKUP.get(&key(&zh)).copied().filter(|_| en.split_whitespace().count() <= 5 && !en.chars().any(|c| c.is_ascii_digit()));
    }
    // `Skills & Interests`, `Education and Certifications`, `获奖情况及证书`: the first name decides.
    let lower = name.to_lowercase();
    for joint in [" & ", " and ", " / ", "/", " | ", ", ", "与", "和", "及", "、"] {
        let mut parts = lower.split(joint);
        if let (Some(first), Some(second)) = (parts.next(), parts.next())
            && let Some(kind) = LOOKUP.get(&key(first))
            && parts.count() <= 1
            && (LOOKUP.contains_key(&key(second)) || second.split_whitespace().count() <= 2 && key(second).chars().count() <= 16)
        {
            return Some(*kind);
        }
    }
    None
}

/// The kind of a line that looks like a heading, by the words in it.
pub fn likely(text: &str) -> Option<Kind> {
    let name = bare(text);
    let lower = name.to_lowercase();
    if name.chars().count() > 48 || lower.split_whitespace().count() > 6 {
        return None;
    }
    let words: &[(Kind, &[&str])] = &[
        (Kind::Volunteer, &["volunteer", "extracurricular", "志愿", "社团", "校园", "社会实践"]),
        (Kind::Projects, &["projects", "project experience", "项目"]),
        (Kind::Publications, &["publication", "papers", "论文"]),
        (Kind::Work, &["experience", "employment", "work history", "internship", "工作经", "实习", "任职", "从业"]),
        (Kind::Education, &["education", "academic background", "教育", "学历", "求学"]),
        (Kind::Certificates, &["certification", "certificates", "licens", "证书", "培训", "资格"]),
        (Kind::Skills, &["skills", "technologies", "competenc", "expertise", "proficienc", "技能", "技术栈", "特长"]),
        (Kind::Languages, &["languages", "语言"]),
        (Kind::Awards, &["awards", "honors", "honours", "achievements", "荣誉", "获奖", "奖项"]),
        (Kind::Interests, &["interests", "hobbies", "爱好", "兴趣"]),
        (Kind::Summary, &["summary", "about me", "profile", "自我", "简介", "个人优势"]),
        (Kind::Objective, &["objective", "求职", "意向"]),
        (Kind::References, &["references", "referees", "推荐人"]),
        (Kind::Basics, &["contact", "personal details", "personal information", "个人信息", "联系方式"]),
    ];
    words.iter().find(|(_, keys)| keys.iter().any(|word| lower.contains(word))).map(|(kind, _)| *kind)
}

/// Whether a text ends as the names of sections do.
pub fn sounds_like_one(text: &str) -> bool {
    const ENDS: &str = "experience|experiences|education|skills|history|background|qualifications|projects|certifications|certificates|awards|honors|honours|interests|activities|summary|profile|languages|publications|references|training|achievements|competencies|expertise|proficiency|volunteering|coursework|strengths";
    let name = bare(text).to_lowercase();
    if name.chars().any(is_cjk) {
        return name.chars().count() <= 10
            && [
                "技能", "经历", "经验", "背景", "情况", "能力", "水平", "证书", "评价", "简介", "荣誉", "奖项", "爱好", "信息", "意向",
                "特长", "优势", "履历", "成果", "奖励",
            ]
            .iter()
            .any(|end| name.ends_with(end));
    }
    name.split_whitespace().count() <= 5 && name.split_whitespace().last().is_some_and(|word| ENDS.split('|').any(|end| end == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names() {
        for (text, kind) in [
            ("E X P E R I E N C E", Kind::Work),
            ("二、教育背景", Kind::Education),
            ("教育经历 / Education", Kind::Education),
            ("WORK EXPERIENCE 工作经历", Kind::Work),
            ("【专业技能】", Kind::Skills),
            ("Skills & Interests", Kind::Skills),
            ("// About me", Kind::Summary),
            ("3. Honors and Awards:", Kind::Awards),
            ("荣誉与证书", Kind::Awards),
        ] {
            assert_eq!(exact(text), Some(kind), "{text}");
        }
        for text in ["Experience with Rust in production", "Jane Roe", "Education Officer", "2019"] {
            assert_eq!(exact(text), None, "{text}");
        }
        assert_eq!(likely("Selected Professional Experience"), Some(Kind::Work));
    }
}
