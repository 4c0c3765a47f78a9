#!/usr/bin/env python3
"""The work of `scorescope bench unet-train` in PyTorch, so that both run side by side on one machine.

  python3 -m venv env && env/bin/pip install torch diffusers
  env/bin/python scripts/torch_train.py [--threads 2] [target/release/scorescope]

Runs the bench and the same in PyTorch in turn, prints both as JSON lines, and the ratio. Each is the median of 15 whole steps after 3.
"""
import argparse, json, statistics, subprocess, time

import torch
from diffusers import UNet2DModel

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("binary", nargs="?", default="target/release/scorescope")
arguments = parser.parse_args()
torch.set_num_threads(arguments.threads)
bench = [arguments.binary, "bench", "unet-train", "--json", "--threads", str(arguments.threads)]
ours = json.loads(subprocess.run(bench, check=True, capture_output=True).stdout)
config, batch = dict(ours.pop("config")), ours["batch"]
config.pop("_class_name")
network = UNet2DModel(**config)
adam = torch.optim.Adam(network.parameters(), lr=1e-3)
average = [p.detach().clone() for p in network.parameters()]
shape = (batch, config["in_channels"], *config["sample_size"])


def step():
    clean, z = torch.rand(shape) * 2 - 1, torch.randn(shape)
    sigma = torch.exp(-1.2 + 1.2 * torch.randn(batch))
    whole = torch.hypot(sigma, torch.tensor(0.5)).view(-1, 1, 1, 1)
    s = sigma.view(-1, 1, 1, 1)
    noisy = clean + s * z
    target = (clean - 0.25 / whole**2 * noisy) * whole / (0.5 * s)
    loss = ((network(noisy / whole, sigma.log() / 4).sample - target) ** 2).mean()
    adam.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    adam.step()
    torch._foreach_lerp_(average, list(network.parameters()), 1e-3)
    return loss.item()


speeds = []
with torch.enable_grad():
    for i in range(18):
        begun = time.perf_counter()
        step()
        if i >= 3:
            speeds.append(batch / (time.perf_counter() - begun))
theirs = statistics.median(speeds)
print(json.dumps(ours))
row = dict(bench=ours["bench"], framework=f"torch {torch.__version__}", model=ours["model"], batch=batch, threads=arguments.threads)
print(json.dumps(dict(row, images_per_s=theirs, fastest=max(speeds), slowest=min(speeds))))
print(f"ratio {ours['images_per_s'] / theirs:.2f}")
