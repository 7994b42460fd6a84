//! Resumes in: files dropped or chosen, each with its progress, and what was imported lately.

#[cfg(feature = "hydrate")]
mod browser;

use leptos_router::hooks::use_query_map;
use looma_app_ui::prelude::*;
use looma_types::resume::{Import, ImportState};
use looma_types::{ImportId, PersonId, Problem};
use serde::{Deserialize, Serialize};

/// What may be chosen; the service looks at the content.
const ACCEPT: &str = ".pdf,.doc,.docx,.json,.txt,.md";
/// How many files are taken at once.
#[cfg(feature = "hydrate")]
const MAX_FILES: usize = 100;

/// An import, and what the person is called that came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportView {
    pub import: Import,
    pub person: Option<String>,
}

impl ImportView {
    /// Whether nothing more will happen to it.
    const fn is_over(&self) -> bool {
        matches!(self.import.state, ImportState::Done | ImportState::Failed)
    }
}

#[cfg(feature = "ssr")]
async fn named(import: Import) -> Answer<ImportView> {
    let person = match import.person_id {
        Some(person) => crate::picker::label_of(person.into()).await?,
        None => None,
    };
    Ok(ImportView { import, person })
}

/// Imports, the newest first.
#[server(prefix = "/api/web", endpoint = "imports/recent", output = JsonText)]
pub async fn recent_imports(cursor: Option<String>) -> Result<Page<ImportView>, Failure> {
    let cursor = cursor.map(|cursor| format!("&cursor={}", escape(&cursor))).unwrap_or_default();
    let page: Page<Import> = looma_app_ui::session::services()?.get(&format!("/api/v1/resumes/imports?limit=30{cursor}")).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for import in page.items {
        items.push(named(import).await?);
    }
    Ok(Page { items, next_cursor: page.next_cursor, total: page.total })
}

/// One import as it is now.
#[server(prefix = "/api/web", endpoint = "imports/get", output = JsonText)]
pub async fn get_import(id: ImportId) -> Result<ImportView, Failure> {
    named(looma_app_ui::session::services()?.get(&format!("/api/v1/resumes/imports/{id}")).await?).await
}

/// A file that was given on this page, from the moment it was.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Given {
    key: u32,
    name: StoredValue<String>,
    state: RwSignal<Upload>,
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "files are given in the browser"))]
enum Upload {
    Waiting,
    Sending,
    Refused(String),
    Taken(RwSignal<ImportView>),
}

/// `/imports`
#[component]
pub fn ImportsPage() -> impl IntoView {
    let query = use_query_map();
    let cursor = Memo::new(move |_| query.read().get("cursor"));
    let person = Memo::new(move |_| query.read().get("person").and_then(|id| id.parse::<PersonId>().ok()));
    let recent = Data::new(move || cursor.get(), recent_imports);
    let given = RwSignal::new(Vec::<Given>::new());
    let on_files = Callback::new(move |files: Vec<web_sys::File>| {
        #[cfg(feature = "hydrate")]
        browser::take(files, given, person.get_untracked());
        #[cfg(not(feature = "hydrate"))]
        drop(files);
    });
    let over = move || {
        let all = given.read();
        let over = all.iter().filter(|one| match &*one.state.read() {
            Upload::Refused(_) => true,
            Upload::Taken(row) => row.read().is_over(),
            Upload::Waiting | Upload::Sending => false,
        });
        (over.count(), all.len())
    };
    view! {
        <PageHead title=t(crate::IMPORTS)/>
        <div class="content content-wide">
            <form method="post" enctype="multipart/form-data" action="/api/web/pass/resumes/import">
                {move || person.get().map(|person| view! {
                    <p class="text-13 pb-3">{t(FOR_ONE)} " " <a href=format!("/people/{person}")>{t(THE_PERSON)}</a></p>
                    <input type="hidden" name="person_id" value=person.to_string()/>
                })}
                <DropZone title=t(DROP) hint=t(DROP_HINT) accept=ACCEPT on_files/>
                <noscript><button type="submit" class="button button-primary mt-3">{t(SEND)}</button></noscript>
            </form>
            <p class="text-13 muted pt-3" role="status">
                {move || { let (over, all) = over(); (all > 0).then(|| tf(OVER, &[&over, &all])) }}
            </p>
            {move || (!given.read().is_empty()).then(|| view! {
                <Section title=t(NOW)>
                    <ul class="rows">
                        <For each=move || given.get() key=|one| one.key let:one><GivenRow one/></For>
                    </ul>
                </Section>
            })}
            <Section title=t(RECENT)>
                <Loaded resource=recent rows=5 view={|page: Page<ImportView>| view! { <Recent page/> }}/>
            </Section>
        </div>
    }
}

#[component]
fn Recent(page: Page<ImportView>) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <EmptyState icon=Icon::FileUp title=t(EMPTY) text=t(EMPTY_TEXT)/> }.into_any();
    }
    let shown = plural(page.items.len() as i64, ONE, MANY);
    let rows = page
        .items
        .into_iter()
        .map(|view| {
            let row = RwSignal::new(view);
            view! { <ImportRow row/> }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> <Pager shown next=page.next_cursor/> }.into_any()
}

#[component]
fn GivenRow(one: Given) -> impl IntoView {
    let waiting = move |tone: Tone, word: Msg, reason: Option<String>| {
        view! {
            <li class="row">
                <Glyph icon=Icon::FileText size=15/>
                <div class="min-w-0 flex-1">
                    <p class="font-medium truncate">{one.name.get_value()}</p>
                    {reason.map(|reason| view! { <p class="text-12 muted">{reason}</p> })}
                </div>
                <Badge tone label=t(word)/>
            </li>
        }
        .into_any()
    };
    move || match one.state.get() {
        Upload::Waiting => waiting(Tone::Neutral, WAITING, None),
        Upload::Sending => waiting(Tone::Accent, SENDING, None),
        Upload::Refused(reason) => waiting(Tone::Bad, FAILED, Some(reason)),
        Upload::Taken(row) => view! { <ImportRow row/> }.into_any(),
    }
}

#[component]
fn ImportRow(row: RwSignal<ImportView>) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if !row.read_untracked().is_over() {
            browser::follow(row);
        }
    });
    let name = row.read_untracked().import.file_name.clone();
    let state = Memo::new(move |_| row.read().import.state);
    let progress = Signal::derive(move || row.read().import.progress);
    let outcome = move || {
        let view = row.get();
        match (state.get(), view.import.person_id) {
            (ImportState::Done, Some(person)) => {
                let label = view.person.unwrap_or_else(|| t(THE_PERSON).to_owned());
                let again = view.import.duplicate_of.is_some();
                view! {
                    <p class="flex flex-wrap items-center gap-2">
                        <a href=format!("/people/{person}")>{label}</a>
                        {again.then(|| view! { <span class="muted text-12">{t(KNOWN)}</span> })}
                    </p>
                }
                .into_any()
            }
            (ImportState::Failed, _) => {
                let reason = view.import.problem.map_or_else(|| t(NO_REASON).to_owned(), reason_of);
                view! { <p class="text-12 muted">{reason}</p> }.into_any()
            }
            _ => ().into_any(),
        }
    };
    let badge = move || match state.get() {
        ImportState::Queued => view! { <Badge label=t(QUEUED)/> },
        ImportState::Running => view! { <Badge tone=Tone::Accent label=t(RUNNING)/> },
        ImportState::Done if row.read().import.duplicate_of.is_some() => view! { <Badge tone=Tone::Warn label=t(DUPLICATE)/> },
        ImportState::Done => view! { <Badge tone=Tone::Good label=t(DONE)/> },
        ImportState::Failed => view! { <Badge tone=Tone::Bad label=t(FAILED)/> },
    };
    let label = tf(PROGRESS, &[&name]);
    view! {
        <li class="row">
            <Glyph icon=Icon::FileText size=15/>
            <div class="min-w-0 flex-1">
                <p class="font-medium truncate">{name}</p>
                {outcome}
                {move || (state.get() == ImportState::Running).then(|| view! {
                    <progress class="progress mt-1" max="1" value=progress aria-label=label.clone()></progress>
                })}
            </div>
            {badge}
            <span class="muted text-12 whitespace-nowrap wide-only"><When at=row.read_untracked().import.created_at/></span>
        </li>
    }
}

/// Why a file could not be read: in the reader's language where the reason is a known one.
fn reason_of(problem: Problem) -> String {
    let known = match problem.errors.first().map(|error| error.code.as_str()) {
        Some("empty") => EMPTY_FILE,
        Some("encrypted") => ENCRYPTED,
        Some("image_only") => IMAGE_ONLY,
        Some("broken") => BROKEN,
        Some("no_text") => NO_TEXT,
        Some("too_slow") => TOO_SLOW,
        Some("unsupported") => UNSUPPORTED,
        _ => return problem.detail.unwrap_or(problem.title),
    };
    t(known).to_owned()
}

messages! {
    EMPTY_FILE: "This file is empty. Choose the file again.", "文件为空，请重新选择。";
    ENCRYPTED: "This file is protected with a password. Save it without one and import it again.", "文件受密码保护，请取消密码后重新导入。";
    IMAGE_ONLY: "This file holds pictures of text. Run text recognition (OCR) on it, or import the original.", "文件仅含扫描图片，请先进行文字识别（OCR），或导入原始文档。";
    BROKEN: "This file is damaged. Open it in the program that made it, save it again and import that.", "文件已损坏，请用原程序打开并重新保存后再导入。";
    NO_TEXT: "This file has no text. Import one that has.", "文件中没有文字，请导入含有文字的文件。";
    TOO_SLOW: "This file took too long to read. Save it again with fewer pages or pictures.", "读取该文件耗时过长，请减少页数或图片后重新保存。";
    UNSUPPORTED: "Only PDF, Word (DOC, DOCX), JSON Resume and text can be read. Save it as one of these.", "仅支持 PDF、Word（DOC、DOCX）、JSON Resume 和文本，请另存为其中一种格式。";
    DROP: "Drop resumes here, or choose files", "将简历拖到此处，或点击选择文件";
    DROP_HINT: "PDF, Word, JSON Resume or text, up to 20 MB each. Several at once.", "支持 PDF、Word、JSON Resume 或文本，每份不超过 20 MB，可一次选择多份。";
    SEND: "Import", "导入";
    FOR_ONE: "These files are read as resumes of", "这些文件将作为简历归入：";
    THE_PERSON: "this person", "该人才";
    NOW: "Just given", "本次导入";
    RECENT: "Recent imports", "最近导入";
    OVER: "{0} of {1} files read", "已处理 {0} / {1} 份文件";
    WAITING: "Waiting", "等待中";
    SENDING: "Sending", "上传中";
    QUEUED: "Queued", "排队中";
    RUNNING: "Reading", "读取中";
    DONE: "Done", "完成";
    DUPLICATE: "Known already", "已存在";
    KNOWN: "The same file or person was here before; nothing was added twice.", "相同的文件或人才已存在，未重复添加。";
    FAILED: "Failed", "失败";
    NO_REASON: "The file could not be read. Try saving it as PDF or Word again.", "无法读取该文件，请重新另存为 PDF 或 Word 后再试。";
    PROGRESS: "Progress of {0}", "{0} 的处理进度";
    EMPTY: "Nothing imported yet", "还没有导入记录";
    EMPTY_TEXT: "Each resume becomes a person with skills, experience and a timeline.", "每份简历都会成为一位人才，附带技能、经历与时间线。";
    ONE: "{0} file", "{0} 份文件";
    MANY: "{0} files", "{0} 份文件";
    /// The browser says it before it sends.
    TOO_LARGE: "The file is larger than 20 MB.", "文件超过 20 MB。";
    TOO_MANY: "Only 100 files at once; give it again when the others are done.", "一次最多 100 份文件，请待其他文件完成后再添加。";
}
