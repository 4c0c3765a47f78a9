//! A model that is open, with its panes and what judges its images.

use std::sync::Arc;

use super::command::{ImageModelChoice, ImagePanes, ImageSetting, ImageSource};
use super::frames::{CatFacts, ImageFacts};
use super::judge::{Judge, Tally};
use super::samples::Samples;
use super::{IMAGE_PANES, LatestImages};
use crate::distributions::Memory;
use crate::gallery::{Cats, SPLIT, cats_of};
use crate::session::worker::{Trouble, Waiting};
use crate::session::{Device, Graphics, ImageModel, Pool, check_memory};
use crate::unet::ModelError;

/// A model and its samples.
pub struct Open {
    pub model: ImageModel,
    pub facts: Arc<ImageFacts>,
    pub panes: Vec<Samples>,
    judge: Option<Judge>,
    tallies: [Tally; IMAGE_PANES],
    /// The memory that was made last, of so many cats.
    memory: Option<(usize, Arc<Memory>)>,
    pool: Arc<Pool>,
    /// Runs so far.
    runs: usize,
}

impl Open {
    /// Opens a model; its panes are set up later.
    pub fn new(
        choice: ImageModelChoice,
        graphics: Option<&Graphics>,
        pool: &Arc<Pool>,
        runs: usize,
    ) -> Result<Self, Trouble> {
        let size = choice.side.map(|side| [side; 2]);
        // A program on the processor draws the window too, and its frames would wait behind every call.
        let graphics = graphics.filter(|graphics| choice.device == Device::Gpu || !graphics.is_software());
        let opened = ImageModel::open(&choice.folder, size, choice.device, graphics, pool);
        let model = opened.and_then(|model| match model.score.shape()[0] {
            1 | 3 => Ok(model),
            c => Err(ModelError::Input(format!("its images have {c} channels, and a picture has 1 or 3"))),
        });
        let model = model.map_err(|error| {
            let what = format!("The model {} is not opened", choice.folder.display());
            Trouble::of(what, &error.to_string(), "Choose another folder, size or device.")
        })?;
        let shape = model.score.shape();
        let judge = Judge::new(shape, model.score.noising().range());
        let cats = judge.as_ref().and_then(|_| match model.data.as_deref() {
            Some(data) => cats_of(data).map(|cats| CatFacts { trained_on: Some(cats) }),
            None => choice.cats.then_some(CatFacts { trained_on: None }),
        });
        let facts = Arc::new(ImageFacts {
            choice,
            device: model.device.clone(),
            bytes: model.bytes,
            parameters: model.parameters,
            shape,
            range: model.score.noising().range(),
            scale: model.scale(),
            clock: model.clock,
            may_be_cats: judge.is_some() && model.data.is_none(),
            cats,
        });
        let (judge, pool) = (judge.filter(|_| cats.is_some()), Arc::clone(pool));
        Ok(Self { model, facts, panes: Vec::new(), judge, tallies: Default::default(), memory: None, pool, runs })
    }

    /// Other samples; where any of them cannot be, all stay as they were.
    pub fn set_up(&mut self, settings: ImagePanes) -> Result<(), Trouble> {
        let mut panes = Vec::new();
        for setting in settings.into_iter().take(IMAGE_PANES) {
            self.model.check_room(setting.count).map_err(|error| {
                let remedy = "Until then everything stays as it was.";
                Trouble::of(format!("{} images have no room", setting.count), &error.to_string(), remedy)
            })?;
            // Where the images are no cats there is nothing to know by heart.
            let source = if self.judge.is_some() { setting.source } else { ImageSource::Network };
            let memory = match source {
                ImageSource::Network => None,
                ImageSource::Memory(cats) => Some(self.memory(cats)?),
            };
            let setting = ImageSetting { source, ..setting };
            self.runs += 1;
            panes.push(Samples::new(&self.model, setting, memory, self.runs)?);
        }
        self.tallies.iter_mut().zip(&panes).for_each(|(tally, pane)| tally.follow(&pane.setting));
        self.panes = panes;
        Ok(())
    }

    /// The score of a perfect fit to the first so many cats of those that networks are trained on.
    fn memory(&mut self, count: usize) -> Result<Arc<Memory>, Trouble> {
        if let Some((_, memory)) = self.memory.as_ref().filter(|(cats, _)| *cats == count) {
            return Ok(Arc::clone(memory));
        }
        let refused = |why: String| Trouble {
            what: format!("The memory of {count} cats is not made"),
            why,
            remedy: "Take fewer cats, or follow the network.".to_owned(),
        };
        // Single precision.
        let bytes = 4 * self.model.score.dim() as u64 * count as u64;
        check_memory(bytes).map_err(|error| refused(error.to_string()))?;
        let cats = Cats::new(self.facts.shape[1], SPLIT, count).map_err(|error| refused(error.to_string()))?;
        let memory = Memory::of(&cats, Arc::clone(&self.pool) as _).map(Arc::new);
        let memory = memory.ok_or_else(|| refused("there is nothing to learn by heart".to_owned()))?;
        self.memory = Some((count, Arc::clone(&memory)));
        Ok(memory)
    }

    /// How many runs there were.
    pub const fn runs(&self) -> usize {
        self.runs
    }

    /// Whether every pane is done.
    pub fn is_finished(&self) -> bool {
        self.panes.iter().all(Samples::is_finished)
    }

    /// The next update of the pane that has gone the least part of its way; whether it was made.
    pub fn update(&mut self, waiting: &Waiting, stopwatch: bool) -> Result<bool, Trouble> {
        let going = self.panes.iter_mut().filter(|pane| !pane.is_finished());
        let behind = going.min_by(|a, b| a.share().total_cmp(&b.share()));
        behind.map_or(Ok(true), |pane| pane.update(&self.model, waiting, stopwatch))
    }

    /// Whether images are there that nobody has read.
    pub fn wants_judge(&self) -> bool {
        self.judge.is_some() && self.panes.iter().any(Samples::wants_judge)
    }

    /// Reads images that are there.
    pub fn judge(&mut self) {
        let Self { facts, panes, judge: Some(judge), tallies, pool, .. } = self else { return };
        if let Some((pane, tally)) = panes.iter_mut().zip(tallies).find(|(pane, _)| pane.wants_judge()) {
            pane.read_by(judge, tally, facts, pool);
        }
    }

    /// Forgets what was counted.
    pub fn forget(&mut self) {
        self.tallies = Default::default();
        self.tallies.iter_mut().zip(&self.panes).for_each(|(tally, pane)| tally.follow(&pane.setting));
    }

    /// Hands out every pane.
    pub fn hand_out(&self, latest: &LatestImages, playing: bool) {
        let Self { model, facts, panes, tallies, .. } = self;
        for (index, slot) in [&latest.samples, &latest.compared].into_iter().enumerate() {
            match panes.get(index) {
                Some(pane) => slot.put(pane.frame(model, facts, &tallies[index], playing)),
                None => slot.clear(),
            }
        }
    }
}
