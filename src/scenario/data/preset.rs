//! `kind = "preset"`: a distribution by name, with numbers for its parameters.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Data, DataForm, Place};
use crate::distributions::presets;
use crate::samplers::Value;
use crate::scenario::knob::{KnobForm, Refusal};

#[derive(Deserialize)]
#[serde(transparent)]
pub struct PresetForm(BTreeMap<Spanned<String>, Spanned<KnobForm>>);

impl DataForm for PresetForm {
    fn build(&self, place: &Place) -> Result<Data, Refusal> {
        let Some((_, named)) = self.0.iter().find(|(key, _)| key.get_ref() == "name") else {
            return Err(Refusal::new(place.whole.clone(), "missing field `name`: which preset is meant"));
        };
        let Value::Word(name) = &named.get_ref().0 else {
            return Err(Refusal::new(named.span(), "expected the name of a preset in quotation marks"));
        };
        let preset = presets::find(name).map_err(|error| Refusal::new(named.span(), error))?;
        let mut numbers = preset.defaults();
        for (key, value) in self.0.iter().filter(|(key, _)| !["kind", "name"].contains(&key.get_ref().as_str())) {
            let Value::Number(number) = value.get_ref().0 else {
                return Err(Refusal::new(value.span(), format!("{}: expected a number", key.get_ref())));
            };
            preset.set(&mut numbers, key.get_ref(), number).map_err(|error| Refusal::new(key.span(), error))?;
        }
        let distribution = preset.distribution(&numbers).map_err(|error| Refusal::new(place.whole.clone(), error))?;
        Ok(Data { noise: preset.noise, ..Data::of(distribution) })
    }
}
