//! One spelling for each character, without changing what was written.

use unicode_normalization::UnicodeNormalization;

/// Ligatures, presentation forms, radicals and full-width letters become ordinary letters; Chinese
/// punctuation stays; invisible characters and icons go; every white space is a single blank.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{feff}'
            | '\u{fffd}'
            | '\u{fe00}'..='\u{fe0f}' => {}
            // Symbol fonts put their bullets here; the rest of the private areas are icons.
            // Codes without a glyph of their own are bullets in the encoding of most PDFs.
            '\u{7f}' | '\u{95}' | '\u{f0b7}' | '\u{f0a7}' | '\u{f06c}' | '\u{f06e}' | '\u{f0d8}' | '\u{f076}' | '\u{f0fc}' => out.push('•'),
            // Emoji stand for words such as "telephone" in contact lines.
            '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' | '\u{1f000}'..='\u{1faff}' | '☎' | '✆' | '✉' | '✈' | '⌂' | '⚲' | '☏' =>
            {
                out.push(' ');
            }
            c if c.is_control() || c.is_whitespace() => out.push(' '),
            '\u{2010}' | '\u{2011}' => out.push('-'),
            // Full-width letters, digits and the signs of addresses; not the punctuation of Chinese.
            '\u{ff10}'..='\u{ff19}'
            | '\u{ff21}'..='\u{ff3a}'
            | '\u{ff41}'..='\u{ff5a}'
            | '＠'
            | '．'
            | '／'
            | '＋'
            | '－'
            | '＿'
            | '＃'
            | '＆'
            | '％'
            | '｜' => {
                out.extend(std::iter::once(c).nfkc());
            }
            '\u{fb00}'..='\u{fb06}' | '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' => out.extend(std::iter::once(c).nfkc()),
            c => out.push(c),
        }
    }
    let composed: String = out.nfc().collect();
    collapse(&composed)
}

/// White space collapsed to single blanks and trimmed.
pub fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Chinese characters (and the kana and syllables of its neighbours).
pub fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}')
}

/// Undoes letter-spacing: `E X P E R I E N C E`, `简 历`.
pub fn unspace(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let single = words.iter().filter(|word| word.chars().count() == 1).count();
    let cjk = words.iter().all(|word| word.chars().all(is_cjk));
    if cjk && words.len() > 1 && single == words.len() {
        return words.concat();
    }
    if single == words.len() && words.len() >= 4 && words.iter().all(|word| word.chars().all(char::is_alphanumeric)) {
        return words.concat();
    }
    text.to_owned()
}

/// Lower case without blanks and signs: the form in which headings and labels are looked up.
pub fn key(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric() || *c == '&' || *c == '+')
        .flat_map(char::to_lowercase)
        .map(|c| if c == '&' { '+' } else { c })
        .collect()
}

/// Joins a line to the one before it: no blank between Chinese characters, and none after a hyphen at the line's end.
pub fn join(text: &mut String, next: &str) {
    let (Some(last), Some(first)) = (text.chars().last(), next.chars().next()) else {
        text.push_str(next);
        return;
    };
    let wide = |c: char| is_cjk(c) || matches!(c, '，' | '。' | '、' | '；' | '：' | '（' | '）' | '！' | '？' | '”' | '“' | '《' | '》');
    if text
        .rsplit(' ')
        .next()
        .is_some_and(|word| (word.contains(".com/") || word.contains("://") || word.starts_with("www.")) && word.ends_with(['-', '/', '_']))
    {
        // The rest of an address.
    } else if last == '-' && first.is_lowercase() {
        let word_len = text.trim_end_matches('-').chars().rev().take_while(|c| c.is_alphabetic()).count();
        let word_start = text.trim_end_matches('-').char_indices().rev().nth(word_len.saturating_sub(1)).map_or(0, |(i, _)| i);
        let compound = [
            "on", "co", "self", "multi", "cross", "end", "real", "high", "low", "full", "open", "long", "short", "well", "non", "data",
            "to", "of", "the", "time", "large", "small", "in", "state", "user", "cost", "event", "front", "back",
        ];
        if word_len >= 2 && !compound.contains(&text[word_start..].trim_end_matches('-').to_lowercase().as_str()) {
            text.pop();
        }
    } else if !(wide(last) || wide(first)) || (last.is_ascii() && first.is_ascii()) {
        text.push(' ');
    }
    text.push_str(next);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_keeps_the_words() {
        assert_eq!(clean("ﬁnal\u{a0}oﬀer \u{200b}２０２０年，ＡＢＣ：ok"), "final offer 2020年，ABC：ok");
        assert_eq!(unspace("E X P E R I E N C E"), "EXPERIENCE");
        assert_eq!(unspace("简 历"), "简历");
        assert_eq!(unspace("A B testing"), "A B testing");
    }

    #[test]
    fn lines_join_as_they_were_broken() {
        let mut text = "负责订单".to_owned();
        join(&mut text, "系统");
        assert_eq!(text, "负责订单系统");
        let mut text = "top 5% of submis-".to_owned();
        join(&mut text, "sions");
        assert_eq!(text, "top 5% of submissions");
        let mut text = "the end".to_owned();
        join(&mut text, "of it");
        assert_eq!(text, "the end of it");
    }
}
