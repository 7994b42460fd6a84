//! Who is looking at the page.

use leptos::prelude::*;
use looma_types::{Permission, Role};
use serde::{Deserialize, Serialize};

/// The signed-in user, as far as pages need to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub id: looma_types::UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
}

impl Viewer {
    /// Whether to offer an action; the service decides again.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.allows(permission)
    }
}

/// The signed-in user. Pages inside the frame always have one.
/// # Panics
/// Outside the frame.
pub fn use_viewer() -> Viewer {
    expect_context::<Viewer>()
}
