//! From pieces of text on a page to lines in reading order: rows, gutters, columns, side bars.
//!
//! A page is cut at vertical whitespace gutters when the text on both sides runs independently of each other.
//! A gutter whose one side holds only dates, places or labels belongs to its lines and is not cut.
//!
//! Longer than most files: its steps share the geometry of a page and are read in this order.

use crate::dates;
use crate::headings;
use crate::line::{Cell, Line};
use crate::normalise::{clean, is_cjk, unspace};

/// A piece of text with one font, as the file draws it.
#[derive(Debug, Clone)]
pub struct Piece {
    pub text: String,
    pub x0: f32,
    pub x1: f32,
    /// Baseline from the top of the page.
    pub y: f32,
    pub size: f32,
    pub bold: bool,
    pub link: Option<String>,
}

/// A drawn horizontal line (of a table or under a heading).
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub y: f32,
    pub x0: f32,
    pub x1: f32,
}

/// A drawn vertical line, as between the cells of a table.
#[derive(Debug, Clone, Copy)]
pub struct Wall {
    pub x: f32,
    pub top: f32,
    pub bottom: f32,
}

/// A page before it is put in order.
#[derive(Debug, Clone, Default)]
pub struct RawPage {
    pub number: u32,
    pub height: f32,
    pub pieces: Vec<Piece>,
    pub rules: Vec<Rule>,
    pub walls: Vec<Wall>,
}

/// A cell with its baseline.
#[derive(Debug, Clone)]
struct Seg {
    y: f32,
    cell: Cell,
    /// Whether only bold text came so far.
    all_bold: bool,
}

impl Seg {
    fn known_heading(&self) -> bool {
        headings::exact(&self.cell.text).is_some()
    }
}

/// Text that is read from top to bottom before going on with the next.
#[derive(Debug)]
struct Region {
    page: u32,
    x0: f32,
    x1: f32,
    lines: Vec<Line>,
}

/// The lines of all pages in reading order.
pub fn order(mut pages: Vec<RawPage>) -> Vec<Line> {
    drop_running_text(&mut pages);
    let mut regions: Vec<Region> = Vec::new();
    for page in &pages {
        let mut fresh = Vec::new();
        let segs = segments(page);
        cut(page, segs, 0, &mut fresh);
        for region in fresh.into_iter().filter(|region| !region.lines.is_empty()) {
            // A column goes on where it stopped on the page before.
            let continued = (page.number > 1)
                .then(|| {
                    regions.iter().rposition(|old| {
                        old.page + 1 >= region.page
                            && old.page <= region.page
                            && (old.x0 - region.x0).abs() < 24.0
                            && overlap(old, &region) > 0.6
                    })
                })
                .flatten();
            match continued {
                Some(at) => regions.insert(at + 1, region),
                None => regions.push(region),
            }
        }
    }
    for (number, region) in regions.iter_mut().enumerate() {
        for line in &mut region.lines {
            line.column = number as u32;
            line.right = region.x1;
        }
    }
    let mut lines: Vec<Line> = regions.into_iter().flat_map(|region| region.lines).collect();
    for line in &mut lines {
        line.take_bullet();
        line.mend_labels();
    }
    lift_gutter_notes(&mut lines);
    lines.retain(|line| line.cells.iter().any(|cell| !cell.text.is_empty()));
    lines
}

fn overlap(a: &Region, b: &Region) -> f32 {
    let shared = a.x1.min(b.x1) - a.x0.max(b.x0);
    shared / (a.x1 - a.x0).min(b.x1 - b.x0).max(1.0)
}

/// Groups what stands on one baseline; rows from top to bottom, each from left to right.
fn rows<T>(mut items: Vec<T>, y: impl Fn(&T) -> f32, size: impl Fn(&T) -> f32, x: impl Fn(&T) -> f32) -> Vec<Vec<T>> {
    items.sort_by(|a, b| y(a).total_cmp(&y(b)));
    let mut rows: Vec<(f32, f32, Vec<T>)> = Vec::new();
    for item in items {
        let (item_y, item_size) = (y(&item), size(&item));
        match rows.last_mut() {
            Some((row_y, row_size, row)) if (item_y - *row_y).abs() <= 0.35 * item_size.min(*row_size) => {
                if item_size > *row_size {
                    *row_size = item_size;
                }
                row.push(item);
            }
            _ => rows.push((item_y, item_size, vec![item])),
        }
    }
    rows.into_iter()
        .map(|(_, _, mut row)| {
            row.sort_by(|a, b| x(a).total_cmp(&x(b)));
            row
        })
        .collect()
}

/// Joins pieces to cells wherever the space between them is that of words.
fn segments(page: &RawPage) -> Vec<Seg> {
    let pieces: Vec<Piece> = page.pieces.iter().filter(|p| !p.text.trim().is_empty() && p.size > 0.5).cloned().collect();
    let mut segs = Vec::new();
    for row in rows(pieces, |p| p.y, |p| p.size, |p| p.x0) {
        let single: Vec<f32> = row
            .windows(2)
            .filter(|pair| pair.iter().all(|p| p.text.trim().chars().count() == 1))
            .map(|pair| pair[1].x0 - pair[0].x1)
            .collect();
        let spaced = single.len() >= 3 && single.len() * 3 >= row.len();
        let median = {
            let mut sorted = single.clone();
            sorted.sort_by(f32::total_cmp);
            sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
        };
        let mut open: Option<Seg> = None;
        for piece in row {
            let text = piece.text.trim_matches(|c: char| c == '\n' || c == '\r');
            if let Some(seg) = &mut open {
                let gap = piece.x0 - seg.cell.x1;
                let em = piece.size.max(seg.cell.size);
                // Letter-spaced text has gaps of its own; a wider one parts the words.
                let limit = if spaced { (median * 2.6).max(1.1 * em) } else { 1.1 * em };
                let same_link = piece.link.is_some() && piece.link == seg.cell.link;
                let middle = piece.y - 0.3 * piece.size;
                let wall = page
                    .walls
                    .iter()
                    .any(|wall| wall.x > seg.cell.x1 - 1.0 && wall.x < piece.x0 + 1.0 && wall.top < middle && wall.bottom > middle);
                if !wall && gap <= limit || (same_link && gap <= 2.0 * em) {
                    let blank = if spaced { gap > (median * 1.6).max(0.15 * em) } else { gap > 0.12 * piece.size.min(seg.cell.size) };
                    if blank && !seg.cell.text.ends_with(' ') {
                        seg.cell.text.push(' ');
                    }
                    if piece.bold && seg.all_bold {
                        seg.cell.lead = format!("{}{text}", seg.cell.text);
                    }
                    seg.all_bold &= piece.bold || text.chars().all(|c| !c.is_alphanumeric());
                    seg.cell.text.push_str(text);
                    let letters = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).count();
                    if !piece.bold && letters(text) > 0 {
                        seg.cell.bold &= letters(&seg.cell.text) == letters(text);
                    }
                    seg.cell.x1 = seg.cell.x1.max(piece.x1);
                    // A bullet may be larger than its text.
                    let bare = letters(&seg.cell.text) == letters(text);
                    seg.cell.size = if bare { piece.size } else { seg.cell.size.max(piece.size) };
                    if seg.cell.link.is_none() {
                        seg.cell.link = piece.link;
                    }
                    continue;
                }
                segs.extend(open.take());
            }
            open = Some(Seg {
                y: piece.y,
                cell: Cell {
                    text: text.to_owned(),
                    x0: piece.x0,
                    x1: piece.x1,
                    size: piece.size,
                    bold: piece.bold,
                    link: piece.link,
                    lead: if piece.bold { text.to_owned() } else { String::new() },
                },
                all_bold: piece.bold,
            });
        }
        segs.extend(open);
    }
    for seg in &mut segs {
        seg.cell.text = unspace(&clean(&seg.cell.text));
        seg.cell.lead = clean(&seg.cell.lead);
        if seg.cell.lead.chars().count() >= seg.cell.text.chars().count() || !seg.cell.text.starts_with(&seg.cell.lead) {
            seg.cell.lead.clear();
        }
    }
    segs.retain(|seg| !seg.cell.text.is_empty());
    stack_vertical(segs, &page.rules)
}

/// Chinese written from top to bottom in a narrow cell becomes one word at the place of its first character.
fn stack_vertical(mut segs: Vec<Seg>, rules: &[Rule]) -> Vec<Seg> {
    let lone = |seg: &Seg| seg.cell.text.chars().count() == 1 && seg.cell.text.chars().all(is_cjk);
    let mut out: Vec<Seg> = Vec::new();
    segs.sort_by(|a, b| a.y.total_cmp(&b.y));
    for seg in segs {
        if lone(&seg)
            && let Some(above) = out.iter_mut().rev().take(40).find(|above| {
                above.cell.text.chars().all(is_cjk)
                    && (above.cell.x0 - seg.cell.x0).abs() < 2.0
                    && above.cell.x1 - above.cell.x0 < 1.6 * seg.cell.size
                    && above.cell.text.chars().count() < 6
                    && !rules.iter().any(|rule| {
                        rule.y < seg.y - 0.5 * seg.cell.size
                            && rule.y > above.y + 1.0
                            && rule.y > seg.y - 2.2 * seg.cell.size
                            && rule.x0 < seg.cell.x1
                            && rule.x1 > seg.cell.x0
                    })
                    && {
                        let step = seg.y - above.y;
                        let count = above.cell.text.chars().count() as f32;
                        step > 0.8 * seg.cell.size * count && step < 2.2 * seg.cell.size * count
                    }
            })
        {
            above.cell.text.push_str(&seg.cell.text);
            continue;
        }
        out.push(seg);
    }
    out
}

/// Cuts at the best gutter, or makes lines when there is none.
fn cut(page: &RawPage, segs: Vec<Seg>, depth: u32, out: &mut Vec<Region>) {
    if segs.is_empty() {
        return;
    }
    if depth < 6
        && segs.len() <= 4_000
        && let Some(gutter) = best_gutter(&segs)
    {
        let (mut above, mut left, mut right, mut below) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for seg in segs {
            if seg.y < gutter.top - 0.5 {
                above.push(seg);
            } else if seg.y > gutter.bottom + 0.5 {
                below.push(seg);
            } else if seg.cell.x0 >= gutter.x - 1.0 {
                right.push(seg);
            } else {
                left.push(seg);
            }
        }
        for part in [above, left, right, below] {
            cut(page, part, depth + 1, out);
        }
        return;
    }
    out.push(leaf(page, segs));
}

#[derive(Debug)]
struct Gutter {
    x: f32,
    top: f32,
    bottom: f32,
}

/// The narrowest space that can part two columns, in points.
const MIN_GUTTER: f32 = 7.0;

fn best_gutter(segs: &[Seg]) -> Option<Gutter> {
    let rows = rows(segs.iter().collect(), |s| s.y, |s| s.cell.size, |s| s.cell.x0);
    if rows.len() < 4 {
        return None;
    }
    let mut starts: Vec<f32> = segs.iter().map(|s| s.cell.x0).collect();
    starts.sort_by(f32::total_cmp);
    let mut candidates: Vec<(f32, usize)> = Vec::new();
    for x in starts {
        match candidates.last_mut() {
            Some((at, count)) if x - *at < 3.0 => *count += 1,
            _ => candidates.push((x, 1)),
        }
    }
    candidates.retain(|(_, count)| *count >= 2);
    candidates.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    candidates.truncate(40);
    let mut found: Vec<(usize, Gutter)> = Vec::new();
    for (x, _) in candidates {
        let mut run: Vec<&Vec<&Seg>> = Vec::new();
        let mut runs = Vec::new();
        for row in &rows {
            let crossed = row.iter().any(|s| s.cell.x0 < x - 1.0 && s.cell.x1 > x - MIN_GUTTER);
            if crossed {
                runs.push(std::mem::take(&mut run));
            } else {
                run.push(row);
            }
        }
        runs.push(run);
        for run in runs {
            // Rows before both sides have begun belong above, as the name over two columns does.
            let side = |row: &Vec<&Seg>, right: bool| row.iter().any(|s| (s.cell.x0 >= x - 1.0) == right);
            let lefts = run.iter().filter(|row| side(row, false)).count();
            let rights = run.iter().filter(|row| side(row, true)).count();
            if lefts < 3 || rights < 3 || !independent(&run, x) {
                continue;
            }
            let (Some(first), Some(last)) = (run.first().and_then(|row| row.first()), run.last().and_then(|row| row.last())) else {
                continue;
            };
            found.push((lefts.min(rights), Gutter { x, top: first.y - 3.0, bottom: last.y + 3.0 }));
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.x.total_cmp(&b.1.x)));
    found.into_iter().next().map(|(_, gutter)| gutter)
}

/// Whether the text left and right of a gutter is read on its own.
fn independent(run: &[&Vec<&Seg>], x: f32) -> bool {
    let right = |s: &Seg| s.cell.x0 >= x - 1.0;
    let (mut heads_left, mut heads_right, mut both, mut only_left, mut only_right) = (0, 0, 0, 0, 0);
    let (mut dates_left, mut dates_right, mut long_left, mut long_right, mut bullets_left, mut bullets_right) = (0, 0, 0, 0, 0, 0);
    let (mut short_left, mut width_left, mut width_right) = (0, 0.0_f32, 0.0_f32);
    for row in run {
        let l: Vec<&&Seg> = row.iter().filter(|s| !right(s)).collect();
        let r: Vec<&&Seg> = row.iter().filter(|s| right(s)).collect();
        // In the first row of a table 学历 is a column, not a section.
        let columns =
            row.iter().filter(|s| crate::entries::column(&s.cell.text).is_some() || crate::person::is_label(&s.cell.text)).count() >= 2;
        let head_l = !columns && l.first().is_some_and(|s| l.len() == 1 && s.known_heading());
        let head_r = !columns && r.first().is_some_and(|s| r.len() == 1 && s.known_heading());
        // A heading in two languages is one heading.
        if head_l
            && head_r
            && l[0].cell.size >= r[0].cell.size * 0.95
            && (l[0].y - r[0].y).abs() < 1.0
            && headings::exact(&l[0].cell.text) == headings::exact(&r[0].cell.text)
        {
            continue;
        }
        heads_left += usize::from(head_l);
        heads_right += usize::from(head_r);
        let aligned = l.iter().any(|a| r.iter().any(|b| (a.y - b.y).abs() <= 1.2));
        match (l.is_empty(), r.is_empty()) {
            (false, false) if aligned => both += 1,
            (false, false) => {
                only_left += 1;
                only_right += 1;
            }
            (false, true) => only_left += 1,
            (true, false) => only_right += 1,
            (true, true) => {}
        }
        for s in &l {
            dates_left += usize::from(side_note(&s.cell.text));
            long_left += usize::from(is_long(&s.cell.text));
            short_left += usize::from(s.cell.text.chars().count() <= 12);
            bullets_left += usize::from(crate::line::after_bullet(&s.cell.text).is_some());
            width_left = width_left.max(s.cell.x1 - s.cell.x0);
        }
        for s in &r {
            dates_right += usize::from(side_note(&s.cell.text));
            long_right += usize::from(is_long(&s.cell.text));
            bullets_right += usize::from(crate::line::after_bullet(&s.cell.text).is_some());
            width_right = width_right.max(s.cell.x1 - s.cell.x0);
        }
    }
    let lefts = both + only_left;
    let rights = both + only_right;
    if lefts < 3 || rights < 3 {
        return false;
    }
    if heads_left >= 1 && heads_right >= 1 {
        return true;
    }
    if dates_left * 2 >= lefts || dates_right * 5 >= rights * 2 {
        return false;
    }
    let aligned = both as f32 / lefts.min(rights) as f32;
    // Headings in the margin, or the labels of a form.
    if heads_left >= 2 && heads_right == 0 && heads_left * 2 >= lefts {
        return false;
    }
    // A bullet's sign and its text.
    if bullets_left * 2 >= lefts && width_left < 14.0 {
        return false;
    }
    if aligned <= 0.55 {
        return true;
    }
    if short_left * 4 >= lefts * 3 && only_left == 0 {
        return false;
    }
    (long_left * 3 >= lefts && long_right * 3 >= rights) || (bullets_left >= 3 && bullets_right >= 3 && aligned < 0.9)
}

fn is_long(text: &str) -> bool {
    let wide = text.chars().filter(|c| is_cjk(*c)).count();
    text.chars().count() + wide > 34
}

/// What stands in a gutter beside an entry: a date, or a short place.
fn side_note(text: &str) -> bool {
    let periods = dates::find(text);
    if !periods.is_empty() {
        return dates::without(text, &periods).chars().count() <= 24;
    }
    crate::places::is_place(text)
}

/// Makes lines of a region without columns.
fn leaf(page: &RawPage, segs: Vec<Seg>) -> Region {
    let x0 = segs.iter().map(|s| s.cell.x0).fold(f32::MAX, f32::min);
    let x1 = segs.iter().map(|s| s.cell.x1).fold(0.0, f32::max);
    let segs = lift_margin_headings(page, segs, x0);
    let mut lines: Vec<Line> = Vec::new();
    let mut last_y: Option<f32> = None;
    for row in rows(segs, |s| s.y, |s| s.cell.size, |s| s.cell.x0) {
        let (Some(y), Some(x)) = (row.first().map(|s| s.y), row.first().map(|s| s.cell.x0)) else { continue };
        let cells: Vec<Cell> = row.into_iter().map(|s| s.cell).collect();
        let size = cells.iter().map(|cell| cell.size).fold(1.0, f32::max);
        let gap = last_y.map_or(9.0, |last| (y - last) / size);
        last_y = Some(y);
        lines.push(Line { page: page.number, y, cells, x, gap, ..Line::default() });
    }
    join_broken_dates(&mut lines);
    Region { page: page.number, x0, x1, lines }
}

/// A range too long for its gutter goes on below itself.
fn join_broken_dates(lines: &mut Vec<Line>) {
    for i in 1..lines.len() {
        let pairs = [(0, 0), (lines[i - 1].cells.len().saturating_sub(1), lines[i].cells.len().saturating_sub(1))];
        for (above, below) in pairs {
            let (Some(a), Some(b)) = (lines[i - 1].cells.get(above), lines[i].cells.get(below)) else { continue };
            if (a.x0 - b.x0).abs() > 2.0 && (a.x1 - b.x1).abs() > 2.0 || a.text.chars().count() > 24 || b.text.chars().count() > 16 {
                continue;
            }
            let joined = format!("{} {}", a.text, b.text);
            let whole =
                |text: &str| dates::find(text).iter().any(|period| period.is_range() && dates::without(text, &[*period]).is_empty());
            if whole(&joined) && !whole(&a.text) && !whole(&b.text) && (!dates::find(&b.text).is_empty() || b.text.chars().count() <= 8) {
                lines[i].cells.remove(below);
                lines[i - 1].cells[above].text = joined;
                if let Some(first) = lines[i].cells.first() {
                    lines[i].x = first.x0;
                }
                break;
            }
        }
    }
    lines.retain(|line| !line.cells.is_empty());
}

/// `学历 | 硕士`: the label of a form, though sections are called so too.
fn beside_a_value(head: &Seg, segs: &[Seg]) -> bool {
    if !crate::person::is_label(&head.cell.text) {
        return false;
    }
    let row: Vec<&Seg> = segs.iter().filter(|s| (s.y - head.y).abs() < 3.0 && s.cell.x0 > head.cell.x1).collect();
    row.len() > 1 || row.iter().all(|s| s.cell.text.chars().count() <= 16)
}

/// A section heading in the left margin stands before everything beside it, also when it is centred in its table cell.
fn lift_margin_headings(page: &RawPage, mut segs: Vec<Seg>, x0: f32) -> Vec<Seg> {
    let heads: Vec<usize> = (0..segs.len())
        .filter(|i| {
            let head = &segs[*i];
            head.known_heading()
                && !beside_a_value(head, &segs)
                && head.cell.x0 - x0 < 30.0
                && segs.iter().any(|s| s.cell.x0 > head.cell.x1 && (s.y - head.y).abs() < 3.0 * head.cell.size)
        })
        .collect();
    if heads.len() < 2 {
        return segs;
    }
    let edge = heads.iter().map(|i| segs[*i].cell.x1).fold(0.0, f32::max);
    // The margin holds headings alone; everything else stands beside them.
    let first = heads.iter().map(|i| segs[*i].y).fold(f32::MAX, f32::min);
    let (beside, under): (Vec<&Seg>, Vec<&Seg>) = segs.iter().filter(|s| s.y > first && !s.known_heading()).partition(|s| s.cell.x0 > edge);
    if under.len() * 8 > beside.len() {
        return segs;
    }
    for i in heads {
        let (y, size, middle) = (segs[i].y, segs[i].cell.size, f32::midpoint(segs[i].cell.x0, segs[i].cell.x1));
        let top =
            page.rules.iter().filter(|rule| rule.x0 <= middle && rule.x1 >= middle && rule.y < y).map(|rule| rule.y).fold(0.0, f32::max);
        let first_beside = segs
            .iter()
            .filter(|s| s.cell.x0 > edge && s.y > top && s.y <= y + 0.5 * size && (top > 0.0 || y - s.y < 0.7 * size))
            .map(|s| s.y)
            .fold(y, f32::min);
        // Just above the first line beside it, so that it makes a row of its own.
        segs[i].y = first_beside - 0.5 * size.max(8.0);
    }
    segs
}

/// A gutter of two lines, place over date, may reach down beside the first bullets: what stands there belongs to the header above.
fn lift_gutter_notes(lines: &mut [Line]) {
    for i in 1..lines.len() {
        let Some(note) = lines[i].cells.last().filter(|_| lines[i].cells.len() >= 2 || !lines[i].bullet) else { continue };
        let text = note.text.clone();
        let date = !dates::find(&text).is_empty() && dates::without(&text, &dates::find(&text)).is_empty();
        if !date && !dates::is_duration(&text) {
            continue;
        }
        let (x0, x1) = (note.x0, note.x1);
        let hanging = lines[i - 1].bullet && lines[i].text_x() > lines[i - 1].x + 1.5;
        let beside_text = lines[i].cells.len() >= 2 && (lines[i].bullet || hanging);
        let alone = lines[i].cells.len() == 1
            && x0 - lines.iter().filter(|line| line.column == lines[i].column).map(Line::text_x).fold(f32::MAX, f32::min) > 150.0
            && lines[i - 1].bullet;
        if !beside_text && !alone {
            continue;
        }
        let header = (i.saturating_sub(5)..i).rev().find(|h| {
            let line = &lines[*h];
            !line.bullet
                && line.column == lines[i].column
                && line.page == lines[i].page
                && line.cells.len() >= 2
                && line.cells.last().is_some_and(|cell| (cell.x1 - x1).abs() < 4.0 || (cell.x0 - x0).abs() < 4.0)
        });
        let has_date = |line: &Line| line.cells.iter().any(|cell| !dates::find(&cell.text).is_empty());
        if let Some(header) = header
            && !(date && has_date(&lines[header]))
            && let Some(cell) = lines[i].cells.pop()
        {
            lines[header].cells.push(cell);
        }
    }
}

/// Takes away page numbers, and headers and footers that come again on other pages.
fn drop_running_text(pages: &mut [RawPage]) {
    let at_edge = |page: &RawPage, y: f32| page.height > 0.0 && (y < page.height * 0.09 || y > page.height * 0.92);
    let shape = |text: &str| -> String { clean(text).chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect() };
    let edges: Vec<Vec<(String, i32)>> = pages
        .iter()
        .map(|page| segments(page).iter().filter(|s| at_edge(page, s.y)).map(|s| (shape(&s.cell.text), (s.y / 4.0) as i32)).collect())
        .collect();
    for (number, page) in pages.iter_mut().enumerate() {
        let height = page.height;
        let edge = |y: f32| height > 0.0 && (y < height * 0.09 || y > height * 0.92);
        let repeated: Vec<f32> = segments(page)
            .iter()
            .filter(|s| edge(s.y))
            .filter(|s| {
                let mine = (shape(&s.cell.text), (s.y / 4.0) as i32);
                let again = edges
                    .iter()
                    .enumerate()
                    .any(|(other, all)| other < number && all.iter().any(|(text, y)| *text == mine.0 && (y - mine.1).abs() <= 1));
                let first_below = number == 0
                    && s.y > height * 0.92
                    && edges.iter().skip(1).any(|all| all.iter().any(|(text, y)| *text == mine.0 && (y - mine.1).abs() <= 1));
                again || first_below || is_page_number(&s.cell.text)
            })
            .map(|s| s.y)
            .collect();
        page.pieces.retain(|piece| !repeated.iter().any(|y| (piece.y - y).abs() < 1.0));
    }
}

/// `3`, `3 / 4`, `Page 3 of 4`, `- 3 -`, `第3页 共4页`, also after a name.
fn is_page_number(text: &str) -> bool {
    let lower = text.to_lowercase();
    let digits: usize = lower.chars().filter(char::is_ascii_digit).count();
    if digits == 0 || digits > 4 {
        return false;
    }
    let rest: String = lower.chars().filter(|c| !c.is_ascii_digit() && !c.is_whitespace() && !"/-–—.|,，·()".contains(*c)).collect();
    if matches!(rest.as_str(), "" | "page" | "pageof" | "of" | "p" | "第页" | "第页共页" | "共页" | "页") {
        return true;
    }
    lower.trim_end().rsplit(['-', '–', '—', '|', ' ']).next().is_some_and(|tail| {
        let mut parts = tail.split('/');
        let number = |s: Option<&str>| s.is_some_and(|s| !s.is_empty() && s.len() <= 2 && s.chars().all(|c| c.is_ascii_digit()));
        number(parts.next()) && number(parts.next()) && parts.next().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: &str, x0: f32, y: f32) -> Piece {
        Piece { text: text.into(), x0, x1: x0 + 5.0 * text.chars().count() as f32, y, size: 10.0, bold: false, link: None }
    }

    fn read(pieces: Vec<Piece>) -> Vec<String> {
        order(vec![RawPage { number: 1, height: 800.0, pieces, ..RawPage::default() }]).iter().map(Line::text).collect()
    }

    #[test]
    fn a_date_gutter_stays_on_its_lines() {
        let mut pieces = Vec::new();
        for (row, year) in (0..6).zip(2010..) {
            let y = 100.0 + 14.0 * row as f32;
            pieces.push(piece(&format!("{year} – {}", year + 1), 40.0, y));
            pieces.push(piece("Some employer with a name, doing a job there", 140.0, y));
        }
        assert_eq!(read(pieces)[0], "2010 – 2011  Some employer with a name, doing a job there");
    }

    #[test]
    fn a_side_bar_is_read_on_its_own() {
        let mut pieces = vec![piece("Skills", 40.0, 100.0), piece("Experience", 220.0, 103.0)];
        for row in 0..5 {
            pieces.push(piece("a tool", 40.0, 120.0 + 15.0 * row as f32));
            pieces.push(piece("what was done at the place of work", 220.0, 118.0 + 13.0 * row as f32));
        }
        let lines = read(pieces);
        assert_eq!(lines[0], "Skills");
        assert_eq!(lines[6], "Experience");
    }

    #[test]
    fn page_numbers_are_known() {
        for text in ["3", "Page 3 of 4", "- 3 -", "第 3 页 共 4 页", "Jane Roe - 2/3"] {
            assert!(is_page_number(text), "{text}");
        }
        for text in ["2019 and 2020", "Jane Roe", "2018 – 2020"] {
            assert!(!is_page_number(text), "{text}");
        }
    }
}
