//! The window's own picture without a window: the same painting, into a texture that is read back.

use std::time::Duration;

use eframe::egui_wgpu::{RenderState, RendererOptions, ScreenDescriptor, WgpuConfiguration, WgpuSetup, wgpu};
use egui::{Context, FullOutput};
use thiserror::Error;

use super::adapter_cloud;
use crate::output::Picture;
use crate::session::Graphics;

/// Longest wait for a frame; software adapters are slow, not endless.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why no picture can be made.
#[derive(Debug, Error)]
pub enum NoAdapter {
    /// No adapter, or one that refuses to work.
    #[error(
        "no graphics adapter can be used ({0}). Install a Vulkan driver; on Debian without a graphics card: apt install mesa-vulkan-drivers"
    )]
    Create(String),
    /// The adapter was lost or ran out of memory while drawing.
    #[error("the graphics adapter failed while drawing ({0}). Try a smaller --size")]
    Draw(String),
}

/// A graphics adapter that draws into memory.
pub struct Offscreen {
    state: RenderState,
}

impl Offscreen {
    /// Takes the machine's adapter.
    ///
    /// # Errors
    /// Where there is none.
    pub fn new() -> Result<Self, NoAdapter> {
        // OpenGL comes last: to look for it, the driver looks for a display, and complains where there is none.
        Self::with(wgpu::Backends::PRIMARY).or_else(|_| Self::with(wgpu::Backends::all()))
    }

    fn with(backends: wgpu::Backends) -> Result<Self, NoAdapter> {
        let mut setup = WgpuSetup::without_display_handle();
        if let WgpuSetup::CreateNew(new) = &mut setup {
            new.instance_descriptor.backends = wgpu::Backends::from_env().unwrap_or(backends);
        }
        adapter_cloud::ask_for_computing(&mut setup);
        let instance = pollster::block_on(setup.new_instance());
        let config = WgpuConfiguration { wgpu_setup: setup, ..WgpuConfiguration::default() };
        let state = pollster::block_on(RenderState::create(&config, &instance, None, RendererOptions::PREDICTABLE));
        Ok(Self { state: state.map_err(|error| NoAdapter::Create(error.to_string()))? })
    }

    /// The adapter for computing too; `None` where it only draws.
    #[must_use]
    pub fn share(&self) -> Option<Graphics> {
        adapter_cloud::share(&self.state)
    }

    /// The adapter's name, kind and driver, and the limits that matter here.
    #[must_use]
    pub fn describe(&self) -> String {
        let (info, limits) = (self.state.adapter.get_info(), self.state.adapter.limits());
        format!(
            "{} ({:?}, {}, {}); textures to {} px, storage buffers to {} MiB",
            info.name,
            info.device_type,
            info.backend,
            info.driver_info,
            limits.max_texture_dimension_2d,
            limits.max_storage_buffer_binding_size >> 20
        )
    }

    /// Takes over the textures that a frame changes. Wanted for every frame, drawn or not.
    pub fn update(&self, output: &mut FullOutput) {
        let RenderState { device, queue, renderer, .. } = &self.state;
        let mut renderer = renderer.write();
        let mut changed: Vec<_> = output.textures_delta.set.drain().collect();
        changed.sort_by_key(|(id, _)| *id);
        for (id, deltas) in changed {
            for delta in deltas {
                renderer.update_texture(device, queue, id, &delta);
            }
        }
        for id in output.textures_delta.free.drain() {
            renderer.free_texture(&id);
        }
    }

    /// Draws a frame.
    ///
    /// # Errors
    /// Where the adapter is lost or out of memory.
    pub fn draw(&self, ctx: &Context, output: FullOutput, size: [u32; 2]) -> Result<Picture, NoAdapter> {
        let RenderState { device, queue, renderer, .. } = &self.state;
        let texture = device.create_texture(&descriptor(size, self.state.target_format));
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let screen = ScreenDescriptor { size_in_pixels: size, pixels_per_point: output.pixels_per_point };
        let jobs = ctx.tessellate(output.shapes, output.pixels_per_point);
        let mut renderer = renderer.write();
        let before = renderer.update_buffers(device, queue, &mut encoder, &jobs, &screen);
        {
            let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
            let attachment = wgpu::RenderPassColorAttachment {
                view: &view,
                resolve_target: None,
                ops: wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::BLACK), store: wgpu::StoreOp::Store },
                depth_slice: None,
            };
            let descriptor = wgpu::RenderPassDescriptor {
                color_attachments: &[Some(attachment)],
                ..wgpu::RenderPassDescriptor::default()
            };
            renderer.render(&mut encoder.begin_render_pass(&descriptor).forget_lifetime(), &jobs, &screen);
        }
        queue.submit(before.into_iter().chain(std::iter::once(encoder.finish())));
        self.read(&texture, size)
    }

    /// Copies a texture into memory.
    fn read(&self, texture: &wgpu::Texture, [width, height]: [u32; 2]) -> Result<Picture, NoAdapter> {
        let RenderState { device, queue, .. } = &self.state;
        let failed = |error: &dyn std::fmt::Display| NoAdapter::Draw(error.to_string());
        let stride = (4 * width).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("picture"),
            size: u64::from(stride) * u64::from(height),
            usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
            mapped_at_creation: false,
        });
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(stride), rows_per_image: None };
        let target = wgpu::TexelCopyBufferInfo { buffer: &buffer, layout };
        encoder.copy_texture_to_buffer(texture.as_image_copy(), target, texture.size());
        queue.submit([encoder.finish()]);
        let (sender, receiver) = std::sync::mpsc::channel();
        buffer.map_async(wgpu::MapMode::Read, .., move |mapped| drop(sender.send(mapped)));
        device
            .poll(wgpu::PollType::Wait { submission_index: None, timeout: Some(PATIENCE) })
            .map_err(|error| failed(&error))?;
        receiver.recv().map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        let bytes = buffer.get_mapped_range(..).map_err(|error| failed(&error))?;
        let rows = bytes.chunks_exact(stride as usize).flat_map(|row| &row[..4 * width as usize]);
        let mut rgba: Vec<u8> = rows.copied().collect();
        let swapped = matches!(self.state.target_format.remove_srgb_suffix(), wgpu::TextureFormat::Bgra8Unorm);
        for pixel in rgba.chunks_exact_mut(4) {
            if swapped {
                pixel.swap(0, 2);
            }
            pixel[3] = u8::MAX;
        }
        Ok(Picture { width, height, rgba })
    }
}

fn descriptor([width, height]: [u32; 2], format: wgpu::TextureFormat) -> wgpu::TextureDescriptor<'static> {
    wgpu::TextureDescriptor {
        label: Some("picture"),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    }
}
