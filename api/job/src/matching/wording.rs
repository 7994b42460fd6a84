//! Reasons in words, in both languages, and the names of roles and places in them.

use looma_skill::taxonomy::{Lang, Skill};

/// Roles as titles name them: the English word and the Chinese one.
pub(super) const ROLES: &[(&str, &str)] = &[
    ("engineer", "工程师"),
    ("developer", "开发"),
    ("manager", "经理"),
    ("researcher", "研究员"),
    ("designer", "设计师"),
    ("analyst", "分析师"),
    ("scientist", "科学家"),
    ("director", "总监"),
    ("consultant", "顾问"),
    ("assistant", "助理"),
    ("accountant", "会计"),
    ("nurse", "护士"),
    ("teacher", "教师"),
    ("intern", "实习"),
    ("senior", "高级"),
    ("junior", "初级"),
    ("lead", "负责人"),
    ("architect", "架构师"),
    ("specialist", "专员"),
    ("representative", "代表"),
    ("supervisor", "主管"),
    ("recruiter", "招聘"),
    ("lawyer", "律师"),
    ("editor", "编辑"),
    ("sales", "销售"),
    ("operations", "运营"),
    ("product", "产品"),
    ("marketing", "市场"),
    ("finance", "财务"),
    ("data", "数据"),
    ("algorithm", "算法"),
    ("backend", "后端"),
    ("frontend", "前端"),
    ("mechanical", "机械"),
    ("electrical", "电气"),
    ("doctor", "医生"),
];

const CITIES: &[(&str, &str)] = &[
    ("beijing", "北京"),
    ("shanghai", "上海"),
    ("guangzhou", "广州"),
    ("shenzhen", "深圳"),
    ("hangzhou", "杭州"),
    ("chengdu", "成都"),
    ("nanjing", "南京"),
    ("wuhan", "武汉"),
    ("xi'an", "西安"),
    ("suzhou", "苏州"),
    ("chongqing", "重庆"),
    ("tianjin", "天津"),
    ("qingdao", "青岛"),
    ("xiamen", "厦门"),
    ("changsha", "长沙"),
    ("ningbo", "宁波"),
    ("hong kong", "香港"),
    ("taipei", "台北"),
    ("singapore", "新加坡"),
    ("tokyo", "东京"),
    ("london", "伦敦"),
    ("berlin", "柏林"),
    ("paris", "巴黎"),
    ("new york", "纽约"),
    ("san francisco", "旧金山"),
    ("munich", "慕尼黑"),
    ("sydney", "悉尼"),
    ("toronto", "多伦多"),
    ("amsterdam", "阿姆斯特丹"),
    ("zurich", "苏黎世"),
];

/// The places a text names: its comma-separated parts, and known cities in English.
pub(super) fn places(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut all: Vec<String> = CITIES
        .iter()
        .filter(|(english, chinese)| lower.contains(english) || lower.contains(chinese))
        .map(|(english, _)| (*english).to_owned())
        .collect();
    if all.is_empty() {
        all = lower
            .split([',', '，', '/', '、', ';', '·'])
            .map(|part| part.trim().trim_end_matches(['市', '省']).to_owned())
            .filter(|part| part.chars().count() > 1)
            .collect();
    }
    all
}

pub(super) fn shown(name: &str, instead: Option<&Skill>, lang: Lang) -> String {
    match (instead, lang) {
        (None, _) => name.to_owned(),
        (Some(skill), Lang::En) => format!("{name} (by {})", skill.name),
        (Some(skill), Lang::Zh) => format!("{name}（{}）", skill.name_zh),
    }
}

pub(super) fn near(name: &str, skill: &Skill, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{} is near {name}", skill.name),
        Lang::Zh => format!("{}与{name}相近", skill.name_zh),
    }
}

pub(super) fn skills(required: bool, asked: usize, shown: &[String], near: &[String], lang: Lang) -> String {
    let count = shown.len();
    let mut text = match (lang, required) {
        (Lang::En, true) => format!("Shows {count} of {asked} required skills"),
        (Lang::En, false) => format!("Shows {count} of {asked} preferred skills"),
        (Lang::Zh, true) => format!("具备{asked}项必备技能中的{count}项"),
        (Lang::Zh, false) => format!("具备{asked}项加分技能中的{count}项"),
    };
    let (colon, comma, semicolon) = marks(lang);
    if !shown.is_empty() {
        text = text + colon + &shown.join(comma);
    }
    if !near.is_empty() {
        text = text + semicolon + &near.join(comma);
    }
    text
}

fn marks(lang: Lang) -> (&'static str, &'static str, &'static str) {
    match lang {
        Lang::En => (": ", ", ", "; "),
        Lang::Zh => ("：", "、", "；"),
    }
}

pub(super) fn relevance(text: Option<u32>, vector: Option<u32>, lang: Lang) -> String {
    match (lang, text, vector) {
        (Lang::En, Some(text), Some(vector)) => format!("Number {text} by words and {vector} by meaning"),
        (Lang::En, Some(text), None) => format!("Number {text} by words"),
        (Lang::En, None, Some(vector)) => format!("Number {vector} by meaning"),
        (Lang::En, None, None) => "Not among the first by words or meaning".to_owned(),
        (Lang::Zh, Some(text), Some(vector)) => format!("关键词排名第{text}，语义排名第{vector}"),
        (Lang::Zh, Some(text), None) => format!("关键词排名第{text}"),
        (Lang::Zh, None, Some(vector)) => format!("语义排名第{vector}"),
        (Lang::Zh, None, None) => "关键词与语义排名均未靠前".to_owned(),
    }
}

pub(super) fn title(best: Option<&str>, lang: Lang) -> String {
    match (lang, best) {
        (Lang::En, Some(title)) => format!("Has worked as {}", title.trim()),
        (Lang::En, None) => "No similar title".to_owned(),
        (Lang::Zh, Some(title)) => format!("相近职位：{}", title.trim()),
        (Lang::Zh, None) => "没有相近职位".to_owned(),
    }
}

pub(super) fn experience(years: f64, asked: u32, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{years:.1} years of work where {asked} are asked for"),
        Lang::Zh => format!("工作{years:.1}年，要求{asked}年"),
    }
}

pub(super) fn recency(latest: Option<&str>, lang: Lang) -> String {
    match (lang, latest) {
        (Lang::En, Some(skill)) => format!("Used {skill} in a dated position"),
        (Lang::En, None) => "No dated position shows the skills".to_owned(),
        (Lang::Zh, Some(skill)) => format!("在工作经历中使用过{skill}"),
        (Lang::Zh, None) => "工作经历中未体现所需技能".to_owned(),
    }
}

pub(super) fn education(degree: Option<&str>, lang: Lang) -> String {
    match (lang, degree) {
        (Lang::En, Some(degree)) => format!("Degree: {}", degree.trim()),
        (Lang::En, None) => "No degree found".to_owned(),
        (Lang::Zh, Some(degree)) => format!("学历：{}", degree.trim()),
        (Lang::Zh, None) => "未找到学历信息".to_owned(),
    }
}

pub(super) fn location(here: bool, known: bool, lang: Lang) -> String {
    match (lang, here, known) {
        (Lang::En, true, _) => "Lives where the job is",
        (Lang::En, false, true) => "Lives elsewhere",
        (Lang::En, false, false) => "The resume does not say where",
        (Lang::Zh, true, _) => "与职位同城",
        (Lang::Zh, false, true) => "现居他处",
        (Lang::Zh, false, false) => "简历未写所在地",
    }
    .to_owned()
}

pub(super) fn language(names: &[&str], lang: Lang) -> String {
    match (lang, names.is_empty()) {
        (Lang::En, false) => format!("Speaks {}", names.join(", ")),
        (Lang::En, true) => "The languages asked for are not shown".to_owned(),
        (Lang::Zh, false) => format!("掌握{}", names.join("、")),
        (Lang::Zh, true) => "未体现所需语言".to_owned(),
    }
}
