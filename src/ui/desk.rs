//! Everything on the screen and what it works on: one scenario, its session, the choices made.

use egui::{Context, Ui};

use super::aside::Aside;
use super::kept::Kept;
use super::paint::heat_map::HeatMap;
use super::tabs::{self, FieldState};
use super::theme::{Palette, Theme};
use super::widgets::{export, messages, top_bar};
use crate::scenario::Scenario;
use crate::session::{
    Exporter, FIELDS, Fetcher, FieldRequest, FileDialog, Graphics, Images, ImagesCommand, Importer, Pace, PaneSetting,
    SamplingCommand, Session, Source, Trouble,
};

/// The window's content, with or without a window around it.
pub struct Desk {
    pub(super) ctx: Context,
    pub(super) kept: Kept,
    pub(super) scenario: Scenario,
    pub(super) session: Session,
    pub(super) palette: Palette,
    pub(super) heat_maps: [HeatMap; FIELDS],
    pub(super) troubles: Vec<Trouble>,
    /// What was done, where nothing on the screen shows it.
    pub(super) notice: Option<String>,
    pub(super) moment: tabs::Moment,
    pub(super) field: FieldState,
    pub(super) importer: Importer,
    pub(super) exporter: Exporter,
    pub(super) dialog: FileDialog,
    pub(super) export: export::Form,
    /// Whether training was told to start and has not said so yet.
    pub(super) starting: bool,
    /// What a lesson has put aside.
    pub(super) aside: Option<Box<Aside>>,
    pub(super) images: Images,
    pub(super) fetcher: Fetcher,
    pub(super) image_state: tabs::ImageState,
    asked: [Option<FieldRequest>; FIELDS],
    graphics: Option<Graphics>,
    pub(super) seed: u64,
    pub(super) pace: Pace,
}

impl Desk {
    /// Opens a scenario: the given one, or else the one that is kept.
    #[must_use]
    pub fn open(ctx: &Context, kept: Kept, scenario: Option<Scenario>, seed: u64, pace: Pace) -> Self {
        let mut troubles = Vec::new();
        let scenario = scenario.unwrap_or_else(|| {
            Scenario::load(&kept.scenario).unwrap_or_else(|error| {
                troubles.push(refused(&error));
                fallback()
            })
        });
        let session = Session::start(&scenario, seed, &pace);
        let palette = kept.theme.palette();
        let mut desk = Self {
            ctx: ctx.clone(),
            kept,
            scenario,
            session,
            palette,
            heat_maps: Default::default(),
            troubles,
            notice: None,
            moment: tabs::Moment::default(),
            field: FieldState::default(),
            importer: Importer::start(&pace),
            exporter: Exporter::start(&pace),
            dialog: FileDialog::start(&pace),
            export: export::Form::default(),
            starting: false,
            aside: None,
            asked: [None; FIELDS],
            images: Images::start(&pace),
            fetcher: Fetcher::default(),
            image_state: tabs::ImageState::default(),
            graphics: None,
            seed,
            pace,
        };
        if desk.kept.scenario != desk.scenario.name {
            desk.kept.sigma = None;
            desk.kept.field.camera = None;
            desk.kept.field.draft = None;
            desk.forget_knobs();
            desk.kept.scenario.clone_from(&desk.scenario.name);
        }
        desk.set_theme(desk.kept.theme);
        desk.begin_sampling();
        desk.resume_draft();
        desk
    }

    /// The choices made so far.
    #[must_use]
    pub const fn kept(&self) -> &Kept {
        &self.kept
    }

    /// The choices to open with again: a lesson that is on ends with the window.
    #[must_use]
    pub fn to_keep(&self) -> Kept {
        self.aside.as_ref().map_or_else(|| self.kept.clone(), |aside| aside.kept(&self.kept))
    }

    /// What was done last, where nothing else on the screen shows it.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// The scenario's name on the screen.
    #[must_use]
    pub fn scenario_title(&self) -> String {
        let edited = if self.kept.field.draft.is_some() { " (edited)" } else { "" };
        format!("{}{edited}", self.scenario.name)
    }

    /// The work behind the screen.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// The network of images behind the Images tab.
    #[must_use]
    pub const fn images(&self) -> &Images {
        &self.images
    }

    /// The messages on the screen.
    #[must_use]
    pub fn troubles(&self) -> &[Trouble] {
        &self.troubles
    }

    /// Starts training, and the samplers where `playing`, as a person would by pressing the buttons.
    pub fn start(&mut self, playing: bool) {
        self.start_training();
        if self.kept.tab == tabs::Tab::Images {
            self.open_carried_model();
        }
        if playing {
            self.images.send(ImagesCommand::Play);
            self.session.sample(SamplingCommand::Play);
        }
    }

    /// Moves σ of the Field tab.
    pub fn set_sigma(&mut self, sigma: f32) {
        self.kept.sigma = Some(sigma);
    }

    /// σ of the newest field of the Field tab.
    #[must_use]
    pub fn shown_sigma(&self) -> Option<f32> {
        self.session.latest().fields[0].get().map(|field| field.request.sigma)
    }

    /// Training steps per second of real time, while it runs.
    #[must_use]
    pub fn training_speed(&self) -> Option<f64> {
        self.session.latest().training.get().and_then(|frame| frame.steps_per_second)
    }

    /// Plays the samplers again where they are done.
    pub fn play_on(&mut self) {
        if self.session.latest().panes.iter().filter_map(crate::session::Slot::get).all(|frame| !frame.playing) {
            self.toggle_play();
        }
    }

    /// One frame of virtual time; nothing where threads work.
    pub fn tick(&mut self) {
        self.session.tick();
        self.importer.tick();
        self.exporter.tick();
        self.fetcher.tick();
        self.images.tick();
    }

    /// Brings the fields and the network on the screen up to date, without letting time pass.
    pub fn refresh(&mut self) {
        self.session.refresh();
        self.fetcher.tick();
        self.hear();
        self.images.refresh();
        self.hear();
    }

    /// Takes what workers say: a model that is there, and what went wrong.
    fn hear(&mut self) {
        self.open_fetched_model();
        let news: Vec<Trouble> = self.session.troubles().chain(self.images.troubles()).collect();
        self.troubles.extend(news);
    }

    /// Draws the window's content.
    pub fn ui(&mut self, ui: &mut Ui) {
        self.hear();
        self.starting &= !self.session.latest().training.get().is_some_and(|frame| frame.running);
        tabs::shortcuts(self);
        tabs::files(self);
        export::tend(self);
        top_bar::show(self, ui);
        messages::show(self, ui);
        (tabs::entry(self.kept.tab).show)(self, ui);
        export::show(self, ui);
    }

    pub(super) fn set_theme(&mut self, theme: Theme) {
        self.kept.theme = theme;
        self.palette = theme.palette();
        theme.apply(&self.ctx);
    }

    /// Another scenario: everything starts again. One that is refused leaves everything as it is.
    pub(super) fn load(&mut self, name: &str) {
        match Scenario::load(name) {
            Ok(scenario) => {
                self.take_up();
                name.clone_into(&mut self.kept.scenario);
                self.kept.sigma = None;
                self.forget_knobs();
                (self.kept.field.camera, self.kept.field.draft) = (None, None);
                self.field = FieldState::default();
                self.restart(scenario);
            }
            Err(error) => self.troubles.push(refused(&error)),
        }
    }

    /// The same settings on these data: everything starts again.
    pub(super) fn restart(&mut self, scenario: Scenario) {
        self.session = Session::start(&scenario, self.seed, &self.pace);
        self.begin(scenario);
    }

    /// Sets up the session of a scenario that has just been started.
    pub(super) fn begin(&mut self, scenario: Scenario) {
        self.scenario = scenario;
        self.ask_again();
        self.begin_sampling();
    }

    /// Lets the adapter that draws the window move particles and run networks too.
    pub fn use_graphics(&mut self, graphics: Graphics) {
        self.images.send(ImagesCommand::Graphics(Box::new(graphics.clone())));
        self.session.sample(SamplingCommand::Graphics(Box::new(graphics.clone())));
        self.graphics = Some(graphics);
    }

    /// Tells the sampling worker of a new session everything.
    fn begin_sampling(&mut self) {
        if let Some(graphics) = &self.graphics {
            self.session.sample(SamplingCommand::Graphics(Box::new(graphics.clone())));
        }
        self.tell_sampling();
        self.set_up_panes();
    }

    /// Everything is asked for anew, of another session; what is on the screen stays until then.
    pub(super) fn ask_again(&mut self) {
        self.asked = [None; FIELDS];
        self.field.ask_again();
    }

    /// Tells the sampling worker what runs in each pane.
    pub(super) fn set_up_panes(&mut self) {
        let setting = |choice: &super::PaneChoice| {
            let sampling = self.scenario.sampling(&choice.sampler, choice.given())?;
            Ok(PaneSetting { sampling, source: choice.source })
        };
        let settings: Result<Vec<_>, crate::samplers::SettingError> = self.kept.panes.iter().map(setting).collect();
        match settings {
            Ok(settings) => self.session.sample(SamplingCommand::Setup(settings)),
            Err(error) => {
                self.troubles.push(Trouble {
                    what: "A sampler kept from an earlier run is not used".to_owned(),
                    why: error.to_string(),
                    remedy: "The first samplers of the list run instead.".to_owned(),
                });
                self.kept.panes = Kept::default().panes;
                self.set_up_panes();
            }
        }
    }

    /// Asks for a field where it is not what was asked for last.
    pub(super) fn ask(&mut self, index: usize, mut request: FieldRequest) {
        if request.source != Source::Exact {
            request.network_version = self.session.latest().network.version();
        }
        if self.asked[index] != Some(request) {
            self.asked[index] = Some(request);
            self.session.show(index, request);
        }
    }
}

fn refused(error: &crate::scenario::ScenarioError) -> Trouble {
    Trouble::of("The scenario is refused", &error.to_string(), "Correct the file, or choose another scenario.")
}

/// The first bundled scenario.
fn fallback() -> Scenario {
    // A test reads every bundled scenario.
    Scenario::load(crate::scenario::DEFAULT).expect("the bundled scenarios are right")
}
