//! Samplers: each writes a plan, and any executor runs it.

mod adaptive;
mod ancestral;
mod annealed;
mod budget;
mod common;
mod ddim;
mod edm;
mod euler_maruyama;
mod execute;
mod heun;
mod knobs;
mod langevin;
mod mala;
mod ode_euler;
mod plan;
mod predictor_corrector;
mod reverse_diffusion;
mod rk45;
mod self_tests;
mod start;
mod step;
mod tempering;

pub use ancestral::Ancestral;
pub use annealed::AnnealedLangevin;
pub use budget::with_nfe;
pub use ddim::Ddim;
pub use edm::Edm;
pub use euler_maruyama::EulerMaruyama;
pub use execute::{Run, Serial, Spread, for_each};
pub use heun::Heun;
pub use knobs::{Default, Kind, Knob, Scale, SettingError, Settings, Value};
pub use langevin::Langevin;
pub use mala::Mala;
pub use ode_euler::OdeEuler;
pub use plan::{Plan, Update};
pub use predictor_corrector::PredictorCorrector;
pub use reverse_diffusion::ReverseDiffusion;
pub use rk45::Rk45;
pub use self_tests::{Data, Figure, Outcome, SELF_TESTS, SelfTest};
pub use start::Start;
pub use tempering::Tempering;

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
    /// Its own source file, to be read beside what it does.
    pub code: &'static str,
    /// Everything about it that can be set, apart from the start.
    pub knobs: &'static [Knob],
    /// Builds the sampler from a full set of values.
    pub build: fn(&Settings) -> Result<Box<dyn Sampler>, SettingError>,
}

/// Every sampler there is. A new one is one file and one line here.
pub const SAMPLERS: &[Entry] = &[
    langevin::ENTRY,
    mala::ENTRY,
    annealed::ENTRY,
    tempering::ENTRY,
    euler_maruyama::ENTRY,
    reverse_diffusion::ENTRY,
    ancestral::ENTRY,
    ddim::ENTRY,
    predictor_corrector::ENTRY,
    ode_euler::ENTRY,
    heun::ENTRY,
    rk45::ENTRY,
    edm::ENTRY,
];

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
