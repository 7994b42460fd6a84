//! Roles and states in words.

use looma_app_ui::prelude::*;
use looma_types::Role;
use looma_types::user::UserStatus;

pub const STATUSES: [UserStatus; 4] = [UserStatus::Active, UserStatus::Inactive, UserStatus::Suspended, UserStatus::Pending];

pub fn role_word(role: Role) -> &'static str {
    t(match role {
        Role::Guest => GUEST,
        Role::User => USER,
        Role::DataAdmin => DATA_ADMIN,
        Role::Admin => ADMIN,
        Role::SuperAdmin => SUPER_ADMIN,
    })
}

pub fn status_word(status: UserStatus) -> &'static str {
    t(match status {
        UserStatus::Active => ACTIVE,
        UserStatus::Inactive => INACTIVE,
        UserStatus::Suspended => SUSPENDED,
        UserStatus::Pending => PENDING,
    })
}

pub const fn status_tone(status: UserStatus) -> Tone {
    match status {
        UserStatus::Active => Tone::Good,
        UserStatus::Inactive => Tone::Neutral,
        UserStatus::Suspended => Tone::Bad,
        UserStatus::Pending => Tone::Warn,
    }
}

messages! {
    GUEST: "Guest", "访客";
    USER: "User", "普通用户";
    DATA_ADMIN: "Data admin", "数据管理员";
    ADMIN: "Admin", "管理员";
    SUPER_ADMIN: "Super admin", "超级管理员";
    ACTIVE: "Active", "正常";
    INACTIVE: "Inactive", "停用";
    SUSPENDED: "Suspended", "已封禁";
    PENDING: "Pending", "待激活";
}
