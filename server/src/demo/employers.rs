//! Sixty invented companies.

use super::names::CITIES;
use super::random::Random;
use looma_skill::taxonomy::Lang;
use looma_types::company::{Address, CompanyDraft};

/// A company: its record, the language it works in, where it sits, and the trades it has work for.
pub struct Employer {
    pub draft: CompanyDraft,
    pub lang: Lang,
    pub city: usize,
    /// Indices into `trades::TRADES`.
    pub trades: &'static [usize],
}

/// Industry: in English, in Chinese, what such a company does in both, its trades.
type Industry = (&'static str, &'static str, &'static str, &'static str, &'static [usize]);

const INDUSTRIES: [Industry; 10] = [
    ("Software", "软件", "builds cloud software for mid-sized firms", "为中型企业提供云软件", &[0, 1, 2, 5, 6, 8, 10]),
    ("Artificial intelligence", "人工智能", "applies machine learning to industry", "把机器学习用于各行各业", &[2, 0, 1, 5, 10]),
    ("Semiconductors", "半导体", "designs chips and boards for devices at the edge", "设计面向边缘设备的芯片与板卡", &[3, 4, 0, 12]),
    ("Manufacturing", "制造", "makes precision parts and production lines", "生产精密零部件与自动化产线", &[4, 3, 12, 8, 9]),
    ("Finance", "金融", "runs payments and investment services", "提供支付与投资服务", &[9, 0, 2, 11, 8]),
    ("E-commerce", "电商", "sells household goods online", "在线销售生活用品", &[7, 0, 1, 5, 6, 12]),
    ("Healthcare", "医疗健康", "runs clinics and makes medical devices", "运营诊所并研制医疗器械", &[13, 3, 2, 10]),
    ("Education", "教育", "teaches adults online and on site", "提供线上与线下成人教育", &[14, 6, 7, 10]),
    ("Consulting", "咨询", "advises companies on people, law and growth", "为企业提供人才、法律与增长咨询", &[10, 11, 9, 8]),
    ("Energy", "新能源", "stores solar and wind power", "从事光伏与风电储能", &[3, 4, 12, 9]),
];

const ENGLISH: [&str; 30] = [
    "Northlight Systems",
    "Alderway Cloud",
    "Quillstone Software",
    "Brightloom Intelligence",
    "Fernhill Vision",
    "Cobaltine Devices",
    "Tessellate Silicon",
    "Harrowgate Precision",
    "Millbrook Automation",
    "Ostermann Werke",
    "Castellan Payments",
    "Larchmont Capital",
    "Pennywhistle Bank",
    "Basket & Bloom",
    "Merrow Market",
    "Hearthside Goods",
    "Wellspring Clinics",
    "Auricle Medical",
    "Sandpiper Health",
    "Lanternway Learning",
    "Open Gate Academy",
    "Foxglove Partners",
    "Meridian & Hale",
    "Stonebridge Advisory",
    "Tidewell Energy",
    "Sunmeadow Power",
    "Driftwood Analytics",
    "Parallel Harbour",
    "Kestrel Data",
    "Juniper Row Studio",
];
const ENGLISH_INDUSTRIES: [usize; 30] = [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 8, 8, 8, 9, 9, 1, 0, 1, 0];
const CHINESE: [&str; 30] = [
    "启明云科技",
    "织云软件",
    "墨白信息",
    "深岚智能",
    "观澜视觉",
    "芯禾半导体",
    "砺石微电子",
    "恒拓精密",
    "远航自动化",
    "锐成机械",
    "汇川通支付",
    "松柏资本",
    "安禾金服",
    "青橙优选",
    "花间集市",
    "小满生活",
    "康宁堂诊所",
    "仁心医疗器械",
    "安禾健康",
    "知行学堂",
    "破晓教育",
    "伯乐咨询",
    "衡正法务咨询",
    "远见战略",
    "旭日储能",
    "风行新能源",
    "数海分析",
    "鲸落数据",
    "星野互动",
    "千帆科技",
];
const CHINESE_INDUSTRIES: [usize; 30] = [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 8, 8, 8, 9, 9, 1, 1, 0, 0];
const SIZES: [&str; 6] = ["11-50", "51-200", "201-500", "501-1000", "1001-5000", "5001-10000"];

pub fn all(random: &mut Random) -> Vec<Employer> {
    let chinese = CHINESE.iter().zip(CHINESE_INDUSTRIES).map(|(name, industry)| (Lang::Zh, *name, industry));
    let english = ENGLISH.iter().zip(ENGLISH_INDUSTRIES).map(|(name, industry)| (Lang::En, *name, industry));
    chinese.chain(english).enumerate().map(|(at, (lang, name, industry))| employer(at, lang, name, &INDUSTRIES[industry], random)).collect()
}

fn employer(at: usize, lang: Lang, name: &str, industry: &Industry, random: &mut Random) -> Employer {
    let city = match lang {
        Lang::Zh => random.below(super::names::CHINESE_CITIES),
        Lang::En => super::names::CHINESE_CITIES + random.below(CITIES.len() - super::names::CHINESE_CITIES),
    };
    let place = CITIES[city].label(lang);
    let founded = random.between(1998, 2021);
    let (legal, label, description) = match lang {
        Lang::Zh => {
            (format!("{name}（{place}）有限公司"), industry.1, format!("{name}成立于{founded}年，总部位于{place}，{}。", industry.3))
        }
        Lang::En => {
            (format!("{name} Ltd."), industry.0, format!("{name} {}. Founded in {founded}, it has its main office in {place}.", industry.2))
        }
    };
    let draft = CompanyDraft {
        legal_name: Some(legal),
        industry: Some(label.to_owned()),
        size: Some((*random.pick(&SIZES)).to_owned()),
        website: Some(format!("https://company-{:02}.example.com", at + 1)),
        addresses: vec![Address { city: Some(place.to_owned()), country: Some(CITIES[city].country.to_owned()), ..Address::default() }],
        description: Some(description),
        ..CompanyDraft::named(name)
    };
    Employer { draft, lang, city, trades: industry.4 }
}
