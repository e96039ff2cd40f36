"""The PyTorch side of `cargo xtask bench --torch PYTHON`: the same checkpoint, the same ids.

Usage: torch_side.py CHECKPOINT CASE [--threads N]
       torch_side.py CHECKPOINT product [--threads N]

Speaks with its caller as `selectron-bench run` does: a line of JSON when it is ready, then one for
every line on the standard input, and a last one at its end.

Two manners are measured:

- "notebook": as the experiment that Selectron grew from does it: the full language model with its
  head, a word at a time, a hook on every recorded layer.
- "batched": the best that plain PyTorch and transformers offer: no head, no blocks past the last
  recorded one, words bucketed by length, text at whichever of the batch sizes 1, 2 and 4 is fastest.

Needs torch and transformers (measured with torch 2.15 and transformers 5.23).
"""

import argparse
import json
import pathlib
import sys
import time

import torch
from transformers import GPTNeoForCausalLM
from transformers.utils import logging


def read_case(folder, name):
    cases = json.loads((folder / "cases.json").read_text())
    return next(case for case in cases if case["name"] == name)


class Side:
    def __init__(self, folder, case):
        self.case = case
        self.folder = folder
        self.layers = case["layers"]
        self.ids = case["ids"]
        self.acts = {}
        self.sample = {}
        self.model = None if case["kind"] == "load" else self.load()
        self.batch_size = None

    def load(self):
        model = GPTNeoForCausalLM.from_pretrained(self.folder).eval()
        for layer in self.layers:
            model.transformer.h[layer].mlp.c_fc.register_forward_hook(self.hook(layer))
        return model

    def hook(self, layer):
        def keep(module, inputs, output):
            self.acts[layer] = output

        return keep

    # Words: the mean over each one's tokens, all kept.

    def words_notebook(self):
        kept = {layer: [] for layer in self.layers}
        for ids in self.ids:
            self.model(torch.tensor([ids]))
            for layer in self.layers:
                kept[layer].append(self.acts[layer].mean(1)[0].numpy())
        return kept

    def words_batched(self):
        by_length = {}
        for item, ids in enumerate(self.ids):
            by_length.setdefault(len(ids), []).append(item)
        kept = {layer: [None] * len(self.ids) for layer in self.layers}
        for items in by_length.values():
            for start in range(0, len(items), 256):
                some = items[start : start + 256]
                self.short_model(torch.tensor([self.ids[item] for item in some]))
                for layer in self.layers:
                    rows = self.acts[layer].mean(1).numpy()
                    for item, row in zip(some, rows):
                        kept[layer][item] = row
        return kept

    # Text: the hooks' tensors of a batch, until the next one's come.

    def text_notebook(self):
        for sequence, ids in enumerate(self.ids):
            self.model(torch.tensor([ids]))
            self.sample_text(sequence, 1)

    def text_batched(self, size=None):
        size = size or self.batch_size
        for start in range(0, len(self.ids), size):
            some = self.ids[start : start + size]
            self.short_model(torch.tensor(some))
            self.sample_text(start, len(some))

    def short_model(self, ids):
        """The blocks up to the last recorded one, without the head."""
        blocks = self.model.transformer.h
        self.model.transformer.h = blocks[: max(self.layers) + 1]
        self.model.transformer(ids, use_cache=False)
        self.model.transformer.h = blocks

    def sample_text(self, first, count):
        for layer in self.case["sample_layers"]:
            for sequence, token in self.case["sample_rows"]:
                if first <= sequence < first + count:
                    row = self.acts[layer][sequence - first, token]
                    self.sample[(layer, sequence)] = row

    # All of it.

    def manners(self):
        if self.case["kind"] == "load":
            return {"batched": self.load_and_use}
        if self.case["kind"] == "words":
            manners = {"batched": self.words_batched}
            # A word at a time takes minutes where there are thousands.
            if len(self.ids) <= 200:
                manners["notebook"] = self.words_notebook
            return manners
        manners = {"batched": self.text_batched}
        if len(self.ids) <= 8:
            manners["notebook"] = self.text_notebook
        return manners

    def load_and_use(self):
        self.model = None
        self.model = self.load()
        self.model.transformer(torch.tensor(self.ids))
        self.sample_text(0, 1)

    def warm_up(self):
        if self.case["kind"] == "text":
            seconds = {}
            for size in (1, 2, 4):
                if size <= len(self.ids):
                    seconds[size] = timed(lambda: self.text_batched(size))
            self.batch_size = min(seconds, key=seconds.get)
        for manner in self.manners().values():
            manner()

    def run(self):
        seconds = {}
        for name, manner in self.manners().items():
            kept = None
            started = time.perf_counter()
            kept = manner()
            seconds[name] = time.perf_counter() - started
            if self.case["kind"] == "words":
                for layer in self.case["sample_layers"]:
                    for item, _ in self.case["sample_rows"]:
                        self.sample[(layer, item)] = torch.from_numpy(kept[layer][item])
        return seconds

    def sampled(self):
        values = []
        for layer in self.case["sample_layers"]:
            for row, _ in self.case["sample_rows"]:
                values += self.sample[(layer, row)][self.case["sample_neurons"]].tolist()
        return values


def timed(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def product():
    """The best float32 matrix product, at the shapes of `selectron-bench product`."""
    best = 0.0
    for rows, inner, columns in ((2048, 768, 3072), (2048, 3072, 768), (1024,) * 3, (2048,) * 3):
        left, right = torch.rand(rows, inner), torch.rand(inner, columns)
        fastest = min(timed(lambda: left @ right) for _ in range(20))
        best = max(best, 2 * rows * inner * columns / fastest)
    return {"flops": best}


def peak_bytes():
    status = pathlib.Path("/proc/self/status")
    if not status.exists():
        return None
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) << 10


def say(line):
    print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("case")
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    torch.set_grad_enabled(False)
    logging.disable_progress_bar()
    if args.threads:
        torch.set_num_threads(args.threads)
    if args.case == "product":
        say(product())
        return
    side = Side(args.checkpoint, read_case(args.checkpoint, args.case))
    side.warm_up()
    say({"ready": True, "batch_size": side.batch_size, "threads": torch.get_num_threads()})
    for _ in sys.stdin:
        say({"seconds": side.run()})
    say({"peak_bytes": peak_bytes(), "sample": side.sampled()})


if __name__ == "__main__":
    main()
