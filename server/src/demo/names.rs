//! Names, places and schools. People, companies and schools are invented; numbers and e-mail domains are ones that nobody has.

use super::random::Random;
use looma_skill::taxonomy::Lang;

pub struct City {
    pub en: &'static str,
    pub zh: &'static str,
    pub country: &'static str,
}

const fn city(en: &'static str, zh: &'static str, country: &'static str) -> City {
    City { en, zh, country }
}

/// The first eight are in China.
pub const CITIES: [City; 16] = [
    city("Shanghai", "上海", "CN"),
    city("Beijing", "北京", "CN"),
    city("Shenzhen", "深圳", "CN"),
    city("Hangzhou", "杭州", "CN"),
    city("Chengdu", "成都", "CN"),
    city("Guangzhou", "广州", "CN"),
    city("Suzhou", "苏州", "CN"),
    city("Wuhan", "武汉", "CN"),
    city("Singapore", "新加坡", "SG"),
    city("London", "伦敦", "GB"),
    city("Berlin", "柏林", "DE"),
    city("Munich", "慕尼黑", "DE"),
    city("Amsterdam", "阿姆斯特丹", "NL"),
    city("Toronto", "多伦多", "CA"),
    city("San Francisco", "旧金山", "US"),
    city("New York", "纽约", "US"),
];
pub const CHINESE_CITIES: usize = 8;

impl City {
    pub fn label(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }
}

/// Invented schools, in English and Chinese.
pub const SCHOOLS: [(&str, &str); 16] = [
    ("Eastlake University", "东湖理工大学"),
    ("Jinshan University", "金山大学"),
    ("Linjiang Institute of Technology", "临江工业大学"),
    ("Mingyuan Normal University", "明远师范大学"),
    ("Haining University of Finance", "海宁财经大学"),
    ("Qingxi Medical University", "清溪医科大学"),
    ("Southern Harbour University", "南港大学"),
    ("Baiyun College of Arts", "白云艺术学院"),
    ("Northmoor University", "北沼大学"),
    ("University of Ashford Vale", "阿什福德谷大学"),
    ("Rivermouth Institute of Technology", "河口理工学院"),
    ("Lindenfeld Technical University", "林登菲尔德工业大学"),
    ("St Alder College", "圣奥尔德学院"),
    ("Redwood Coast University", "红杉海岸大学"),
    ("Harbour Point Business School", "港角商学院"),
    ("Greenfell University", "格林费尔大学"),
];

const SURNAMES: [(&str, &str); 36] = [
    ("王", "Wang"),
    ("李", "Li"),
    ("张", "Zhang"),
    ("刘", "Liu"),
    ("陈", "Chen"),
    ("杨", "Yang"),
    ("赵", "Zhao"),
    ("黄", "Huang"),
    ("周", "Zhou"),
    ("吴", "Wu"),
    ("徐", "Xu"),
    ("孙", "Sun"),
    ("胡", "Hu"),
    ("朱", "Zhu"),
    ("高", "Gao"),
    ("林", "Lin"),
    ("何", "He"),
    ("郭", "Guo"),
    ("马", "Ma"),
    ("罗", "Luo"),
    ("梁", "Liang"),
    ("宋", "Song"),
    ("郑", "Zheng"),
    ("谢", "Xie"),
    ("韩", "Han"),
    ("唐", "Tang"),
    ("冯", "Feng"),
    ("于", "Yu"),
    ("董", "Dong"),
    ("萧", "Xiao"),
    ("程", "Cheng"),
    ("曹", "Cao"),
    ("袁", "Yuan"),
    ("邓", "Deng"),
    ("许", "Xu"),
    ("沈", "Shen"),
];
const GIVEN: [(&str, &str); 48] = [
    ("伟", "Wei"),
    ("静", "Jing"),
    ("敏", "Min"),
    ("磊", "Lei"),
    ("洋", "Yang"),
    ("艳", "Yan"),
    ("勇", "Yong"),
    ("娟", "Juan"),
    ("涛", "Tao"),
    ("超", "Chao"),
    ("霞", "Xia"),
    ("平", "Ping"),
    ("子涵", "Zihan"),
    ("雨桐", "Yutong"),
    ("浩然", "Haoran"),
    ("思远", "Siyuan"),
    ("佳怡", "Jiayi"),
    ("嘉豪", "Jiahao"),
    ("欣悦", "Xinyue"),
    ("俊杰", "Junjie"),
    ("梦琪", "Mengqi"),
    ("志强", "Zhiqiang"),
    ("晓明", "Xiaoming"),
    ("文博", "Wenbo"),
    ("若曦", "Ruoxi"),
    ("天宇", "Tianyu"),
    ("诗涵", "Shihan"),
    ("建国", "Jianguo"),
    ("丽华", "Lihua"),
    ("海燕", "Haiyan"),
    ("明哲", "Mingzhe"),
    ("雅婷", "Yating"),
    ("鹏飞", "Pengfei"),
    ("婉清", "Wanqing"),
    ("睿", "Rui"),
    ("宁", "Ning"),
    ("凯", "Kai"),
    ("琳", "Lin"),
    ("可欣", "Kexin"),
    ("一凡", "Yifan"),
    ("书瑶", "Shuyao"),
    ("泽宇", "Zeyu"),
    ("慧敏", "Huimin"),
    ("国栋", "Guodong"),
    ("晨曦", "Chenxi"),
    ("子墨", "Zimo"),
    ("心怡", "Xinyi"),
    ("博文", "Bowen"),
];
const FIRST: [&str; 48] = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elena",
    "Felix",
    "Grace",
    "Henry",
    "Isabel",
    "Jonas",
    "Katherine",
    "Liam",
    "Maria",
    "Noah",
    "Olivia",
    "Peter",
    "Quentin",
    "Rachel",
    "Samuel",
    "Tara",
    "Ursula",
    "Victor",
    "Wendy",
    "Xavier",
    "Yasmin",
    "Zoe",
    "Amir",
    "Beatrice",
    "Carlos",
    "Divya",
    "Erik",
    "Fatima",
    "George",
    "Hannah",
    "Ivan",
    "Julia",
    "Kenji",
    "Laura",
    "Marcus",
    "Nadia",
    "Oscar",
    "Priya",
    "Robert",
    "Sofia",
    "Thomas",
    "Uma",
    "Viola",
    "William",
];
const LAST: [&str; 48] = [
    "Adler",
    "Bennett",
    "Carver",
    "Dawson",
    "Ellison",
    "Fischer",
    "Garcia",
    "Hartmann",
    "Ibrahim",
    "Jensen",
    "Keller",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Patel",
    "Quinn",
    "Rossi",
    "Schneider",
    "Torres",
    "Ueda",
    "Vogel",
    "Walsh",
    "Xenakis",
    "Young",
    "Zimmermann",
    "Ahmed",
    "Brooks",
    "Costa",
    "Dubois",
    "Evans",
    "Fraser",
    "Greene",
    "Hughes",
    "Iyer",
    "Jansen",
    "Kowalski",
    "Larsen",
    "Mendes",
    "Novak",
    "Osborne",
    "Petrov",
    "Reyes",
    "Singh",
    "Thorne",
    "Varga",
    "Weber",
    "Castillo",
];
/// Domains kept for examples (RFC 2606).
const DOMAINS: [&str; 3] = ["example.com", "example.org", "example.net"];

pub struct Name {
    pub shown: String,
    /// The same name in Latin letters, for Chinese names.
    pub latin: Option<String>,
}

pub fn name(lang: Lang, random: &mut Random) -> Name {
    match lang {
        Lang::Zh => {
            let (surname, given) = (random.pick(&SURNAMES), random.pick(&GIVEN));
            Name { shown: format!("{}{}", surname.0, given.0), latin: Some(format!("{} {}", given.1, surname.1)) }
        }
        Lang::En => Name { shown: format!("{} {}", random.pick(&FIRST), random.pick(&LAST)), latin: None },
    }
}

/// An address at a domain kept for examples; `number` makes it the only one.
pub fn email(name: &Name, number: usize) -> String {
    let local = name.latin.as_ref().unwrap_or(&name.shown).to_lowercase().replace(' ', ".");
    format!("{local}.{number:03}@{}", DOMAINS[number % DOMAINS.len()])
}

/// A number kept for fiction (555-01xx in North America, Ofcom's 7700 900xxx in Britain), or with a Chinese prefix that is
/// given to nobody.
pub fn phone(country: &str, number: usize) -> String {
    match country {
        "CN" => format!("+86 100 0000 {number:04}"),
        "US" | "CA" => format!("+1 {} 555 01{:02}", 212 + number / 100, number % 100),
        _ => format!("+44 7700 900{:03}", number % 1000),
    }
}
