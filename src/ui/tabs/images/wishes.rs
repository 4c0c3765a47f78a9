//! What the Images tab asks of its worker.

use std::path::Path;
use std::sync::Arc;

use egui::Key;

use super::look;
use crate::session::{ImagePanes, ImageSource, ImageStart, ImagesCommand, ImagesFrame, Look, name_on_hub};
use crate::ui::desk::Desk;
use crate::ui::widgets::sigma_slider;

/// Keys of the tab, where no control has the keyboard.
pub fn shortcuts(desk: &mut Desk, presses: impl Fn(Key) -> usize) {
    if presses(Key::Space) > 0 {
        desk.toggle_images();
    }
    for _ in 0..presses(Key::S) {
        desk.images.send(ImagesCommand::Step);
    }
    if presses(Key::R) > 0 {
        desk.images.send(ImagesCommand::Reset);
    }
    let Some(frame) = desk.images.latest().samples.get() else { return };
    for (key, direction) in [(Key::ArrowLeft, -1.0), (Key::ArrowRight, 1.0)] {
        for _ in 0..presses(key) {
            let Some(ladder) = look::ladder(&frame) else { return };
            let sigma = desk.image_sigma(&frame);
            desk.kept.images.sigma = Some(sigma_slider::stepped(sigma, &ladder, direction));
        }
    }
}

impl Desk {
    /// Opens a network of images: a folder, or a name on the hub.
    pub fn open_model(&mut self, folder: &Path) {
        self.kept.images.folder = folder.display().to_string();
        self.open_chosen_model();
    }

    /// Opens the model of the choices made, once it is on this machine.
    pub(super) fn open_chosen_model(&mut self) {
        let choice = self.kept.images.model();
        self.image_state.opened = Some(choice.clone());
        if name_on_hub(&choice.folder).is_none() {
            self.fetcher.cancel();
            self.open_asked_model();
        } else if self.fetcher.progress().is_none_or(|(model, _)| model != choice.folder) {
            self.fetcher.open(choice.folder, &self.pace);
        }
    }

    /// Opens the model that the program carries and lets its images form, where the tab is seen for the first time and nobody
    /// asked for another.
    pub(in crate::ui) fn open_carried_model(&mut self) {
        if self.image_state.opened.is_none() && self.kept.images.is_carried() {
            self.open_chosen_model();
            self.images.send(ImagesCommand::Play);
        }
    }

    /// Opens the model that was asked for last; after another one, it begins without what was chosen for that.
    fn open_asked_model(&mut self) {
        let Some(choice) = self.image_state.opened.clone() else { return };
        let mut panes = self.image_panes();
        if self.image_state.folder.as_ref().is_some_and(|folder| *folder != choice.folder) {
            for pane in &mut panes {
                pane.knobs.clear();
                (pane.source, pane.start) = (ImageSource::Network, ImageStart::Noise);
            }
        }
        self.images.send(ImagesCommand::Open(choice, panes));
    }

    /// What is sampled, as it is chosen.
    pub(super) fn image_panes(&self) -> ImagePanes {
        let sigma = self.images.latest().samples.get().map(|frame| self.image_sigma(&frame));
        self.kept.images.panes(&self.image_state.start, sigma)
    }

    /// Opens the model that was fetched, where that is done.
    pub(in crate::ui) fn open_fetched_model(&mut self) {
        match self.fetcher.result() {
            None => {}
            Some(Ok(())) => self.open_asked_model(),
            Some(Err(trouble)) => self.troubles.push(trouble),
        }
    }

    /// Gives up the model that is fetched.
    pub(super) fn give_up_model(&mut self) {
        self.fetcher.cancel();
        self.image_state.opened = None;
    }

    /// Notices another model, whose noise has another scale.
    pub(super) fn follow_model(&mut self, frame: &ImagesFrame) {
        let folder = &frame.model.choice.folder;
        let before = self.image_state.folder.replace(folder.clone());
        if before.is_some_and(|before| before != *folder) {
            self.kept.images.knobs.clone_from(&frame.setting.knobs);
            self.kept.images.other_knobs.clear();
            (self.kept.images.sigma, self.kept.images.memory) = (None, false);
            self.image_state.start = ImageStart::Noise;
        }
        self.kept.images.memory &= frame.model.cats.is_some();
    }

    /// The newest frame of each pane.
    pub(super) fn image_frames(&self) -> impl Iterator<Item = Arc<ImagesFrame>> + use<> {
        let latest = self.images.latest();
        [latest.samples.get(), latest.compared.get()].into_iter().flatten()
    }

    /// Tells the worker what is sampled.
    pub(super) fn set_up_images(&mut self) {
        self.images.send(ImagesCommand::Setup(self.image_panes()));
    }

    /// Draws with the next seed.
    pub(super) fn draw_more(&mut self) {
        self.kept.images.seed += 1;
        self.image_state.start = ImageStart::Noise;
        self.set_up_images();
        self.images.send(ImagesCommand::Play);
    }

    /// Where seed after seed is drawn and these images are read, goes on to the next.
    pub(super) fn draw_on(&mut self) {
        let read = |frame: &ImagesFrame| frame.judged.is_some() && frame.setting.seed == self.kept.images.seed;
        if self.kept.images.draws_on && self.image_frames().all(|frame| read(&frame)) {
            self.draw_more();
        }
    }

    /// Plays or pauses; at the end, plays from the start.
    pub(super) fn toggle_images(&mut self) {
        if self.image_frames().any(|frame| frame.playing) {
            return self.images.send(ImagesCommand::Pause);
        }
        if self.image_frames().all(|frame| frame.done == frame.updates) {
            self.images.send(ImagesCommand::Reset);
        }
        self.images.send(ImagesCommand::Play);
    }

    /// Asks for the image under noise, where it is not what was asked for last. While images form, it stays as it was
    /// until somebody chooses: each look is a call of the network.
    pub(super) fn ask_look(&mut self, frame: &ImagesFrame) {
        let image = self.kept.images.chosen.map(|image| image.min(frame.setting.count - 1));
        let asked = self.image_state.asked.filter(|asked| asked.of[0] == frame.run);
        let done = asked.filter(|_| frame.playing).map_or(frame.done, |asked| asked.of[1]);
        let look = Look { image, sigma: self.image_sigma(frame), of: [frame.run, done] };
        if self.image_state.asked != Some(look) {
            self.image_state.asked = Some(look);
            self.images.send(ImagesCommand::Look(look));
        }
    }
}
