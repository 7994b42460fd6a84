//! The services and their health.

use looma_app_ui::prelude::*;

/// `/`
#[component]
pub fn ServicesPage() -> impl IntoView {
    view! {
        <PageHead title=t(crate::SERVICES)/>
        <div class="content">
            <EmptyState icon=Icon::Activity title=t(EMPTY) text=t(EMPTY_TEXT)/>
        </div>
    }
}

messages! {
    EMPTY: "No measurements yet", "暂无监测数据";
    EMPTY_TEXT: "The monitor reports on every service a few seconds after the system has started.", "系统启动数秒后，监控服务会报告各服务的状态。";
}
