//! One row, one line: a JSON object with every column in order of name, the same bytes whichever database it came from.

use super::catalog::{Column, Kind, Table};
use crate::documents::canonical::canonical;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Nothing,
    Uuid(Uuid),
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
    /// As text, in the form that [`canonical`] and [`plain`] make.
    Json(String),
    Bytes(Vec<u8>),
    /// To the microsecond.
    Instant(DateTime<Utc>),
}

/// Appends a cell in JSON.
fn write(cell: &Cell, line: &mut Vec<u8>) -> Result<(), String> {
    match cell {
        Cell::Nothing => line.extend_from_slice(b"null"),
        Cell::Json(text) => {
            let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
            line.extend_from_slice(&canonical(&plain(value)));
        }
        Cell::Uuid(id) => line.extend_from_slice(format!("\"{}\"", id.hyphenated()).as_bytes()),
        Cell::Text(text) => line.extend_from_slice(&canonical(&Value::from(text.as_str()))),
        Cell::Integer(number) => line.extend_from_slice(number.to_string().as_bytes()),
        Cell::Float(number) => {
            // Not every database tells a negative zero.
            let number = Number::from_f64(*number + 0.0).ok_or_else(|| format!("{number} is no number that JSON can hold"))?;
            line.extend_from_slice(number.to_string().as_bytes());
        }
        Cell::Bool(flag) => line.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Cell::Bytes(bytes) => line.extend_from_slice(format!("\"{}\"", BASE64.encode(bytes)).as_bytes()),
        Cell::Instant(at) => line.extend_from_slice(format!("\"{}\"", at.to_rfc3339_opts(SecondsFormat::Micros, true)).as_bytes()),
    }
    Ok(())
}

/// Numbers as every database gives them back: one that keeps decimal digits writes `1e16` out and knows no negative zero.
pub fn plain(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => Value::Number(plain_number(number)),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(fields) => fields.into_iter().map(|(key, value)| (key, plain(value))).collect::<Map<_, _>>().into(),
        other => other,
    }
}

fn plain_number(number: Number) -> Number {
    match number.as_f64() {
        Some(0.0) => Number::from_f64(0.0).unwrap_or(number),
        // From here on the short form has an exponent; written out it is read as an integer while it fits one.
        Some(float) if float.abs() >= 1e16 => {
            let digits = format!("{float}");
            digits.parse::<i64>().map(Number::from).or_else(|_| digits.parse::<u64>().map(Number::from)).unwrap_or(number)
        }
        _ => number,
    }
}

/// Appends the line of a row, whose cells are in the order of the table's columns.
/// # Errors
/// Names the column whose value cannot be written.
pub fn write_row(table: &Table, cells: &[Cell], line: &mut Vec<u8>) -> Result<(), String> {
    for (at, (column, cell)) in table.columns.iter().zip(cells).enumerate() {
        line.extend_from_slice(if at == 0 { b"{\"" } else { b",\"" });
        line.extend_from_slice(column.name.as_bytes());
        line.extend_from_slice(b"\":");
        write(cell, line).map_err(|error| format!("{}: {error}", column.name))?;
    }
    line.extend_from_slice(b"}\n");
    Ok(())
}

/// The columns that a line has.
/// # Errors
/// Names the column that the table does not have here.
pub fn columns(table: &'static Table, line: &[u8]) -> Result<Vec<&'static Column>, String> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let known =
        |name: &String| table.column(name).ok_or_else(|| format!("this program knows no column {name} of the table {}", table.name));
    fields.keys().map(known).collect()
}

/// The cells of a line, which must have these columns.
/// # Errors
/// Says what is wrong with the line.
pub fn read_row(columns: &[&Column], line: &[u8]) -> Result<Vec<Cell>, String> {
    let fields: BTreeMap<&str, &RawValue> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if fields.len() != columns.len() {
        return Err("it has other columns than the lines before".into());
    }
    let cell = |column: &&Column| {
        let raw = fields.get(column.name).ok_or_else(|| format!("it has no {}", column.name))?;
        read(**column, raw.get()).map_err(|error| format!("{}: {error}", column.name))
    };
    columns.iter().map(cell).collect()
}

fn read(column: Column, raw: &str) -> Result<Cell, String> {
    if raw == "null" && (column.kind != Kind::Json || column.optional) {
        return if column.optional { Ok(Cell::Nothing) } else { Err("it must not be null".into()) };
    }
    let text = || serde_json::from_str::<String>(raw).map_err(|error| error.to_string());
    Ok(match column.kind {
        Kind::Uuid => Cell::Uuid(text()?.parse().map_err(|error: uuid::Error| error.to_string())?),
        Kind::Text => Cell::Text(text()?),
        Kind::Integer => Cell::Integer(raw.parse().map_err(|_| format!("{raw} is no integer"))?),
        Kind::Float => Cell::Float(raw.parse().map_err(|_| format!("{raw} is no number"))?),
        Kind::Bool => Cell::Bool(raw.parse().map_err(|_| format!("{raw} is neither true nor false"))?),
        Kind::Json => Cell::Json(raw.to_owned()),
        Kind::Bytes => Cell::Bytes(BASE64.decode(text()?).map_err(|error| error.to_string())?),
        Kind::Instant => Cell::Instant(text()?.parse().map_err(|error: chrono::ParseError| error.to_string())?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::catalog;
    use serde_json::json;

    #[test]
    fn numbers_have_one_form() {
        let value: Value =
            serde_json::from_str("[1e16, 1.5e16, -0.0, 1.50, 1e22, 12345678901234567000.0, 5e-7, 100.0, [9007199254740993]]").unwrap();
        let text = String::from_utf8(canonical(&plain(value))).unwrap();
        assert_eq!(text, "[10000000000000000,15000000000000000,0.0,1.5,1e+22,12345678901234567000,5e-7,100.0,[9007199254740993]]");
        let written_out = "[10000000000000000,15000000000000000,0.0,1.50,10000000000000000000000,12345678901234567000,0.0000005,100.0,[9007199254740993]]";
        assert_eq!(canonical(&plain(serde_json::from_str(written_out).unwrap())), text.as_bytes(), "as decimal digits");
    }

    #[test]
    fn what_is_wrong_with_a_line_is_named() {
        let table = catalog::table("signing_key").unwrap();
        let line = |value: Value| serde_json::to_vec(&value).unwrap();
        let fine = line(json!({"created_at": "2026-01-02T03:04:05.000006Z", "id": "k", "pkcs8": "AAE="}));
        let columns = columns(table, &fine).unwrap();
        assert_eq!(read_row(&columns, &fine).unwrap()[2], Cell::Bytes(vec![0, 1]));
        let wrong = |value: Value| read_row(&columns, &line(value)).unwrap_err();
        assert!(wrong(json!({"created_at": "yesterday", "id": "k", "pkcs8": ""})).starts_with("created_at: "));
        assert_eq!(wrong(json!({"created_at": "2026-01-02T03:04:05Z", "id": null, "pkcs8": ""})), "id: it must not be null");
        assert_eq!(wrong(json!({"id": "k"})), "it has other columns than the lines before");
        let unknown = super::columns(table, b"{\"colour\":1}").unwrap_err();
        assert_eq!(unknown, "this program knows no column colour of the table signing_key");
    }
}
