// Activations and weights lie in memory in half precision; every kernel computes in single. Stands first.
enable f16;

alias Stored = f16;
