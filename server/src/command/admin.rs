//! `looma admin create`.

use super::{Common, quiet, say};
use crate::instance;
use clap::Subcommand;
use looma_kernel::Kernel;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Make an administrator of the installation.
    Create {
        #[arg(long)]
        email: String,
        /// Read from LOOMA_ADMIN_PASSWORD where not given; made at random where that is missing too.
        #[arg(long, env = "LOOMA_ADMIN_PASSWORD", hide_env_values = true)]
        password: Option<String>,
    },
}

pub(super) async fn admin(common: &Common, command: Admin) -> anyhow::Result<ExitCode> {
    let Admin::Create { email, password } = command;
    let mut settings = common.settings()?;
    let _hold = instance::hold(&settings.data)?;
    let logs = quiet(&mut settings);
    let kernel = Kernel::open(settings, logs).await?;
    let generated = password.is_none();
    let password = password.unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
    let made = looma_user::create_admin(&kernel, &email, &password).await;
    kernel.stop().await;
    let email = made?.fields.email;
    let shown = generated.then_some(&password);
    say(common, &serde_json::json!({ "email": email, "password": shown }), |_| match shown {
        Some(password) => format!("Administrator {email} with the password (shown once): {password}"),
        None => format!("Administrator {email}."),
    })?;
    Ok(ExitCode::SUCCESS)
}
