//! What each sampler must reach on data whose answer is known: the list behind `scorescope doctor`.
//! Expectations come from long runs of the published algorithms on the toy of Song & Ermon 2019, or from a closed form.

use super::{Run, Scale, SettingError, Spread, Start, Value, find};
use crate::distributions::{Component, GaussianMixture};
use crate::noise::Noise;

/// Data that a self-test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Points of weight .8 at (5, 5) and .2 at (−5, −5); the target is p at σ = 1.
    PointMasses,
    /// The same with modes of standard deviation 1; the target is p itself.
    TwoGaussians,
    /// N((2, −1), 1.5² I)
    OneGaussian,
}

/// What is measured on the particles at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Share of the particles with x + y > 0.
    HeavyShare,
    /// √(½ E‖x − μ‖²) over the particles with x + y > 0, or over all where there is one mode; μ is the centre of the mode.
    WidthOfHeavyMode,
}

/// One run whose result is known.
#[derive(Clone, Copy, Debug)]
pub struct SelfTest {
    /// Name of the sampler.
    pub sampler: &'static str,
    /// Its settings, as after `--sampler NAME,`; the rest has its defaults at [`Self::scale`].
    pub settings: &'static str,
    /// What it runs on.
    pub data: Data,
    /// What is measured.
    pub figure: Figure,
    /// What should come out.
    pub expected: f64,
    /// How far off it may be.
    pub tolerance: f64,
    /// Seeds 0, 1, …, whose figures are averaged; `PARTICLES` particles each.
    pub seeds: u8,
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The measured figure; no number where a particle is none.
    pub figure: f64,
    /// Score evaluations per particle.
    pub nfe: usize,
    /// Whether the figure is within the tolerance.
    pub passed: bool,
}

/// Particles of each seed. A share has a standard deviation of .011 to .014 then.
pub const PARTICLES: u32 = 1280;

impl Data {
    fn components(self) -> Vec<Component> {
        let two = |std| vec![Component::round(0.8, [5.0, 5.0], std), Component::round(0.2, [-5.0, -5.0], std)];
        match self {
            Self::PointMasses => two(0.0),
            Self::TwoGaussians => two(1.0),
            Self::OneGaussian => vec![Component::round(1.0, [2.0, -1.0], 1.5)],
        }
    }

    /// Centre of the heaviest mode.
    const fn centre(self) -> [f64; 2] {
        match self {
            Self::OneGaussian => [2.0, -1.0],
            Self::PointMasses | Self::TwoGaussians => [5.0; 2],
        }
    }

    /// Whether a particle belongs to the heaviest mode.
    fn is_heavy(self, x: [f64; 2]) -> bool {
        self == Self::OneGaussian || x[0] + x[1] > 0.0
    }
}

impl Figure {
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn of(self, data: Data, x: &[f32]) -> f64 {
        let particles = || x.chunks_exact(2).map(|x| [f64::from(x[0]), f64::from(x[1])]);
        if !x.iter().all(|x| x.is_finite()) {
            return f64::NAN;
        }
        let heavy = || particles().filter(|x| data.is_heavy(*x));
        let (count, [mean_x, mean_y]) = (heavy().count() as f64, data.centre());
        match self {
            Self::HeavyShare => count / (x.len() / 2) as f64,
            Self::WidthOfHeavyMode => {
                let squared: f64 = heavy().map(|[x, y]| (x - mean_x).powi(2) + (y - mean_y).powi(2)).sum();
                (0.5 * squared / count).sqrt()
            }
        }
    }
}

impl SelfTest {
    /// The scale of noise from which defaults are taken.
    #[must_use]
    pub const fn scale(&self) -> Scale {
        match self.data {
            Data::PointMasses => Scale { sigma_max: 20.0, sigma_min: 1.0, levels: 10 },
            Data::TwoGaussians | Data::OneGaussian => Scale { sigma_max: 50.0, sigma_min: 0.01, levels: 10 },
        }
    }

    /// Runs it, on the exact score.
    ///
    /// # Errors
    /// Settings that the sampler refuses: a mistake in the list.
    pub fn run(&self, spread: &dyn Spread) -> Result<Outcome, SettingError> {
        let entry = find(self.sampler)?;
        let given = self.settings.split(',').filter_map(|part| part.split_once('='));
        let settings = entry.settings(&self.scale(), given.map(|(name, value)| (name, Value::parse(value))))?;
        let plan = (entry.build)(&settings)?.plan();
        let data = GaussianMixture::new(&self.data.components())
            .map_err(|error| SettingError::Together { sampler: entry.name, reason: error.to_string() })?;
        let (mut sum, mut nfe) = (0.0, 0);
        for seed in 0..self.seeds {
            let noise = Noise::new(seed.into());
            let start = Start::of(&settings, &plan).draw(&data, &noise, PARTICLES);
            let mut run = Run::new(plan.clone(), noise, 2, start);
            run.advance(&data, usize::MAX, spread);
            sum += self.figure.of(self.data, run.positions());
            nfe = nfe.max(run.nfe());
        }
        let figure = sum / f64::from(self.seeds);
        Ok(Outcome { figure, nfe, passed: (figure - self.expected).abs() <= self.tolerance })
    }
}

/// A share that is to come out within .03, four seeds of it: more than four standard deviations.
const fn share(data: Data, sampler: &'static str, settings: &'static str, expected: f64) -> SelfTest {
    SelfTest { sampler, settings, data, figure: Figure::HeavyShare, expected, tolerance: 0.03, seeds: 4 }
}

const fn toy(sampler: &'static str, settings: &'static str, expected: f64) -> SelfTest {
    share(Data::PointMasses, sampler, settings, expected)
}

const fn two(sampler: &'static str, settings: &'static str, expected: f64) -> SelfTest {
    share(Data::TwoGaussians, sampler, settings, expected)
}

const fn width(data: Data, sampler: &'static str, settings: &'static str, expected: f64) -> SelfTest {
    SelfTest { sampler, settings, data, figure: Figure::WidthOfHeavyMode, expected, tolerance: 0.03, seeds: 4 }
}

/// Every self-test; every sampler is in it.
pub const SELF_TESTS: &[SelfTest] = &[
    toy("langevin", "step=0.1,steps=1000,start=box", 0.510),
    toy("langevin", "step=0.1,steps=10000,start=box", 0.510),
    toy("annealed", "step=0.1,steps_per_level=100,start=box", 0.781),
    toy("annealed", "step=0.1,steps_per_level=10,start=box", 0.679),
    toy("annealed", "step=0.1,steps_per_level=30,start=box", 0.748),
    toy("annealed", "step=0.1,steps_per_level=300,start=box", 0.792),
    toy("annealed", "step=0.1,steps_per_level=1000,start=box", 0.797),
    toy("annealed", "step=0.1,levels=3,start=box", 0.710),
    toy("annealed", "step=0.1,sigma_max=3,start=box", 0.689),
    two("reverse-diffusion", "steps=1000", 0.797),
    two("reverse-diffusion", "steps=100", 0.776),
    two("reverse-diffusion", "steps=10", 0.638),
    two("ancestral", "steps=1000", 0.799),
    two("ancestral", "steps=100", 0.802),
    two("ancestral", "steps=10", 0.863),
    width(Data::TwoGaussians, "ancestral", "steps=1000", 0.997),
    width(Data::TwoGaussians, "ancestral", "steps=10", 0.784),
    two("predictor-corrector", "steps=1000", 0.798),
    two("predictor-corrector", "steps=100", 0.794),
    two("euler-maruyama", "sde=vp,steps=1000", 0.797),
    two("euler-maruyama", "sde=vp,steps=100", 0.797),
    two("euler-maruyama", "sde=vp,steps=20", 0.784),
    two("heun", "steps=40,sigma_max=20,sigma_min=0.002", 0.743),
    two("heun", "steps=40,sigma_max=80,sigma_min=0.002", 0.783),
    two("heun", "steps=40,sigma_max=20,sigma_min=0.002,start=centred", 0.808),
    two("heun", "steps=40,sigma_max=80,sigma_min=0.002,start=centred", 0.799),
    two("rk45", "sigma_max=80,sigma_min=0.002,start=centred", 0.799),
    two("edm", "steps=40,sigma_max=80,sigma_min=0.002,start=centred", 0.799),
    two("ode-euler", "steps=1000,start=centred", 0.800),
    two("ddim", "sde=vp,steps=100", 0.800),
    // Tempering stops between w^β of the hottest level, .503, and of the level at which modes part, .545; the truth is .8.
    toy("tempering", "step=0.1,start=box", 0.525),
    width(Data::OneGaussian, "mala", "step=2,steps=200,sigma=0.5,start=data", 1.581),
];
