"""What the library costs, each figure beside its floor, measured in one run: `scripts/bench`."""
