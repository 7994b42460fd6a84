//! The default hiring pipeline.

use looma_types::PipelineId;
use looma_types::job::{Pipeline, Stage};
use looma_types::record::LocalText;
use uuid::Uuid;

/// Key, in English, in Chinese, whether it ends an application.
const STAGES: [(&str, &str, &str, bool); 6] = [
    ("new", "New", "新申请", false),
    ("screening", "Screening", "初筛", false),
    ("interview", "Interview", "面试", false),
    ("offer", "Offer", "录用沟通", false),
    ("hired", "Hired", "已入职", true),
    ("rejected", "Rejected", "未通过", true),
];

/// The pipeline that every workspace has.
pub fn default() -> Pipeline {
    let text = |lang: &str, value: &str| LocalText { lang: lang.to_owned(), value: value.to_owned() };
    Pipeline {
        id: PipelineId(Uuid::from_u128(0x6c6f_6f6d_6100_8000_8000_0000_0000_0002)),
        name: "Default".to_owned(),
        stages: STAGES
            .iter()
            .map(|(key, en, zh, terminal)| Stage {
                key: (*key).to_owned(),
                name: vec![text("en", en), text("zh", zh)],
                terminal: *terminal,
            })
            .collect(),
    }
}
