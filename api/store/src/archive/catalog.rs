//! Every table of the truth with its columns, in an order that references between them allow. Long because the list is.

use std::collections::BTreeSet;

/// Tables that are no truth: who works at the moment, at what, who is on the way from an app and back, what projections could not take,
/// and secrets that the processes of one installation share. Every installation begins them anew.
#[cfg(test)]
const PASSING: [&str; 5] = ["lease", "oauth_code", "operation", "parked", "secret"];

/// What a column holds, whichever database keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Uuid,
    Text,
    Integer,
    Float,
    Bool,
    Json,
    Bytes,
    Instant,
}

/// What the text of a column names outside the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A document of this kind.
    Document(&'static str),
    Blob,
}

#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    /// Whether a row may come without it: it is nothing then, or what the schema says.
    pub optional: bool,
    pub names: Option<Named>,
}

impl Column {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, optional: false, names: None }
    }

    const fn or_none(self) -> Self {
        Self { optional: true, ..self }
    }

    const fn names(self, what: Named) -> Self {
        Self { names: Some(what), ..self }
    }
}

#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    /// Rows are in order of these.
    pub key: &'static [&'static str],
    /// In order of name.
    pub columns: &'static [Column],
    /// The column that the database numbers by itself.
    pub counted: Option<&'static str>,
}

impl Table {
    const fn new(name: &'static str, key: &'static [&'static str], columns: &'static [Column]) -> Self {
        Self { name, key, columns, counted: None }
    }

    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// The kinds of documents that rows name.
pub fn document_kinds() -> BTreeSet<&'static str> {
    let names = TABLES.iter().flat_map(|table| table.columns).filter_map(|column| column.names);
    names.filter_map(|named| if let Named::Document(kind) = named { Some(kind) } else { None }).collect()
}

const fn uuid(name: &'static str) -> Column {
    Column::new(name, Kind::Uuid)
}

const fn text(name: &'static str) -> Column {
    Column::new(name, Kind::Text)
}

const fn integer(name: &'static str) -> Column {
    Column::new(name, Kind::Integer)
}

const fn float(name: &'static str) -> Column {
    Column::new(name, Kind::Float)
}

const fn flag(name: &'static str) -> Column {
    Column::new(name, Kind::Bool)
}

const fn json(name: &'static str) -> Column {
    Column::new(name, Kind::Json)
}

const fn bytes(name: &'static str) -> Column {
    Column::new(name, Kind::Bytes)
}

const fn instant(name: &'static str) -> Column {
    Column::new(name, Kind::Instant)
}

/// All of them. A test compares the list with what the migrations of both databases make.
pub static TABLES: &[Table] = &[
    Table::new("workspace", &["id"], &[instant("created_at"), uuid("id"), text("name"), instant("updated_at"), integer("version")]),
    Table::new(
        "account",
        &["id"],
        &[
            instant("created_at"),
            text("email_key"),
            json("fields"),
            uuid("id"),
            text("name"),
            text("password_hash"),
            text("role"),
            text("status"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "oauth_client",
        &["id"],
        &[
            instant("created_at"),
            json("fields"),
            uuid("id"),
            text("name"),
            bytes("secret_hash").or_none(),
            uuid("session_id"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "oauth_consent",
        &["account_id", "client_id"],
        &[uuid("account_id"), uuid("client_id"), instant("created_at"), text("scope"), uuid("workspace_id")],
    ),
    Table::new(
        "session",
        &["id"],
        &[
            uuid("account_id"),
            uuid("client_id").or_none(),
            instant("created_at"),
            instant("expires_at"),
            bytes("family_hash"),
            uuid("id"),
            instant("last_used_at"),
            text("scope").or_none(),
            bytes("token_hash"),
            text("user_agent"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "api_key",
        &["id"],
        &[
            uuid("account_id"),
            text("addresses").or_none(),
            instant("created_at"),
            instant("expires_at").or_none(),
            bytes("hash"),
            uuid("id"),
            instant("last_used_at").or_none(),
            text("name"),
            text("prefix"),
            text("role"),
            text("scopes").or_none(),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "second_factor",
        &["account_id"],
        &[uuid("account_id"), instant("confirmed_at").or_none(), integer("last_step"), bytes("secret"), uuid("workspace_id")],
    ),
    Table::new("recovery_code", &["account_id", "hash"], &[uuid("account_id"), bytes("hash")]),
    Table::new("signing_key", &["id"], &[instant("created_at"), text("id"), bytes("pkcs8")]),
    Table::new(
        "person",
        &["id"],
        &[
            instant("created_at"),
            json("fields"),
            uuid("id"),
            text("location_text"),
            text("name"),
            uuid("owner_id").or_none(),
            text("search_text"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new("person_contact", &["person_id", "value"], &[uuid("person_id"), text("value"), uuid("workspace_id")]),
    Table::new("person_tag", &["person_id", "tag"], &[uuid("person_id"), text("tag")]),
    Table::new(
        "interaction",
        &["id"],
        &[
            instant("at"),
            instant("created_at"),
            uuid("created_by"),
            json("fields"),
            uuid("id"),
            text("kind"),
            flag("open"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "interaction_with",
        &["interaction_id", "record_kind", "record_id"],
        &[instant("at"), uuid("interaction_id"), uuid("record_id"), text("record_kind"), uuid("workspace_id")],
    ),
    Table::new(
        "relationship",
        &["id"],
        &[
            instant("created_at"),
            json("fields"),
            uuid("from_id"),
            text("from_kind"),
            uuid("id"),
            text("kind"),
            text("since"),
            uuid("to_id"),
            text("to_kind"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "company",
        &["id"],
        &[
            instant("created_at"),
            json("fields"),
            uuid("id"),
            text("industry").or_none(),
            text("name"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new("department", &["id"], &[uuid("company_id"), uuid("id"), text("name"), uuid("parent_id").or_none(), uuid("workspace_id")]),
    Table::new(
        "job",
        &["id"],
        &[
            uuid("company_id"),
            instant("created_at"),
            text("employment_type"),
            json("fields"),
            uuid("id"),
            text("location").or_none(),
            instant("published_at").or_none(),
            text("remote"),
            text("skills"),
            text("status"),
            text("title"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "application",
        &["id"],
        &[
            instant("created_at"),
            json("history"),
            uuid("id"),
            uuid("job_id"),
            uuid("person_id"),
            text("person_name"),
            text("stage"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "project",
        &["id"],
        &[
            instant("created_at"),
            json("fields"),
            uuid("id"),
            text("name"),
            text("search_text"),
            text("status"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "skill",
        &["workspace_id", "id"],
        &[
            instant("created_at"),
            json("fields"),
            uuid("id"),
            text("name"),
            flag("seeded"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "resume",
        &["id"],
        &[
            instant("created_at"),
            text("document").names(Named::Document("resume")),
            uuid("id"),
            text("original").names(Named::Blob).or_none(),
            text("original_name").or_none(),
            uuid("person_id"),
            text("title"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "resume_version",
        &["resume_id", "version"],
        &[
            text("cause"),
            instant("created_at"),
            uuid("created_by"),
            text("document").names(Named::Document("resume")),
            uuid("resume_id"),
            text("title"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "resume_import",
        &["id"],
        &[
            uuid("actor_id"),
            text("actor_name"),
            instant("created_at"),
            uuid("duplicate_of").or_none(),
            text("file_name"),
            uuid("id"),
            text("original").names(Named::Blob),
            uuid("person_id").or_none(),
            json("problem").or_none(),
            float("progress"),
            uuid("resume_id").or_none(),
            integer("size"),
            text("state"),
            instant("updated_at"),
            uuid("wanted_person_id").or_none(),
            uuid("workspace_id"),
        ],
    ),
    Table::new(
        "ai_model",
        &["id"],
        &[
            flag("active"),
            instant("created_at"),
            json("fields"),
            uuid("id"),
            text("name"),
            text("purpose"),
            instant("updated_at"),
            integer("version"),
            uuid("workspace_id"),
        ],
    ),
    Table::new("ai_activation", &["id"], &[instant("at"), uuid("id"), uuid("model_id").or_none(), text("purpose"), uuid("workspace_id")]),
    Table::new(
        "config_version",
        &["version"],
        &[instant("created_at"), text("created_by"), text("note").or_none(), json("settings"), integer("version")],
    ),
    Table::new(
        "idempotency",
        &["workspace_id", "actor_id", "key"],
        &[
            uuid("actor_id"),
            bytes("body").or_none(),
            instant("created_at"),
            text("fingerprint"),
            text("headers").or_none(),
            text("key"),
            integer("status").or_none(),
            uuid("workspace_id"),
        ],
    ),
    Table {
        counted: Some("position"),
        ..Table::new(
            "outbox",
            &["position"],
            &[
                text("action"),
                uuid("actor_id").or_none(),
                text("actor_name"),
                text("address").or_none(),
                instant("at"),
                json("detail"),
                bytes("hash").or_none(),
                text("op"),
                integer("position"),
                json("projected").or_none(),
                uuid("record_id"),
                text("record_kind"),
                text("request_id").or_none(),
                integer("sequence").or_none(),
                integer("version"),
                uuid("workspace_id"),
            ],
        )
    },
    Table::new("audit_head", &["workspace_id"], &[bytes("hash"), integer("sequence"), uuid("workspace_id")]),
];

#[cfg(test)]
mod tests;
