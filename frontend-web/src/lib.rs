//! Takes over the server-rendered page of `app/web` in the browser.

/// Runs when the WASM module has loaded.
#[wasm_bindgen::prelude::wasm_bindgen(start)]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(looma_app_web::App);
}
