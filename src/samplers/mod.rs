//! Samplers: each writes a plan, and any executor runs it.

mod adaptive;
mod annealed;
mod execute;
mod knobs;
mod langevin;
mod plan;
mod start;
mod step;

pub use annealed::AnnealedLangevin;
pub use execute::{Run, Serial, Spread};
pub use knobs::{Default, Kind, Knob, Scale, SettingError, Settings, Value};
pub use langevin::Langevin;
pub use plan::{Plan, Update};
pub use start::Start;

/// A method that turns noise into data, given a score.
pub trait Sampler: Send + Sync {
    /// The updates, in order.
    fn plan(&self) -> Plan;
}

/// What the lists, the command line and the window know of a sampler.
pub struct Entry {
    /// The name in scripts and scenario files.
    pub name: &'static str,
    /// The name on the screen.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub description: &'static str,
    /// Where it comes from.
    pub paper: &'static str,
    /// Everything about it that can be set, apart from the start.
    pub knobs: &'static [Knob],
    /// Builds the sampler from a full set of values.
    pub build: fn(&Settings) -> Result<Box<dyn Sampler>, SettingError>,
}

/// Every sampler there is. A new one is one file and one line here.
pub const SAMPLERS: &[Entry] = &[langevin::ENTRY, annealed::ENTRY];

/// The entry of a name.
///
/// # Errors
/// Where there is no such sampler: the message lists those there are.
pub fn find(name: &str) -> Result<&'static Entry, SettingError> {
    SAMPLERS.iter().find(|entry| entry.name == name).ok_or_else(|| SettingError::NoSampler {
        name: name.to_owned(),
        known: SAMPLERS.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", "),
    })
}

impl Entry {
    /// The sampler's own knobs, then those of the start.
    pub fn all_knobs(&self) -> impl Iterator<Item = &'static Knob> + use<> {
        let own = self.knobs;
        let start = start::KNOBS.iter().filter(move |knob| own.iter().all(|known| known.name != knob.name));
        own.iter().chain(start)
    }

    /// A full set of values: what is given, and the defaults of the rest at the scenario's scale of noise.
    ///
    /// # Errors
    /// A name that is no knob of this sampler, a value of another kind, a value out of range.
    pub fn settings<'a>(
        &self,
        scale: &Scale,
        given: impl IntoIterator<Item = (&'a str, Value)>,
    ) -> Result<Settings, SettingError> {
        let mut settings = Settings::defaults(self.all_knobs(), scale);
        for (name, value) in given {
            settings.set(self, name, value)?;
        }
        Ok(settings)
    }
}
