//! The browser's half of an import: sending files, and following each until it is over.

use super::{Given, ImportView, MAX_FILES, TOO_LARGE, TOO_MANY, Upload, get_import};
use js_sys::futures::JsFuture;
use leptos::task::spawn_local;
use looma_app_ui::prelude::*;
use looma_types::resume::Import;
use looma_types::{PersonId, Problem};
use std::time::Duration;
use wasm_bindgen::prelude::*;
use web_sys::{EventSource, File, FormData, MessageEvent, RequestInit, Response};

/// What the service takes, in bytes; said here before a large file is sent for nothing.
const MAX_BYTES: f64 = 20.0 * 1024.0 * 1024.0;
/// How often it is asked when events do not come, and how many times.
const POLL: Duration = Duration::from_millis(1500);
const POLLS: u32 = 400;

/// Lists the files and sends them one after the other; they are read side by side at the service.
pub fn take(files: Vec<File>, given: RwSignal<Vec<Given>>, person: Option<PersonId>) {
    let (too_large, too_many) = (t(TOO_LARGE), t(TOO_MANY));
    let begin = given.read_untracked().len() as u32;
    let mut queue = Vec::new();
    for (index, file) in files.into_iter().enumerate() {
        let refused = if index >= MAX_FILES {
            Some(too_many)
        } else if file.size() > MAX_BYTES {
            Some(too_large)
        } else {
            None
        };
        let state = refused.map_or(Upload::Waiting, |reason| Upload::Refused(reason.to_owned()));
        let one = Given { key: begin + index as u32, name: StoredValue::new(file.name()), state: RwSignal::new(state) };
        if refused.is_none() {
            queue.push((one, file));
        }
        given.update(|given| given.push(one));
    }
    spawn_local(async move {
        for (one, file) in queue {
            one.state.try_set(Upload::Sending);
            let next = match send(&file, person).await {
                Ok(import) => Upload::Taken(RwSignal::new(ImportView { import, person: None })),
                Err(reason) => Upload::Refused(reason),
            };
            one.state.try_set(next);
        }
    });
}

async fn send(file: &File, person: Option<PersonId>) -> Result<Import, String> {
    let said = |error: JsValue| String::from(js_sys::Error::from(error).message());
    let form = FormData::new().map_err(said)?;
    if let Some(person) = person {
        form.append_with_str("person_id", &person.to_string()).map_err(said)?;
    }
    form.append_with_blob_and_filename("file", file, &file.name()).map_err(said)?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&form);
    let answer = JsFuture::from(window().fetch_with_str_and_init("/api/web/pass/resumes/import", &init)).await.map_err(said)?;
    let answer: Response = answer.dyn_into().map_err(said)?;
    let text = JsFuture::from(answer.text().map_err(said)?).await.map_err(said)?.as_string().unwrap_or_default();
    if answer.ok() {
        serde_json::from_str(&text).map_err(|error| error.to_string())
    } else {
        let problem: Option<Problem> = serde_json::from_str(&text).ok();
        Err(problem.map_or_else(|| answer.status_text(), |problem| problem.detail.unwrap_or(problem.title)))
    }
}

/// Keeps `row` as the import is, by its events; by asking again and again where events do not come.
pub fn follow(row: RwSignal<ImportView>) {
    let id = row.read_untracked().import.id;
    let Ok(source) = EventSource::new(&format!("/api/web/pass/resumes/imports/{id}/events")) else {
        return poll(row, POLLS);
    };
    let listening = source.clone();
    let on_import = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(import) = event.data().as_string().and_then(|text| serde_json::from_str::<Import>(&text).ok()) else { return };
        let seen = ImportView { import, person: None };
        if seen.is_over() {
            listening.close();
            // The events do not say the person's name.
            poll_now(row, POLLS);
        } else {
            row.try_set(seen);
        }
    });
    let failing = source.clone();
    let on_error = Closure::<dyn FnMut()>::new(move || {
        failing.close();
        if row.try_with_untracked(|view| !view.is_over()).unwrap_or(false) {
            poll(row, POLLS);
        }
    });
    let _ = source.add_event_listener_with_callback("import", on_import.as_ref().unchecked_ref());
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    let kept = StoredValue::new_local((source, on_import, on_error));
    on_cleanup(move || {
        kept.try_with_value(|(source, ..)| {
            source.set_onerror(None);
            source.close();
        });
    });
}

fn poll(row: RwSignal<ImportView>, left: u32) {
    set_timeout(move || poll_now(row, left), POLL);
}

fn poll_now(row: RwSignal<ImportView>, left: u32) {
    let Some(id) = row.try_with_untracked(|view| view.import.id) else { return };
    spawn_local(async move {
        let answer = get_import(id).await;
        let over = answer.as_ref().is_ok_and(ImportView::is_over);
        // The row may have left the page meanwhile.
        let gone = answer.is_ok_and(|view| row.try_set(view).is_some());
        if !over && !gone && left > 0 {
            poll(row, left - 1);
        }
    });
}
