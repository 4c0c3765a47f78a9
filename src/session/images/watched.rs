//! A network that is watched at its work: what it makes of the images, and whether somebody waits.

use std::sync::{Mutex, PoisonError};

use crate::score::Score;
use crate::session::worker::Waiting;

/// A score that keeps D = x + σ² s of its last answer. Between two calls of the network it looks for commands: where one
/// waits it gives up, and answers nothing from there on.
pub struct Watched<'a> {
    score: &'a dyn Score,
    /// Numbers of the images in one call.
    at_once: usize,
    waiting: &'a Waiting,
    seen: Mutex<Seen>,
}

/// What became of one update.
#[derive(Default)]
pub struct Seen {
    calls: usize,
    /// Whether it was given up: it has to be made again.
    pub gave_up: bool,
    /// D of the last answer, shape (n, d), in units of the images.
    pub denoised: Option<Vec<f32>>,
}

impl<'a> Watched<'a> {
    pub fn new(score: &'a dyn Score, at_once: usize, waiting: &'a Waiting) -> Self {
        Self { score, at_once, waiting, seen: Mutex::default() }
    }

    /// What became of the update.
    pub fn into_seen(self) -> Seen {
        self.seen.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Score for Watched<'_> {
    fn score(&self, x: &[f32], sigma: f32, out: &mut [f32]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (x, out) in x.chunks(self.at_once).zip(out.chunks_mut(self.at_once)) {
            // One call is always made, so that whoever asks all the time does not stop everything.
            seen.gave_up |= seen.calls > 0 && self.waiting.any();
            if seen.gave_up {
                out.fill(0.0);
            } else {
                self.score.score(x, sigma, out);
                seen.calls += 1;
            }
        }
        seen.denoised = Some(x.iter().zip(&*out).map(|(x, s)| x + sigma * sigma * s).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samplers::{Run, Serial, Start, find};
    use crate::unet::{ModelError, Network, Noising, UnetConfig, UnetScore};

    /// s = −x, of σ-noising.
    struct Falling;

    impl Network for Falling {
        fn answer(&self, x: &[f32], _: [usize; 3], _: f32, out: &mut [f32]) -> Result<(), ModelError> {
            out.iter_mut().zip(x).for_each(|(out, x)| *out = -x);
            Ok(())
        }
    }

    fn score() -> UnetScore {
        let json = r#"{"time_embedding_type": "fourier", "block_out_channels": [32], "down_block_types": ["DownBlock2D"], "up_block_types": ["UpBlock2D"]}"#;
        let config = UnetConfig::from_json(json).expect("a configuration");
        let noising = Noising::read(None, &config).expect("a schedule");
        UnetScore::new(Box::new(Falling), noising, [1, 2, 2], 1)
    }

    /// D = x − σ² x.
    #[test]
    fn what_it_makes_of_the_images_is_kept() {
        let (score, waiting) = (score(), Waiting::default());
        let watched = Watched::new(&score, 4, &waiting);
        let x: Vec<f32> = (0u8..12).map(|i| 0.25 * f32::from(i)).collect();
        watched.score(&x, 0.5, &mut [0.0; 12]);
        let seen = watched.into_seen();
        let expected: Vec<f32> = x.iter().map(|x| 0.75 * x).collect();
        assert_eq!((seen.denoised, seen.gave_up, seen.calls), (Some(expected), false, 3));
    }

    /// An update of a thousand calls ends after the first of them where a command waits.
    #[test]
    fn an_update_is_given_up_between_two_calls_where_somebody_waits() {
        let (score, waiting) = (score(), Waiting::one());
        let entry = find("rk45").expect("it is listed");
        let scale = crate::samplers::Scale { sigma_max: 50.0, sigma_min: 0.1, levels: 2 };
        let plan = (entry.build)(&entry.settings(&scale, []).expect("settings")).expect("they fit").plan();
        let noise = crate::noise::Noise::new(1);
        let mut run = Run::new(plan, noise, 4, Start::draw_prior(&noise, 50.0, 3, 4));
        let watched = Watched::new(&score, 4, &waiting);
        run.advance(&watched, 1, &Serial);
        let seen = watched.into_seen();
        assert_eq!((seen.gave_up, seen.calls), (true, 1));
    }
}
