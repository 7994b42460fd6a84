//! Lines of text with their place: what every format is turned into first.

/// A stretch of text that whitespace or a table sets apart on its line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    pub text: String,
    /// Left and right edge in points.
    pub x0: f32,
    pub x1: f32,
    /// Font size in points.
    pub size: f32,
    pub bold: bool,
    /// Where the text links to.
    pub link: Option<String>,
    /// The bold words at the front when the rest is not bold: often a name with something after it.
    pub lead: String,
}

/// One line in reading order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// Counted from 1.
    pub page: u32,
    /// Baseline, from the top of the page, in points.
    pub y: f32,
    pub cells: Vec<Cell>,
    /// A bullet stood before the text; it is not part of the text.
    pub bullet: bool,
    /// Left edge of the bullet, or of the text.
    pub x: f32,
    /// The level of a heading where the format says that it is one, else 0.
    pub heading: u8,
    /// Every paragraph is one line (word processors), so lines are never continued.
    pub whole: bool,
    /// Column (or cell) the line stands in; a new number is a new stream of text.
    pub column: u32,
    /// Right edge of that column.
    pub right: f32,
    /// Blank space above, in units of the font size; 0 when unknown.
    pub gap: f32,
}

impl Line {
    /// The text, cells set apart by two spaces.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for cell in &self.cells {
            if !text.is_empty() {
                text.push_str("  ");
            }
            text.push_str(&cell.text);
        }
        text
    }

    pub fn size(&self) -> f32 {
        self.cells.iter().map(|cell| cell.size).fold(0.0, f32::max)
    }

    pub fn bold(&self) -> bool {
        !self.cells.is_empty() && self.cells.iter().all(|cell| cell.bold)
    }

    pub fn text_x(&self) -> f32 {
        self.cells.first().map_or(self.x, |cell| cell.x0)
    }

    pub fn end_x(&self) -> f32 {
        self.cells.last().map_or(self.x, |cell| cell.x1)
    }

    /// `姓    名`: a label spread over its cell is one label.
    pub fn mend_labels(&mut self) {
        let mut i = 0;
        while i + 1 < self.cells.len() {
            let (a, b) = (&self.cells[i].text, &self.cells[i + 1].text);
            let lone = |text: &str| text.chars().count() == 1 && text.chars().all(crate::normalise::is_cjk);
            let joined = format!("{a}{b}");
            if lone(a)
                && (lone(b) || (b.ends_with([':', '：']) && b.chars().count() == 2))
                && crate::person::is_label(joined.trim_end_matches([':', '：']))
            {
                let x1 = self.cells[i + 1].x1;
                self.cells.remove(i + 1);
                self.cells[i].text = joined;
                self.cells[i].x1 = x1;
            }
            i += 1;
        }
    }

    /// Takes a bullet off the front, remembering that it was there.
    pub fn take_bullet(&mut self) {
        let Some(first) = self.cells.first_mut() else { return };
        let Some(rest) = after_bullet(&first.text) else { return };
        let rest = rest.to_owned();
        self.x = first.x0;
        if rest.is_empty() {
            if self.cells.len() == 1 {
                return;
            }
            self.cells.remove(0);
        } else {
            // The bullet and the space after it are about one em wide.
            first.x0 = (first.x0 + first.size).min(first.x1);
            first.text = rest;
        }
        self.bullet = true;
    }
}

const BULLETS: &str = "•·●○◦▪▫■□◆◇▶►➢➤❖✓✔✦★☆‣⁃∙→➔◉✧✪*–—-»>";

/// The text after a leading bullet sign, if there is one.
pub fn after_bullet(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    let sign = chars.next()?;
    let rest = chars.as_str();
    // What the bullets of symbol fonts look like in letters.
    let letter = matches!(sign, 'o' | '§' | 'Ø' | 'ü')
        && (rest.is_empty() || rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_uppercase)));
    if !letter && !BULLETS.contains(sign) {
        return None;
    }
    // Signs that are also punctuation need a space to be a bullet.
    let ambiguous = "*–—->»·".contains(sign);
    if ambiguous && !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return None;
    }
    Some(rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bullets_are_signs_before_text() {
        for (text, rest) in
            [("• made it", "made it"), ("- made it", "made it"), ("•made it", "made it"), ("o Made it", "Made it"), ("●", "")]
        {
            assert_eq!(after_bullet(text), Some(rest), "{text}");
        }
        for text in ["-5 degrees", "over and out", "o'clock", "made it"] {
            assert_eq!(after_bullet(text), None, "{text}");
        }
    }
}
