#!/usr/bin/env python3
"""What tests/unet compares with: the answers of diffusers' UNet2DModel, NAME.npy for each entry of models.json, and in
gradients.json for each network the gradient of the sum of y g by every parameter, as its scalar product with a direction.

  python3 -m venv env && env/bin/pip install torch diffusers numpy && env/bin/python tests/unet/make_references.py

Weights and images are a closed form of (name, index), computed alike here and in the test, so that no weights are stored.
An entry with "half": true has its weights rounded to half precision first.
"""
import json
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DModel

HERE = Path(__file__).parent
# Between them they have every operation.
WITH_GRADIENTS = ["cifar10", "ncsnpp", "one-level", "resnet-resampling"]


def uniform(name, count):
    """Numbers in [-1, 1): splitmix64 of FNV-1a of the name, plus the index."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def weight(name, shape):
    """Matrices and kernels keep the size of what goes through them; the scales of normalisations are near 1."""
    u = uniform(name, int(np.prod(shape)))
    if name == "time_proj.weight":
        u = 16 * u
    elif len(shape) > 1:
        u = u * np.sqrt(3 / np.prod(shape[1:]))
    elif name.endswith("weight"):
        u = 1 + 0.3 * u
    else:
        u = 0.3 * u
    return u.reshape(shape).astype(np.float32)


def gradients(net, x, timestep):
    """By name: the gradient's product with the direction, and its norm. Each image has a timestep of its own."""
    timesteps = torch.tensor([timestep * (1 + 0.5 * i) for i in range(len(x))], dtype=torch.float32)
    y = net(x, timesteps).sample
    g = torch.from_numpy(uniform("g", y.numel()).reshape(y.shape).astype(np.float32))
    net.zero_grad()
    (y * g).sum().backward()
    along = {}
    for name, parameter in net.named_parameters():
        if parameter.grad is not None:
            gradient = parameter.grad.double().numpy().ravel()
            numbers = gradient @ uniform("along " + name, gradient.size), np.linalg.norm(gradient)
            along[name] = [float(f"{number:.7g}") for number in numbers]
    return along


def main():
    found = {}
    for model in json.loads((HERE / "models.json").read_text()):
        net = UNet2DModel(**{key: value for key, value in model["config"].items() if not key.startswith("_")}).eval()
        for name, parameter in net.named_parameters():
            values = weight(name, parameter.shape)
            if model.get("half"):
                values = values.astype(np.float16).astype(np.float32)
            parameter.data = torch.from_numpy(values)
        n, height, width = model["shape"]
        shape = (n, net.config.in_channels, height, width)
        x = torch.from_numpy(uniform("x", int(np.prod(shape))).reshape(shape).astype(np.float32))
        with torch.no_grad():
            y = net(x, torch.tensor(float(model["timestep"]))).sample
        if model["name"] in WITH_GRADIENTS:
            found[model["name"]] = gradients(net, x, float(model["timestep"]))
        np.save(HERE / f"{model['name']}.npy", y.numpy())
        print(model["name"], tuple(y.shape), f"rms {y.square().mean().sqrt():.3f}", sum(p.numel() for p in net.parameters()))
    lines = (f'"{name}": {json.dumps(along)}' for name, along in found.items())
    (HERE / "gradients.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
