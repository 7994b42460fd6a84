//! A board of columns: cards move by drag, by buttons, and by `Alt` with an arrow; each move is announced.

use crate::icon::{Glyph, Icon};
use crate::words::{t, tf};
use leptos::prelude::*;

/// A card that was moved to a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    pub card: String,
    pub column: String,
}

/// What the parts of one board share.
#[derive(Clone, Copy)]
struct BoardState {
    /// The card being dragged.
    held: RwSignal<Option<String>>,
    columns: StoredValue<Vec<(String, String)>>,
    on_move: Callback<Move>,
    said: RwSignal<String>,
}

impl BoardState {
    fn place(self, card: String, column: String) {
        let label = self.columns.with_value(|columns| columns.iter().find(|(id, _)| *id == column).map(|(_, label)| label.clone()));
        self.said.set(tf(MOVED_TO, &[&label.unwrap_or_default()]));
        self.on_move.run(Move { card, column });
    }

    /// The column `step` to the right of `column`.
    fn beside(self, column: &str, step: isize) -> Option<String> {
        self.columns.with_value(|columns| {
            let at = columns.iter().position(|(id, _)| id == column)?;
            columns.get(at.checked_add_signed(step)?).map(|(id, _)| id.clone())
        })
    }
}

/// The board. `columns` are (id, label) in order; children are [`BoardColumn`]s with the same ids.
#[component]
pub fn Board(
    #[prop(into)] label: String,
    columns: Vec<(String, String)>,
    #[prop(into)] on_move: Callback<Move>,
    children: Children,
) -> impl IntoView {
    let state = BoardState { held: RwSignal::new(None), columns: StoredValue::new(columns), on_move, said: RwSignal::new(String::new()) };
    provide_context(state);
    view! {
        <div class="board" role="group" aria-label=label tabindex="0">{children()}</div>
        <p class="visually-hidden" role="status" aria-live="polite">{move || state.said.get()}</p>
    }
}

/// One column. Children are [`BoardCard`]s.
#[component]
pub fn BoardColumn(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(into)] count: Signal<usize>,
    children: Children,
) -> impl IntoView {
    let state = expect_context::<BoardState>();
    // Entering a child leaves the parent: the difference of both says whether the pointer is inside.
    let inside = RwSignal::new(0_i32);
    let drop = move |event: leptos::ev::DragEvent| {
        event.prevent_default();
        inside.set(0);
        if let Some(card) = state.held.get_untracked() {
            state.held.set(None);
            state.place(card, id.clone());
        }
    };
    view! {
        <section
            class="board-column"
            class:board-column-over=move || { inside.get() > 0 && state.held.read().is_some() }
            aria-label=label.clone()
            on:dragover=move |event| event.prevent_default()
            on:dragenter=move |_| inside.update(|inside| *inside += 1)
            on:dragleave=move |_| inside.update(|inside| *inside -= 1)
            on:drop=drop
        >
            <h2 class="board-head">{label.clone()} <span class="board-count">{move || count.get()}</span></h2>
            <div class="board-list">{children()}</div>
        </section>
    }
}

/// One card in `column`. Focus it and press `Alt` with an arrow to move it.
#[component]
pub fn BoardCard(#[prop(into)] id: String, #[prop(into)] column: String, #[prop(into)] label: String, children: Children) -> impl IntoView {
    let state = expect_context::<BoardState>();
    let (dragged, held, moved) = (id.clone(), id.clone(), id);
    let step = Callback::new(move |step: isize| {
        if let Some(to) = state.beside(&column, step) {
            state.place(moved.clone(), to);
        }
    });
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" if event.alt_key() => 1,
            "ArrowLeft" if event.alt_key() => -1,
            _ => return,
        };
        event.prevent_default();
        step.run(by);
    };
    let arrow = move |by: isize, icon: Icon, words: &'static str| {
        view! { <button type="button" class="button button-quiet button-icon button-small" aria-label=format!("{label}: {words}") title=words on:click=move |_| step.run(by)><Glyph icon=icon size=14/></button> }
    };
    view! {
        <article
            class="board-card"
            class:board-card-held=move || state.held.read().as_ref() == Some(&held)
            draggable="true"
            tabindex="0"
            on:dragstart=move |event| {
                // Firefox drags nothing without data.
                if let Some(data) = event.data_transfer() {
                    let _ = data.set_data("text/plain", &dragged);
                }
                state.held.set(Some(dragged.clone()));
            }
            on:dragend=move |_| state.held.set(None)
            on:keydown=on_key
        >
            {children()}
            <div class="board-moves">{arrow(-1, Icon::ArrowLeft, t(TO_LEFT))} {arrow(1, Icon::ArrowRight, t(TO_RIGHT))}</div>
        </article>
    }
}

crate::messages! {
    MOVED_TO: "Moved to {0}", "已移至{0}";
    TO_LEFT: "Move to the previous stage (Alt ←)", "移到上一阶段（Alt ←）";
    TO_RIGHT: "Move to the next stage (Alt →)", "移到下一阶段（Alt →）";
}
