//! Form fields: label, input, hint and error, tied together for screen readers.

use crate::icon::{Glyph, Icon};
use crate::words::{OPTIONAL, t};
use leptos::prelude::*;

/// The label above, the hint or error below; `children` is the control with `id` = `name`.
#[component]
fn Frame(
    name: String,
    label: String,
    #[prop(optional_no_strip)] hint: Option<String>,
    error: Signal<Option<String>>,
    optional: bool,
    children: Children,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    view! {
        <div class="field">
            <label class="field-label" for=name>
                {label}
                {optional.then(|| view! { <span class="field-mark">" · " {t(OPTIONAL)}</span> })}
            </label>
            {children()}
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <div id=error_id aria-live="polite">
                {move || error.get().map(|error| view! { <p class="field-error"><Glyph icon=Icon::CircleAlert size=13/> {error}</p> })}
            </div>
        </div>
    }
}

fn described_by(name: &str, hint: bool) -> String {
    if hint { format!("{name}-hint {name}-error") } else { format!("{name}-error") }
}

/// One line of text. With `value` as a signal the field follows it.
#[component]
pub fn TextField(
    #[prop(into)] name: String,
    /// Where the name stands on the page more than once.
    #[prop(optional, into)]
    id: Option<String>,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: Signal<String>,
    /// `text`, `email`, `password`, `number`, `date`, `tel`, `url`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] autocomplete: Option<&'static str>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] optional: bool,
    #[prop(default = 200)] max: u32,
    /// Whether what is typed goes here as soon as the field is there.
    #[prop(optional)]
    focus: bool,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let described = described_by(&id, hint.is_some());
    let input = NodeRef::<leptos::html::Input>::new();
    if focus {
        input.on_load(|input| drop(input.focus()));
    }
    view! {
        <Frame name=id.clone() label hint error optional>
            <input
                node_ref=input
                class="input"
                id=id
                name=name
                type=kind
                value=value.get_untracked()
                prop:value=value
                placeholder=placeholder
                autocomplete=autocomplete
                maxlength=max
                required=!optional
                aria-describedby=described
                aria-invalid=move || error.get().is_some().then_some("true")
                on:input:target=move |event| if let Some(on_input) = on_input { on_input.run(event.target().value()) }
            />
        </Frame>
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: Signal<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] optional: bool,
    #[prop(default = 20_000)] max: u32,
    #[prop(default = 4)] rows: u32,
    #[prop(optional, into)] on_input: Option<Callback<String>>,
) -> impl IntoView {
    let described = described_by(&name, hint.is_some());
    view! {
        <Frame name=name.clone() label hint error optional>
            <textarea
                class="input"
                id=name.clone()
                name=name
                rows=rows
                maxlength=max
                required=!optional
                prop:value=value
                aria-describedby=described
                aria-invalid=move || error.get().is_some().then_some("true")
                on:input:target=move |event| if let Some(on_input) = on_input { on_input.run(event.target().value()) }
            >
                {value.get_untracked()}
            </textarea>
        </Frame>
    }
}

/// One entry of a select: the value sent and the words shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// One of several.
#[component]
pub fn SelectField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(into)] choices: Vec<Choice>,
    #[prop(optional, into)] value: Signal<String>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] on_change: Option<Callback<String>>,
) -> impl IntoView {
    let described = described_by(&name, hint.is_some());
    let options = choices
        .into_iter()
        .map(|choice| {
            let own = choice.value.clone();
            view! { <option value=choice.value selected=move || value.get() == own>{choice.label}</option> }
        })
        .collect_view();
    view! {
        <Frame name=name.clone() label hint error optional>
            <select
                class="input"
                id=name.clone()
                name=name
                required=!optional
                aria-describedby=described
                aria-invalid=move || error.get().is_some().then_some("true")
                on:change:target=move |event| if let Some(on_change) = on_change { on_change.run(event.target().value()) }
            >
                {options}
            </select>
        </Frame>
    }
}

/// A box to tick. Sends its value when ticked, `true` where it has none, and nothing otherwise (`#[server(default)]` on the argument).
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(default = "true")] value: &'static str,
    #[prop(optional)] checked: bool,
    #[prop(optional, into)] on_change: Option<Callback<bool>>,
) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                name=name
                value=value
                checked=checked
                on:change:target=move |event| if let Some(on_change) = on_change { on_change.run(event.target().checked()) }
            />
            {label}
        </label>
    }
}

/// What a message means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    Good,
    Warn,
    Bad,
    Accent,
}

/// A message above a form or a section.
#[component]
pub fn Alert(#[prop(default = Tone::Bad)] tone: Tone, #[prop(into)] text: String) -> impl IntoView {
    let (class, icon) = match tone {
        Tone::Good => (crate::class!("alert alert-good"), Icon::CircleCheck),
        Tone::Warn | Tone::Neutral | Tone::Accent => (crate::class!("alert alert-warn"), Icon::Info),
        Tone::Bad => (crate::class!("alert"), Icon::CircleAlert),
    };
    view! { <div class=class role=if tone == Tone::Bad { "alert" } else { "status" }><Glyph icon=icon/> <p>{text}</p></div> }
}
