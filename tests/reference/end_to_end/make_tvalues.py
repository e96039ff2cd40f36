"""Write a small GPT-Neo with a tokenizer of its own, and the t-values that transformers and SciPy find in it.

    python make_tvalues.py OUTDIR

OUTDIR gets model/ (config.json, model.safetensors, tokenizer.json, tokenizer_config.json), nouns.txt, verbs.txt,
and for each presentation `<name>.json` with t[layer][neuron] of a paired t-test, nouns minus verbs by rank.
Width, depth, heads, window and tokenizer all differ from the bundled model's; the longest sequences reach past the
window. Weights are drawn with std 0.2 so that a wrong scale, mask or activation shows.
Needs torch, transformers, tokenizers, scipy (made with torch 2.15.0, transformers 5.23.0, scipy 1.17.1).
"""
import json, os, sys
import numpy as np, scipy, scipy.stats, tokenizers, torch, transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPTNeoConfig, GPTNeoModel

NOUNS = """time people way life years world man state system part number case government day
house water power example family history""".split()
VERBS = """go see make take know find give become seem leave keep begin follow apply require
describe consider understand accommodate misinterpret""".split()
PRESENTATIONS = {  # name: (prefix ids, text before the word, reduction)
    "bare-mean": (False, "", "mean"),
    "bos-space-last": (True, " ", "last"),
    "space-first": (False, " ", "first"),
    "bos-max": (True, "", "max"),
    "carrier-mean": (False, "The very first ", "mean"),
}

out = sys.argv[1]
model_dir = os.path.join(out, "model")
os.makedirs(model_dir, exist_ok=True)

tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
corpus = [" ".join(NOUNS[:14] + VERBS[:8]), "The very first time people go and see the world"]
tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
    vocab_size=340, special_tokens=["<s>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
tokenizer.save(os.path.join(model_dir, "tokenizer.json"))
json.dump({"bos_token": {"content": "<s>"}}, open(os.path.join(model_dir, "tokenizer_config.json"), "w"))

torch.manual_seed(7)
torch.set_grad_enabled(False)
config = GPTNeoConfig(vocab_size=tokenizer.get_vocab_size(), hidden_size=24, num_layers=3, num_heads=3, window_size=5,
                      intermediate_size=40, max_position_embeddings=48, attention_types=[[["local", "global"], 1], [["local"], 1]],
                      bos_token_id=0, eos_token_id=0)
model = GPTNeoModel(config).eval()
generator = torch.Generator().manual_seed(7)
for name, parameter in model.named_parameters():
    base = 1.0 if "ln" in name and name.endswith("weight") else 0.0
    parameter.copy_(base + 0.2 * torch.randn(parameter.shape, generator=generator))
config.architectures = ["GPTNeoModel"]
model.save_pretrained(model_dir)  # a bare model: no `transformer.` prefix

recorded = {}
for layer, block in enumerate(model.h):
    block.mlp.c_fc.register_forward_hook(lambda module, inputs, output, layer=layer: recorded.__setitem__(layer, output[0].numpy().copy()))


def activations(word, bos, before, reduction):
    encoding = tokenizer.encode(before + word)
    own = [i for i, (start, end) in enumerate(encoding.offsets) if start < len(before) + len(word) and end > len(before)]
    ids = ([tokenizer.token_to_id("<s>")] if bos else []) + encoding.ids
    own = [i + bos for i in own]
    model(torch.tensor([ids]))
    reduce = {"mean": lambda x: x.mean(0), "max": lambda x: x.max(0), "first": lambda x: x[0], "last": lambda x: x[-1]}[reduction]
    return np.stack([reduce(recorded[layer][own].astype(np.float64)) for layer in range(len(model.h))]), len(ids)


for name, words in (("nouns", NOUNS), ("verbs", VERBS)):
    open(os.path.join(out, name + ".txt"), "w").write("\n".join(words) + "\n")
for name, (bos, before, reduction) in PRESENTATIONS.items():
    sides, longest = [], 0
    for words in (NOUNS, VERBS):
        rows = [activations(word, bos, before, reduction) for word in words]
        longest = max(longest, *(length for _, length in rows))
        sides.append(np.stack([row for row, _ in rows]))
    test = scipy.stats.ttest_rel(sides[0], sides[1])
    significant = test.pvalue < 0.05  # uncorrected: random weights prefer nothing
    json.dump({"made_with": f"torch {torch.__version__}, transformers {transformers.__version__}, scipy {scipy.__version__}, tokenizers {tokenizers.__version__}",
               "longest_sequence": longest, "t": test.statistic.tolist(), "significant": significant.tolist()},
              open(os.path.join(out, name + ".json"), "w"))
    print(name, "longest", longest, "max abs t", np.abs(test.statistic).max().round(2), "significant", int(significant.sum()))
