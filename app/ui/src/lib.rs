//! What both front ends are made of: components, words, icons, preferences, and the server's way to the services.
//!
//! Pages use `use looma_app_ui::prelude::*;`. Every visible string is a [`words::Msg`] in both languages.

#![recursion_limit = "256"]

#[cfg(not(erase_components))]
compile_error!("build with `--cfg erase_components`, as .cargo/config.toml says: RUSTFLAGS in the environment replaces it");

pub mod action;
pub mod board;
pub mod button;
pub mod chart;
pub mod data;
pub mod drop_zone;
pub mod failure;
pub mod field;
pub mod floating;
pub mod frame;
pub mod graph;
pub mod icon;
pub mod keys;
pub mod list;
pub mod moment;
pub mod navigation;
pub mod pager;
pub mod palette;
pub mod permissions;
pub mod posting;
pub mod preferences;
pub mod record;
pub mod root;
pub mod sign_in;
pub mod states;
pub mod time;
pub mod viewer;
pub mod wire;
pub mod words;

#[cfg(feature = "ssr")]
pub mod session;
#[cfg(feature = "ssr")]
pub mod shell;

/// Everything a page needs.
pub mod prelude {
    pub use crate::action::{Refusal, done, failure_of, say_when_done, wrong};
    pub use crate::board::{Board, BoardCard, BoardColumn, Move};
    pub use crate::button::{Button, ButtonLink, Emphasis, SubmitButton};
    pub use crate::chart::{Bar, BarChart, Progress, Sparkline};
    pub use crate::data::Data;
    pub use crate::drop_zone::DropZone;
    pub use crate::failure::{Answer, Failure};
    pub use crate::field::{Alert, Checkbox, Choice, SelectField, TextArea, TextField, Tone};
    pub use crate::floating::{Dialog, SidePanel, Toasts, use_toasts};
    pub use crate::frame::{Crumb, PageHead};
    pub use crate::graph::{GraphEdge, GraphNode, GraphView};
    pub use crate::icon::{Glyph, Icon};
    pub use crate::list::{BY_NAME_OR_CHANGE, Chip, Column, FilterChip, OrderBy, Orders, Row, SearchBox, Table, order_of};
    pub use crate::moment::{Exact, every};
    pub use crate::navigation::{Tab, Tabs, add_param, escape, go, query_with};
    pub use crate::pager::Pager;
    pub use crate::posting::{ActionForm, ServerAction};
    pub use crate::record::{Avatar, Badge, Fact, Facts, PersonLabel, Section, StatTile, Tiles, TimelineItem};
    pub use crate::states::{EmptyState, Loaded, Skeleton};
    pub use crate::time::{When, date, exact, money, number, relative};
    pub use crate::viewer::{Viewer, use_viewer};
    pub use crate::wire::JsonText;
    pub use crate::words::{Locale, Msg, locale, plural, t, tf};
    pub use crate::{class, messages};
    pub use leptos::prelude::*;
    pub use leptos_meta::Title;
    pub use looma_types::Page;
}
