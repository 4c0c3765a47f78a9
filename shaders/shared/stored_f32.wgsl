// Activations and weights lie in memory in single precision. Stands first, in place of stored_f16.wgsl.

alias Stored = f32;
