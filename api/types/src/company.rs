//! Companies and their departments.

use crate::{CompanyId, DepartmentId};
use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    #[garde(inner(length(chars, max = 300)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    #[garde(inner(length(chars, max = 100)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[garde(inner(length(chars, max = 100)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[garde(inner(length(chars, max = 20)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    #[garde(inner(length(chars, max = 100)))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct CompanyDraft {
    #[garde(length(chars, min = 1, max = 200), custom(crate::person::not_blank))]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 200)))]
    pub legal_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 100)))]
    pub industry: Option<String>,
    /// Such as `11-50`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 40)))]
    pub size: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(url, length(chars, max = 500)))]
    pub website: Option<String>,
    #[serde(default)]
    #[garde(length(max = 20), dive)]
    pub addresses: Vec<Address>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, max = 20_000)))]
    pub description: Option<String>,
}

impl CompanyDraft {
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), legal_name: None, industry: None, size: None, website: None, addresses: vec![], description: None }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Company {
    pub id: CompanyId,
    #[serde(flatten)]
    pub fields: CompanyDraft,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, Validate)]
#[garde(allow_unvalidated)]
#[serde(deny_unknown_fields)]
pub struct DepartmentDraft {
    #[garde(length(chars, min = 1, max = 200), custom(crate::person::not_blank))]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<DepartmentId>,
}

/// A department; the list of a company's departments is the tree, parents before children.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Department {
    pub id: DepartmentId,
    pub company_id: CompanyId,
    #[serde(flatten)]
    pub fields: DepartmentDraft,
    /// 0 at the top.
    pub depth: u32,
}
