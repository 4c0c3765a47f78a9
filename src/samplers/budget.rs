//! The same number of score evaluations for every sampler: what makes a comparison fair.

use super::knobs::{Kind, Settings, Value};
use super::{Entry, Knob};

/// Knobs that say how long a run is, in the order in which they are turned.
const LENGTHS: [&str; 3] = ["steps", "steps_per_level", "levels"];

/// The settings with one counting knob turned so that the plan's NFE comes as near to `target` as that knob can.
///
/// Where several knobs could be turned, the one that comes nearest is; the first of equals. A sampler whose steps choose
/// their own length has none, and stays as it is.
#[must_use]
pub fn with_nfe(entry: &Entry, settings: &Settings, target: usize) -> Settings {
    let turned = LENGTHS.iter().filter_map(|name| {
        let knob = entry.knobs.iter().find(|knob| knob.name == *name)?;
        let settings = turned(entry, settings, knob, target)?;
        Some((nfe(entry, &settings)?.abs_diff(target), settings))
    });
    turned.min_by_key(|(gap, _)| *gap).map_or_else(|| settings.clone(), |(_, settings)| settings)
}

/// The knob where NFE comes nearest: NFE never falls as a count grows, so the place is found by halving.
fn turned(entry: &Entry, settings: &Settings, knob: &Knob, target: usize) -> Option<Settings> {
    let Kind::Count { min, max } = knob.kind else { return None };
    let at = |count: usize| {
        let mut settings = settings.clone();
        #[expect(clippy::cast_precision_loss, reason = "counts of steps are small")]
        settings.set(entry, knob.name, Value::Number(count as f64)).ok()?;
        Some((nfe(entry, &settings)?, settings))
    };
    // One more step is at least one more evaluation.
    let (mut low, mut high) = (min, max.min(target + 2).max(min));
    while low < high {
        let middle = low + (high - low) / 2;
        if at(middle)?.0 < target { low = middle + 1 } else { high = middle }
    }
    let nearest = [low.saturating_sub(1).max(min), low].into_iter().filter_map(at);
    nearest.min_by_key(|(nfe, _)| nfe.abs_diff(target)).map(|(_, settings)| settings)
}

fn nfe(entry: &Entry, settings: &Settings) -> Option<usize> {
    (entry.build)(settings).ok().map(|sampler| sampler.plan().nfe())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samplers::{SAMPLERS, Scale, find};

    const SCALE: Scale = Scale { sigma_max: 20.0, sigma_min: 1.0, levels: 10 };

    fn matched(name: &str, target: usize) -> (Settings, usize) {
        let entry = find(name).expect("it is listed");
        let settings = entry.settings(&SCALE, []).expect("defaults");
        let settings = with_nfe(entry, &settings, target);
        let nfe = nfe(entry, &settings).expect("a legal plan");
        (settings, nfe)
    }

    /// Heun: 2 evaluations a step and 1 for the last; annealed: L for each of T.
    #[test]
    fn lengths_are_those_that_the_papers_count() {
        let (settings, nfe) = matched("heun", 35);
        assert_eq!((settings.count("steps"), nfe), (18, 35));
        let (settings, nfe) = matched("annealed", 1000);
        assert_eq!((settings.count("steps_per_level"), nfe), (100, 1000));
        let (settings, nfe) = matched("annealed", 36);
        assert_eq!((settings.count("steps_per_level"), nfe), (4, 40));
        assert_eq!(matched("langevin", 123).1, 123);
    }

    /// Within one step of the target, whatever a step costs: at most ten evaluations here.
    #[test]
    fn every_sampler_of_fixed_steps_comes_near() {
        for entry in SAMPLERS.iter().filter(|entry| entry.name != "rk45") {
            for target in [40, 200, 1000] {
                let gap = matched(entry.name, target).1.abs_diff(target);
                assert!(gap <= 10, "{} misses {target} by {gap}", entry.name);
            }
        }
    }
}
