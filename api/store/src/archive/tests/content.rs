//! Contents to put into an archive: arbitrary ones and awkward ones.

use crate::archive::catalog::{Kind, Named, TABLES, Table};
use crate::archive::fill;
use crate::archive::line::Cell;
use crate::stores::Truth;
use chrono::DateTime;
use looma_types::WorkspaceId;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

/// What one row of every table is made from.
#[derive(Clone, Debug)]
pub struct Seed {
    text: String,
    number: i64,
    float: f64,
    json: Value,
    bytes: Vec<u8>,
    micros: i64,
    some: bool,
}

pub fn seed() -> impl Strategy<Value = Seed> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no NaN", |float| float.is_finite()).prop_map(Value::from),
        "[^\\x00]{0,8}".prop_map(Value::from),
    ];
    let json = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[^\\x00]{0,4}", inner, 0..4).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    let text = prop_oneof!["[^\\x00]{0,12}", Just("王芳 \\N\t\\.\r\n\\x00".to_owned())];
    let float = any::<f64>().prop_filter("no NaN", |float| float.is_finite());
    let micros = 0..4_000_000_000_000_000_i64;
    (text, any::<i64>(), float, json, prop::collection::vec(any::<u8>(), 0..6), micros, any::<bool>())
        .prop_map(|(text, number, float, json, bytes, micros, some)| Seed { text, number, float, json, bytes, micros, some })
}

/// Rows of different tables refer to each other by having the same number.
pub fn id(number: usize) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number as u128)
}

async fn row(truth: &Truth, table: &Table, number: usize, of: usize, seed: &Seed) -> Vec<Cell> {
    let mut row = Vec::new();
    for column in table.columns {
        let workspace = WorkspaceId(id(number));
        let cell = match (column.name, column.kind) {
            _ if column.optional && !seed.some => Cell::Nothing,
            // A department below a later one.
            ("parent_id", _) => Cell::Uuid(id((number + 1) % of)),
            ("role", _) => Cell::Text("admin".into()),
            ("status", Kind::Text) => Cell::Text(if table.name == "job" { "draft" } else { "active" }.into()),
            ("op", _) => Cell::Text("note".into()),
            ("position", _) => Cell::Integer(number as i64 + 1),
            ("version", _) if table.name == "config_version" => Cell::Integer(number as i64),
            // Of the kind that fits into 32 bits in one of the databases.
            ("status", Kind::Integer) => Cell::Integer(i64::from(seed.number as i32)),
            (_, Kind::Text) => match column.names {
                Some(Named::Document(kind)) => Cell::Text(truth.documents.put(workspace, kind, &seed.json).await.unwrap()),
                Some(Named::Blob) => Cell::Text(truth.blobs.put(workspace, seed.bytes.clone().into()).await.unwrap()),
                None => Cell::Text(format!("{}{number}", seed.text)),
            },
            (_, Kind::Uuid) => Cell::Uuid(id(number)),
            (_, Kind::Integer) => Cell::Integer(seed.number),
            (_, Kind::Float) => Cell::Float(seed.float),
            (_, Kind::Bool) => Cell::Bool(seed.some),
            (_, Kind::Json) => Cell::Json(seed.json.to_string()),
            (_, Kind::Bytes) => Cell::Bytes([seed.bytes.as_slice(), &[number as u8]].concat()),
            (_, Kind::Instant) => Cell::Instant(DateTime::from_timestamp_micros(seed.micros).unwrap()),
        };
        row.push(cell);
    }
    row
}

/// Writes a row of every table from each seed.
pub async fn write(truth: &Truth, seeds: &[Seed]) {
    let mut tx = truth.sql.begin().await.unwrap();
    fill::begin(&mut tx).await.unwrap();
    for table in TABLES {
        let columns: Vec<_> = table.columns.iter().collect();
        let mut rows = Vec::new();
        for (number, seed) in seeds.iter().enumerate() {
            rows.push(row(truth, table, number, seeds.len(), seed).await);
        }
        fill::add(&mut tx, table, &columns, rows).await.unwrap();
    }
    fill::end(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// Awkward values, the same every time.
pub fn some_seeds(count: usize) -> Vec<Seed> {
    let json = json!({"名": ["王芳", null, 1e16, -0.0, u64::MAX], "": 0.1, "a": {"z": 1.0, "b": 5e-324}});
    let seed = |number: usize| Seed {
        text: "Ann, 王\n".into(),
        number: i64::MAX - number as i64,
        float: 0.1 + 0.2,
        json: json!([number, &json]),
        bytes: number.to_le_bytes().to_vec(),
        micros: 1_700_000_000_123_456 + number as i64,
        some: !number.is_multiple_of(3),
    };
    (0..count).map(seed).collect()
}
