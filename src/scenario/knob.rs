//! A `[[samplers]]` entry: the name of a sampler and values for its knobs, each with its place in the file.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::Sampling;
use crate::samplers::{self, Scale, Value};

/// Keys and values as they stand in the file.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct SamplerForm(BTreeMap<Spanned<String>, Spanned<KnobForm>>);

/// A value of any kind, as it stands in the file.
pub struct KnobForm(pub Value);

impl<'de> Deserialize<'de> for KnobForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;
        impl Visitor<'_> for Values {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, true, false, or a word in quotation marks")
            }

            fn visit_f64<E: Error>(self, x: f64) -> Result<Value, E> {
                Ok(Value::Number(x))
            }

            #[expect(clippy::cast_precision_loss, reason = "no knob takes numbers beyond 2^53")]
            fn visit_i64<E: Error>(self, n: i64) -> Result<Value, E> {
                Ok(Value::Number(n as f64))
            }

            fn visit_bool<E: Error>(self, on: bool) -> Result<Value, E> {
                Ok(Value::Switch(on))
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Value, E> {
                Ok(Value::Word(word.to_owned()))
            }
        }
        deserializer.deserialize_any(Values).map(Self)
    }
}

/// What is wrong, and the bytes that are.
pub struct Refusal {
    pub span: Range<usize>,
    pub reason: String,
}

impl Refusal {
    pub fn new(span: Range<usize>, reason: impl fmt::Display) -> Self {
        Self { span, reason: reason.to_string() }
    }
}

/// The sampler that an entry describes; `whole` is where the entry stands.
pub fn sampling(form: &SamplerForm, whole: Range<usize>, scale: &Scale) -> Result<Sampling, Refusal> {
    let Some(named) = form.0.iter().find(|(key, _)| key.get_ref() == "name") else {
        return Err(Refusal::new(whole, "missing field `name`: which sampler is meant"));
    };
    let (place, Value::Word(name)) = (named.1.span(), &named.1.get_ref().0) else {
        return Err(Refusal::new(named.1.span(), "expected the name of a sampler in quotation marks"));
    };
    let entry = samplers::find(name).map_err(|error| Refusal::new(place, error))?;
    let mut settings = entry.settings(scale, []).map_err(|error| Refusal::new(whole.clone(), error))?;
    for (knob, value) in form.0.iter().filter(|(key, _)| key.get_ref() != "name") {
        let given = value.get_ref().0.clone();
        settings.set(entry, knob.get_ref(), given).map_err(|error| Refusal::new(knob.span(), error))?;
    }
    (entry.build)(&settings).map_err(|error| Refusal::new(whole, error))?;
    Ok(Sampling { entry, settings })
}
