//! The keys of a JSON object, taken one by one: what is left at the end is unknown.

use serde_json::{Map, Value};

use super::error::ModelError;

/// Characters of a refused value that an error repeats.
const SHOWN: usize = 60;

/// What is left of the object. Keys that begin with '_' are notes of whoever wrote it.
pub struct Fields(Map<String, Value>);

impl Fields {
    pub fn new(text: &str) -> Result<Self, ModelError> {
        let mut fields: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| ModelError::Json(error.to_string()))?;
        fields.retain(|key, _| !key.starts_with('_'));
        Ok(Self(fields))
    }

    /// The value of `key` as `read` understands it, or `default` where the key is absent.
    pub fn take<T>(
        &mut self,
        key: &'static str,
        default: T,
        expected: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<T, ModelError> {
        let Some(value) = self.0.remove(key) else { return Ok(default) };
        read(&value).ok_or_else(|| refused(key, &value, expected))
    }

    /// A whole number of `range`.
    pub fn whole(
        &mut self,
        key: &'static str,
        default: usize,
        range: std::ops::RangeInclusive<usize>,
    ) -> Result<usize, ModelError> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.take(key, default, &expected, |value| whole(value).filter(|n| range.contains(n)))
    }

    /// A whole number of `range`, or null.
    pub fn whole_or_null(
        &mut self,
        key: &'static str,
        default: Option<usize>,
        range: std::ops::RangeInclusive<usize>,
    ) -> Result<Option<usize>, ModelError> {
        let expected = format!("null or a whole number from {} to {}", range.start(), range.end());
        self.take(key, default, &expected, |value| match value {
            Value::Null => Some(None),
            value => whole(value).filter(|n| range.contains(n)).map(Some),
        })
    }

    pub fn flag(&mut self, key: &'static str, default: bool) -> Result<bool, ModelError> {
        self.take(key, default, "true or false", Value::as_bool)
    }

    /// A number that is finite and above 0.
    pub fn positive(&mut self, key: &'static str, default: f32) -> Result<f32, ModelError> {
        self.take(key, default, "a number above 0", |value| number(value).filter(|x| *x > 0.0))
    }

    /// One of the named choices.
    pub fn choice<T: Clone>(&mut self, key: &'static str, default: T, choices: &[(&str, T)]) -> Result<T, ModelError> {
        let names: Vec<String> = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        self.take(key, default, &names.join(" or "), |value| {
            choices.iter().find(|(name, _)| value.as_str() == Some(name)).map(|(_, choice)| choice.clone())
        })
    }

    /// A list of at least one and at most `most` entries.
    pub fn list<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        most: usize,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, ModelError> {
        let Some(value) = self.0.remove(key) else {
            return Err(ModelError::Conflict(format!("'{key}' is missing; expected {expected}")));
        };
        let list = value.as_array().filter(|list| (1..=most).contains(&list.len()));
        list.and_then(|list| list.iter().map(read).collect()).ok_or_else(|| refused(key, &value, expected))
    }

    /// Refuses what nobody took.
    pub fn finish(self) -> Result<(), ModelError> {
        self.0.into_iter().next().map_or(Ok(()), |(key, _)| Err(ModelError::UnknownKey(key)))
    }
}

pub fn whole(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|n| usize::try_from(n).ok())
}

#[expect(clippy::cast_possible_truncation, reason = "networks are computed in single precision")]
pub fn number(value: &Value) -> Option<f32> {
    value.as_f64().map(|x| x as f32).filter(|x| x.is_finite())
}

fn refused(key: &'static str, value: &Value, expected: &str) -> ModelError {
    let mut found = value.to_string();
    if found.chars().count() > SHOWN {
        found = found.chars().take(SHOWN).chain("…".chars()).collect();
    }
    ModelError::Value { key, found, expected: expected.to_owned() }
}
