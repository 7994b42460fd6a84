//! Finds the person's name: said by a label, written large at the top, or at least in the file's name.

use crate::block::Block;
use crate::contact;
use crate::headings;
use crate::normalise::{clean, collapse, is_cjk, key, unspace};
use crate::person::{Field, Pair, is_label};
use crate::places;
use crate::words;

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由";
const COMPOUND: &str = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|夏侯|端木|南宫|独孤|轩辕|长孙|宇文|司空|申屠|太史|百里|呼延|东郭|西门|澹台|闻人|濮阳|淳于|单于";

/// A name and where it was read.
#[derive(Debug)]
pub struct Found<'a> {
    pub name: String,
    pub quote: String,
    pub block: Option<&'a Block>,
    pub confidence: f32,
}

/// Two to four Chinese characters beginning with a surname.
pub fn chinese(text: &str) -> bool {
    let chars: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
    if chars.iter().any(|c| !is_cjk(*c) && *c != '·') || text.chars().filter(|c| *c == ' ').count() > 3 {
        return false;
    }
    let start: String = chars.iter().take(2).collect();
    let compound = COMPOUND.split('|').any(|name| name == start);
    match chars.len() {
        2 | 3 => compound || chars.first().is_some_and(|c| SURNAMES.contains(*c)),
        4 => compound,
        // 阿卜杜拉·买买提
        5..=15 => chars.contains(&'·'),
        _ => false,
    }
}

const NOT_NAMES: &str = "resume|résumé|cv|curriculum|vitae|profile|page|phone|email|address|portfolio|confidential|summary|experience|education|skills|contact|updated|references|website|github|linkedin|university|college|school|institute|street|avenue|road|inc|llc|ltd|the|and|of|for|with|in|at|to|my|about|welcome|hello|hi|dear|objective|january|february|march|april|may|june|july|august|september|october|november|december|languages|projects|certifications|awards";

/// Two to five words that begin with capitals and are no others we know.
pub fn latin(text: &str) -> bool {
    let text = text.trim();
    let bare = text.split(',').next().unwrap_or(text).trim();
    let words: Vec<&str> = bare.split_whitespace().collect();
    if !(2..=5).contains(&words.len()) || bare.chars().count() > 48 {
        return false;
    }
    let particles = [
        "de", "da", "do", "dos", "van", "von", "der", "den", "di", "del", "della", "la", "le", "el", "al", "bin", "bint", "ibn", "ben",
        "y", "e", "zu", "ter", "ten", "af", "av", "of", "dela",
    ];
    let mut capitals = 0;
    for word in &words {
        let lower = word.to_lowercase();
        let core = lower.trim_matches(|c: char| !c.is_alphanumeric());
        if NOT_NAMES.split('|').any(|other| other == core) && core != "may" && core != "of" {
            return false;
        }
        if word.chars().any(|c| !(c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’' | '(' | ')' | '"' | '“' | '”')))
            || word.chars().any(is_cjk)
        {
            return false;
        }
        if word.trim_start_matches(['(', '"', '“', '\'']).chars().next().is_some_and(char::is_uppercase) {
            capitals += 1;
        } else if !(particles.contains(&core) || core.contains('\'') || core.contains('-')) {
            return false;
        }
    }
    capitals >= 2 || (capitals == 1 && words.len() >= 2 && words.len() - capitals < 2)
}

/// How much a text is a name, 0 to 1, and the name in it.
fn judge(text: &str) -> Option<(String, f32)> {
    let mut text = unspace(&collapse(text.trim().trim_matches(|c: char| "|｜-–—:：*#·•,，".contains(c) || c.is_whitespace())));
    for word in [
        "个人简历",
        "求职简历",
        "的简历",
        "简历",
        "履历",
        "Curriculum Vitae",
        "CURRICULUM VITAE",
        "Resume of",
        "Résumé of",
        "CV of",
        "Resume",
        "RESUME",
        "Résumé",
        "RÉSUMÉ",
        "CV",
    ] {
        let stripped = text.strip_suffix(word).or_else(|| text.strip_prefix(word));
        if let Some(rest) = stripped
            && !rest.starts_with(|c: char| c.is_ascii_alphabetic())
            && !rest.ends_with(|c: char| c.is_ascii_alphabetic() && word.is_ascii() && text.ends_with(word) && !rest.ends_with(' '))
        {
            text = String::from(rest.trim().trim_matches(|c: char| "|｜-–—:：_ ".contains(c)));
        }
    }
    if text.is_empty()
        || text.chars().any(|c| c.is_ascii_digit() || matches!(c, '@' | '/' | '。'))
        || headings::exact(&text).is_some()
        || is_label(&text)
    {
        return None;
    }
    let wide: String = text.chars().filter(|c| is_cjk(*c) || *c == '·').collect();
    let narrow = collapse(&text.chars().map(|c| if is_cjk(c) || "()（）[]·".contains(c) { ' ' } else { c }).collect::<String>());
    if !wide.is_empty() {
        if narrow.is_empty() {
            if places::is_place(&wide) || words::position(&wide) > 2 {
                return None;
            }
            return chinese(&wide).then(|| (wide.clone(), 0.95)).or_else(|| {
                // An unusual surname.
                let count = wide.chars().count();
                ((2..=4).contains(&count) && words::position(&wide) == 0 && words::company(&wide) == 0).then(|| (wide.clone(), 0.35))
            });
        }
        // 张伟 (David Zhang)
        let both = chinese(&wide)
            && narrow.split_whitespace().count() <= 4
            && narrow.chars().all(|c| c.is_alphabetic() || " .-'’".contains(c))
            && words::position(&narrow) == 0
            && headings::exact(&narrow).is_none();
        if both {
            return Some((text, 0.93));
        }
        return None;
    }
    // Titles before the name and degrees after it stay outside of it.
    for _ in 0..3 {
        let (first, rest) = text.split_once(' ').unwrap_or((&text, ""));
        if matches!(
            first.trim_end_matches('.').to_lowercase().as_str(),
            "dr" | "prof" | "mr" | "mrs" | "ms" | "miss" | "ing" | "eng" | "sir" | "professor" | "dipl-ing" | "mag"
        ) && rest.split_whitespace().count() >= 2
        {
            text = String::from(rest);
        }
    }
    let bare = match text.split_once(',') {
        Some((name, titles)) if titles.split(',').all(|title| title.trim().len() <= 8 && title.chars().any(char::is_uppercase)) => {
            name.trim().to_owned()
        }
        Some(_) => return None,
        None => text.clone(),
    };
    if !latin(&bare) || places::is_place(&text) || words::school(&bare) > 0 {
        return None;
    }
    let penalty = 0.3 * (words::position(&bare).min(2) as f32) + 0.2 * (words::company(&bare).min(2) as f32);
    Some((tidy_case(&bare), (0.9 - penalty).max(0.1)))
}

/// `JANE ROE` was written so by a style; names are not.
fn tidy_case(name: &str) -> String {
    let shouting = name.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
    if !shouting {
        return name.to_owned();
    }
    name.split(' ')
        .map(|word| {
            let mut start = true;
            let mut out = String::new();
            for c in word.chars() {
                if start {
                    out.push(c);
                } else {
                    out.extend(c.to_lowercase());
                }
                start = matches!(c, '-' | '\'' | '’' | '.');
            }
            if out.starts_with("Mc") && out.len() > 4 {
                let rest: String = out.chars().skip(3).collect();
                let third: String = out.chars().skip(2).take(1).flat_map(char::to_uppercase).collect();
                out = format!("Mc{third}{rest}");
            }
            out
        })
        .collect::<Vec<_>>()
        .join(" ")
}

pub fn find<'a>(top: &'a [Block], all: &'a [Block], pairs: &[Pair], email: Option<&str>, file_name: &str) -> Option<Found<'a>> {
    for pair in pairs.iter().filter(|pair| pair.field == Field::Name) {
        let name = unspace(&pair.value);
        let judged = judge(&name).map(|(name, _)| name);
        let plain = name.chars().count() <= 40 && !name.chars().any(|c| c.is_ascii_digit());
        if let Some(name) = judged.or_else(|| plain.then_some(name)) {
            return Some(Found { name, quote: pair.value.clone(), block: top.get(pair.block), confidence: 0.98 });
        }
    }
    let biggest = all.iter().filter(|block| block.page <= 1).flat_map(|block| &block.cells).map(|cell| cell.size).fold(0.0, f32::max);
    let from_file = file_stem(file_name);
    let local = email.and_then(|email| email.split('@').next()).map(key).unwrap_or_default();
    let mut best: Option<(f32, Found<'a>)> = None;
    let mut consider = |name: String, like: f32, quote: &str, block: &'a Block, size: f32, at: usize, header: bool| {
        let mut score = like;
        score += 0.9 * (size / biggest.max(1.0)).min(1.0);
        score += if header { 0.35 } else { 0.0 };
        score += 0.4 / (1.0 + at as f32 * 0.4);
        let parts: Vec<String> = name.split_whitespace().map(key).filter(|part| part.len() > 2).collect();
        if !local.is_empty() && parts.iter().any(|part| local.contains(part.as_str())) {
            score += 0.5;
        }
        if key(&from_file).contains(&key(&name)) {
            score += 0.6;
        }
        if best.as_ref().is_none_or(|(other, _)| score > *other) {
            let confidence = (0.35 + 0.25 * score).clamp(0.2, 0.97);
            best = Some((score, Found { name, quote: quote.to_owned(), block: Some(block), confidence }));
        }
    };
    let first_page: Vec<&'a Block> = all.iter().filter(|block| block.page <= 1).collect();
    for (at, block) in first_page.iter().enumerate().take(60) {
        let header = top.iter().any(|other| other.text == block.text && other.page == block.page);
        let near_top = header || at < 3 || block.size >= biggest - 0.5;
        if !near_top || block.bullet || block.raw.len() > 2 {
            continue;
        }
        let joined = block.cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" ");
        let mut texts: Vec<(String, f32)> = vec![(joined.clone(), block.size)];
        texts.extend(block.cells.iter().map(|cell| (cell.text.clone(), cell.size)));
        for cell in &block.cells {
            if !cell.lead.is_empty() {
                texts.push((cell.lead.clone(), cell.size));
            }
            for part in cell.text.split(['|', '｜', '•', '·', '/', '—', '–', '，', '(', '（', '：', ':']).take(3) {
                texts.push((part.to_owned(), cell.size));
            }
            if let Some(first) = cell.text.split_whitespace().next().filter(|word| word.chars().all(is_cjk)) {
                texts.push((first.to_owned(), cell.size));
            }
            for part in cell.text.split(" - ").take(2) {
                texts.push((part.to_owned(), cell.size));
            }
        }
        for (text, size) in texts {
            if let Some((name, like)) = judge(&text) {
                consider(name, like, text.trim(), block, size, at, header);
            }
        }
        // First name and family name on lines of their own.
        if let Some(next) = first_page.get(at + 1)
            && block.cells.len() == 1
            && next.cells.len() == 1
            && block.size >= biggest - 0.5
            && (next.size - block.size).abs() < 0.6
            && block.text.split_whitespace().count() <= 2
            && next.text.split_whitespace().count() <= 2
            && judge(&block.text).is_none_or(|(_, like)| like < 0.8)
            && let Some((name, like)) = judge(&format!("{} {}", block.text, next.text))
        {
            consider(name, like, &block.text, block, block.size, at, header);
        }
    }
    if let Some((score, found)) = best
        && score > 1.0
    {
        return Some(found);
    }
    // The file's name is the last resort: 张三_简历.pdf, Resume-Jane-Roe.docx.
    for part in from_file.split(['_', '+', '（', '(', '）', ')', '【', '】']).chain([from_file.as_str()]) {
        let spaced = clean(&part.replace(['-', '_', '.'], " "));
        if let Some((name, _)) = judge(&spaced).filter(|(_, like)| *like > 0.6) {
            return Some(Found { name, quote: file_name.to_owned(), block: None, confidence: 0.4 });
        }
    }
    // A single large word may be a name as well (mononyms, unusual forms).
    let loudest = top.iter().take(6).filter(|block| {
        block.size >= biggest - 0.5
            && block.length() <= 40
            && !block.text.contains('@')
            && headings::exact(&block.text).is_none()
            && !is_label(&block.text)
            && contact::urls(&block.text).is_empty()
    });
    loudest
        .filter(|block| {
            block.text.chars().any(char::is_alphabetic)
                && !block.text.chars().any(|c| c.is_ascii_digit())
                && !matches!(key(&block.text).as_str(), "resume" | "résumé" | "cv" | "curriculumvitae" | "个人简历" | "简历" | "求职简历")
        })
        .map(|block| Found { name: tidy_case(&block.text), quote: block.text.clone(), block: Some(block), confidence: 0.3 })
        .next()
}

fn file_stem(file_name: &str) -> String {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    clean(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_others() {
        for (text, name) in [
            ("JANE O'NEIL", "Jane O'Neil"),
            ("张 伟", "张伟"),
            ("欧阳修远 个人简历", "欧阳修远"),
            ("Maria de la Cruz, PhD", "Maria de la Cruz"),
            ("王小明的简历", "王小明"),
            ("Resume of Tom Hardy", "Tom Hardy"),
        ] {
            assert_eq!(judge(text).unwrap().0, name, "{text}");
        }
        for text in ["Work Experience", "San Francisco, CA", "求职意向", "Princeton University", "个人简历", "+1 415 555"] {
            assert!(judge(text).is_none_or(|(_, like)| like < 0.4), "{text}");
        }
    }
}
