//! What is going on: the first page after signing in.

use looma_app_ui::prelude::*;

/// `/`
#[component]
pub fn DashboardPage() -> impl IntoView {
    view! {
        <PageHead title=t(crate::OVERVIEW)>
            <ButtonLink label=t(IMPORT) href="/imports" emphasis=Emphasis::Primary icon=Icon::Upload/>
        </PageHead>
        <div class="content">
            <EmptyState icon=Icon::Inbox title=t(EMPTY) text=t(EMPTY_TEXT)>
                <ButtonLink label=t(IMPORT) href="/imports" emphasis=Emphasis::Primary icon=Icon::Upload/>
            </EmptyState>
        </div>
    }
}

messages! {
    IMPORT: "Import resumes", "导入简历";
    EMPTY: "Nobody here yet", "还没有人才";
    EMPTY_TEXT: "Drop a few resumes in: each becomes a person with skills, a timeline, and matches for your jobs.", "拖入几份简历：每份都会成为一位人才，附带技能、时间线以及与职位的匹配。";
}
