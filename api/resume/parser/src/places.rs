//! Places, known by their form or by name.

use std::sync::LazyLock;

use regex::Regex;

use crate::normalise::is_cjk;

const US_STATES: &str = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC ON BC QC AB NS MB SK NB NSW VIC QLD WA";

/// English country names with ISO 3166-1 alpha-2 codes, as resumes write them.
const COUNTRIES: &[(&str, &str)] = &[
    ("usa", "US"),
    ("u.s.a.", "US"),
    ("us", "US"),
    ("u.s.", "US"),
    ("united states", "US"),
    ("uk", "GB"),
    ("u.k.", "GB"),
    ("united kingdom", "GB"),
    ("england", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("ireland", "IE"),
    ("germany", "DE"),
    ("deutschland", "DE"),
    ("france", "FR"),
    ("spain", "ES"),
    ("portugal", "PT"),
    ("italy", "IT"),
    ("netherlands", "NL"),
    ("the netherlands", "NL"),
    ("belgium", "BE"),
    ("switzerland", "CH"),
    ("austria", "AT"),
    ("sweden", "SE"),
    ("norway", "NO"),
    ("denmark", "DK"),
    ("finland", "FI"),
    ("poland", "PL"),
    ("czech republic", "CZ"),
    ("czechia", "CZ"),
    ("hungary", "HU"),
    ("romania", "RO"),
    ("bulgaria", "BG"),
    ("greece", "GR"),
    ("turkey", "TR"),
    ("türkiye", "TR"),
    ("ukraine", "UA"),
    ("russia", "RU"),
    ("estonia", "EE"),
    ("latvia", "LV"),
    ("lithuania", "LT"),
    ("croatia", "HR"),
    ("serbia", "RS"),
    ("slovenia", "SI"),
    ("slovakia", "SK"),
    ("canada", "CA"),
    ("mexico", "MX"),
    ("brazil", "BR"),
    ("argentina", "AR"),
    ("chile", "CL"),
    ("colombia", "CO"),
    ("peru", "PE"),
    ("india", "IN"),
    ("pakistan", "PK"),
    ("bangladesh", "BD"),
    ("sri lanka", "LK"),
    ("nepal", "NP"),
    ("china", "CN"),
    ("p.r. china", "CN"),
    ("pr china", "CN"),
    ("hong kong", "HK"),
    ("taiwan", "TW"),
    ("japan", "JP"),
    ("south korea", "KR"),
    ("korea", "KR"),
    ("singapore", "SG"),
    ("malaysia", "MY"),
    ("thailand", "TH"),
    ("vietnam", "VN"),
    ("indonesia", "ID"),
    ("philippines", "PH"),
    ("australia", "AU"),
    ("new zealand", "NZ"),
    ("south africa", "ZA"),
    ("nigeria", "NG"),
    ("kenya", "KE"),
    ("ghana", "GH"),
    ("egypt", "EG"),
    ("morocco", "MA"),
    ("israel", "IL"),
    ("uae", "AE"),
    ("united arab emirates", "AE"),
    ("saudi arabia", "SA"),
    ("qatar", "QA"),
    ("iran", "IR"),
    ("lebanon", "LB"),
    ("jordan", "JO"),
];

const CITIES: &str = "beirut|damascus|baghdad|tehran|kuwait city|muscat|manama|amman|jerusalem|haifa|tunis|algiers|rabat|dakar|abuja|kampala|dar es salaam|addis ababa|kigali|lusaka|harare|durban|pretoria|naples|turin|florence|bologna|venice|genoa|palermo|valencia|seville|málaga|granada|bilbao|zaragoza|braga|coimbra|marseille|toulouse|bordeaux|lille|nantes|strasbourg|grenoble|leipzig|dresden|düsseldorf|dusseldorf|hanover|hannover|bremen|nuremberg|bonn|dortmund|karlsruhe|mannheim|freiburg|heidelberg|graz|linz|salzburg|innsbruck|basel|bern|lausanne|lugano|antwerp|ghent|leuven|the hague|den haag|delft|groningen|maastricht|luxembourg|aarhus|odense|malmö|uppsala|lund|bergen|trondheim|stavanger|tampere|turku|espoo|reykjavik|gdańsk|gdansk|wrocław|wroclaw|poznań|poznan|łódź|lodz|brno|ostrava|bratislava|ljubljana|zagreb|belgrade|sarajevo|skopje|tirana|thessaloniki|izmir|bursa|nicosia|valletta|odesa|odessa|lviv|kharkiv|minsk|st. petersburg|saint petersburg|tbilisi|yerevan|baku|almaty|astana|tashkent|islamabad|colombo|kathmandu|ahmedabad|jaipur|noida|gurgaon|gurugram|kochi|coimbatore|indore|chandigarh|lucknow|yangon|phnom penh|penang|johor bahru|cebu|surabaya|bandung|da nang|nagoya|yokohama|fukuoka|sapporo|kobe|daejeon|incheon|kaohsiung|hong kong|macau|zhengzhou|jinan|shenyang|harbin|changchun|fuzhou|hefei|nanchang|kunming|guiyang|nanning|taiyuan|lanzhou|wuxi|ningbo|dongguan|foshan|zhuhai|adelaide|canberra|hobart|gold coast|christchurch|hamilton|québec|quebec city|winnipeg|edmonton|halifax|waterloo|mississauga|guadalajara|monterrey|medellín|medellin|quito|caracas|montevideo|brasília|porto alegre|belo horizonte|curitiba|recife|minneapolis|detroit|cleveland|columbus|cincinnati|pittsburgh|baltimore|charlotte|raleigh|durham|nashville|memphis|miami|tampa|orlando|jacksonville|new orleans|st. louis|kansas city|omaha|milwaukee|madison|indianapolis|louisville|salt lake city|las vegas|phoenix|tucson|albuquerque|el paso|san antonio|fort worth|oakland|berkeley|sacramento|fresno|santa monica|irvine|sunnyvale|cupertino|menlo park|redmond|bellevue|boise|honolulu|anchorage|buffalo|rochester|providence|hartford|new haven|princeton|cambridge|ann arbor|liverpool|sheffield|nottingham|newcastle|cardiff|swansea|belfast|aberdeen|dundee|brighton|southampton|portsmouth|york|bath|exeter|leicester|coventry|norwich|plymouth|cork|galway|limerick|new york|new york city|san francisco|los angeles|seattle|boston|chicago|austin|denver|atlanta|dallas|houston|portland|philadelphia|washington|san diego|san jose|palo alto|mountain view|london|manchester|edinburgh|glasgow|bristol|cambridge|oxford|leeds|birmingham|dublin|berlin|munich|münchen|hamburg|frankfurt|cologne|stuttgart|paris|lyon|madrid|barcelona|lisbon|porto|rome|milan|amsterdam|rotterdam|utrecht|eindhoven|brussels|zurich|zürich|geneva|vienna|stockholm|gothenburg|oslo|copenhagen|helsinki|warsaw|krakow|kraków|prague|budapest|bucharest|sofia|athens|istanbul|ankara|kyiv|moscow|tallinn|riga|vilnius|toronto|vancouver|montreal|ottawa|calgary|mexico city|são paulo|sao paulo|rio de janeiro|buenos aires|santiago|bogotá|lima|bangalore|bengaluru|mumbai|delhi|new delhi|hyderabad|chennai|pune|kolkata|karachi|lahore|dhaka|beijing|shanghai|shenzhen|guangzhou|hangzhou|nanjing|chengdu|wuhan|xi'an|suzhou|tianjin|chongqing|xiamen|qingdao|dalian|changsha|taipei|tokyo|osaka|kyoto|seoul|busan|kuala lumpur|bangkok|hanoi|ho chi minh city|jakarta|manila|sydney|melbourne|brisbane|perth|auckland|wellington|cape town|johannesburg|lagos|nairobi|accra|cairo|casablanca|tel aviv|dubai|abu dhabi|doha|riyadh|remote|hybrid";

const ZH_PLACES: &str = "北京|上海|天津|重庆|广州|深圳|杭州|南京|苏州|成都|武汉|西安|长沙|郑州|青岛|济南|大连|沈阳|哈尔滨|长春|厦门|福州|合肥|南昌|昆明|贵阳|南宁|海口|三亚|太原|石家庄|兰州|西宁|银川|呼和浩特|乌鲁木齐|拉萨|宁波|温州|无锡|常州|南通|徐州|扬州|佛山|东莞|珠海|中山|惠州|烟台|潍坊|洛阳|宜昌|绵阳|桂林|泉州|嘉兴|绍兴|金华|台州|香港|澳门|台北|高雄|台湾|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆|新加坡|东京|伦敦|纽约|远程";

static CITY_STATE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\p{Lu}][\p{L}.'’ \-]{1,30},\s*([A-Z]{2,3})(?:\s+\d{5}(?:-\d{4})?)?(?:,\s*(?:USA|US|Canada))?$").ok());

/// ISO country code of an English or Chinese country name.
pub fn country_code(name: &str) -> Option<&'static str> {
    let lower = name.trim().to_lowercase();
    if let Some((_, code)) = COUNTRIES.iter().find(|(country, _)| *country == lower) {
        return Some(code);
    }
    match name.trim() {
        "中国" => Some("CN"),
        "美国" => Some("US"),
        "英国" => Some("GB"),
        "新加坡" => Some("SG"),
        "日本" => Some("JP"),
        "德国" => Some("DE"),
        "法国" => Some("FR"),
        "加拿大" => Some("CA"),
        "澳大利亚" => Some("AU"),
        _ => None,
    }
}

pub fn is_state(code: &str) -> bool {
    US_STATES.split(' ').any(|state| state == code)
}

fn known_city(lower: &str) -> bool {
    CITIES.split('|').any(|city| city == lower)
}

/// Starts with the name of a Chinese city or province.
pub fn zh_place(text: &str) -> bool {
    let text = text.trim_start_matches("中国").trim_start_matches(['·', ' ', '-']);
    ZH_PLACES.split('|').any(|place| text.starts_with(place))
}

/// Whether a short text is nothing but a place.
pub fn is_place(text: &str) -> bool {
    let text = text.trim().trim_matches(|c: char| "()（）[]".contains(c)).trim();
    let count = text.chars().count();
    if !(2..=48).contains(&count) || text.chars().filter(char::is_ascii_digit).count() > 6 {
        return false;
    }
    if text.chars().any(is_cjk) {
        let rest = text.trim_start_matches("中国").trim_start_matches(['·', ' ', '-', '，', ',']);
        let bare = rest.trim_end_matches(['省', '市', '区', '县']);
        let exactly = |s: &str| ZH_PLACES.split('|').any(|place| place == s);
        let after_province =
            ZH_PLACES.split('|').filter_map(|place| bare.strip_prefix(place)).any(|tail| exactly(tail.trim_start_matches('省')));
        if exactly(bare) || exactly(rest) || after_province {
            return true;
        }
        let parts: Vec<&str> = rest.split(['·', ' ', '-', '/', '，', ',', '省', '市']).filter(|p| !p.is_empty()).collect();
        return count <= 14
            && parts.first().is_some_and(|first| exactly(first))
            && parts.iter().all(|part| {
                part.ends_with(['区', '县', '镇', '州'])
                    || exactly(part)
                    || country_code(part).is_some()
                    || (part.chars().count() <= 4 && zh_place(part))
            });
    }
    if let Some(found) = CITY_STATE.as_ref().and_then(|pattern| pattern.captures(text)) {
        return found.get(1).is_some_and(|state| is_state(state.as_str()) || country_code(state.as_str()).is_some());
    }
    let lower = text.to_lowercase();
    if known_city(&lower) || country_code(text).is_some() {
        return true;
    }
    let parts: Vec<&str> = lower.split([',', '/', '·']).map(str::trim).filter(|p| !p.is_empty()).collect();
    let known = |part: &str| known_city(part) || country_code(part).is_some();
    parts.len() >= 2
        && parts.len() <= 4
        && parts.iter().all(|part| part.split_whitespace().count() <= 4)
        && (parts.last().is_some_and(|last| country_code(last).is_some())
            || parts.iter().all(|part| known(part))
            || (known_city(parts[0]) && parts.len() == 2))
        || (lower.starts_with("remote") && count <= 24)
        || parts.len() == 1 && lower.split(" (").next().is_some_and(known_city) && lower.ends_with(')')
}

/// A postal address: a number in front, a place at the end.
pub fn is_address(text: &str) -> bool {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    parts.len() >= 3
        && parts.len() <= 6
        && text.chars().count() <= 120
        && parts[0].chars().any(|c| c.is_ascii_digit())
        && parts[0].contains(' ')
        && is_place(&parts[parts.len() - 2..].join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_by_form_and_name() {
        for text in [
            "San Francisco, CA",
            "Berlin, Germany",
            "Remote",
            "上海",
            "上海市浦东新区",
            "London",
            "Boise, ID",
            "Kraków, Poland",
            "广东深圳",
        ] {
            assert!(is_place(text), "{text}");
        }
        for text in ["Princeton University", "Research Intern", "上海某某科技有限公司", "Rust, Go", "北京大学"] {
            assert!(!is_place(text), "{text}");
        }
    }
}
