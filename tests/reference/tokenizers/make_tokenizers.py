"""Write small tokenizers of each kind that models come with, and what Python's tokenizers makes of words with them.

    python make_tokenizers.py

Folders, each with tokenizer.json and tokenizer_config.json as a model has them:
  byte-level    BPE over bytes, a space is part of the next token (GPT-2, GPT-NeoX, Qwen2, Llama 3)
  metaspace     BPE with the pre-tokenizer Metaspace, which puts a mark before every text (newer Llama 2, Mistral)
  prepend       the same with the normaliser Prepend (older Llama 2)
  unigram       Unigram behind WhitespaceSplit, as T5: a space that is typed is lost, the mark is always put
  wordpiece     WordPiece (BERT): no mark for spaces, [CLS] and [SEP] around a text
expected.json holds for each folder and word:
  bare          tokens of the word with no mark before it
  space         tokens of the word as it stands after a space in running text, null where that is no different
  text          [token, start, end] of the word within "Not the {word}, please."; offsets count characters
The trainers break some ties by chance: run again, the vocabularies may differ a little, and expected.json with them.
Needs tokenizers (made with tokenizers 0.23.3).
"""
import json, os, tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
TEXT = """The keeper of the small lighthouse wrote a letter every evening. The letter was never long: the weather, the
ships that had passed, the price of bread. In winter the keeper walked to the village and read the letters of others
aloud, because many in the village could not read. Nobody paid for the reading, and nobody asked why the keeper did it.
When the light failed one night, the ships waited outside the bay, and the village carried lamps up the hill until the
keeper had mended what was broken. A child asked whether the sea was angry. The keeper said that water follows the wind,
and that the wind follows nothing that a keeper could name. Reading, writing, walking, waiting: so the years went by.
People say that the house on the hill still holds a box of letters, each one short, each one about bread and weather.
""".splitlines()
WORDS = ["the", "letter", "keeper", "lighthouse", "reading", "zebra", "Zoë", "ships"]

def specials(*names): return [tokenizers.AddedToken(n, special=True) for n in names]

def byte_level():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False); t.decoder = decoders.ByteLevel()
    t.train_from_iterator(TEXT, trainers.BpeTrainer(vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                                    special_tokens=specials("<|endoftext|>"), show_progress=False))
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    return t, {"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}

def sentencepiece(prepend):
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    alphabet = sorted(set("".join(TEXT)) - {" "})
    t.train_from_iterator(TEXT, trainers.BpeTrainer(vocab_size=420, special_tokens=specials("<unk>", "<s>", "</s>") + [f"<0x{b:02X}>" for b in range(256)],
                                                    initial_alphabet=alphabet, show_progress=False))
    if prepend:
        t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]); t.pre_tokenizer = None
    else:
        t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    t.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", t.token_to_id("<s>"))])
    return t, {"bos_token": {"content": "<s>", "__type": "AddedToken"}, "eos_token": "</s>"}

def unigram():
    t = Tokenizer(models.Unigram())
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")])
    t.train_from_iterator(TEXT, trainers.UnigramTrainer(vocab_size=120, special_tokens=specials("<pad>", "</s>", "<unk>"), unk_token="<unk>", show_progress=False))
    t.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", t.token_to_id("</s>"))])
    return t, {"eos_token": "</s>", "bos_token": None}

def wordpiece():
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=True); t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.train_from_iterator(TEXT, trainers.WordPieceTrainer(vocab_size=160, special_tokens=specials("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"), show_progress=False))
    pair = [(n, t.token_to_id(n)) for n in ("[CLS]", "[SEP]")]
    t.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=pair)
    return t, {"cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]", "pad_token": "[PAD]"}

def unmarked(t):
    """The same tokenizer, putting no mark by itself."""
    u = Tokenizer.from_str(t.to_str())
    if u.normalizer is not None and "Prepend" in str(u.normalizer): u.normalizer = normalizers.Replace(" ", "▁")
    if isinstance(u.pre_tokenizer, pre_tokenizers.Metaspace): u.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never", split=u.pre_tokenizer.split)
    if isinstance(u.pre_tokenizer, pre_tokenizers.Sequence):
        u.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="never")])
    return u

def names(t, encoding): return [t.id_to_token(i) for i in encoding.ids]

expected = {}
for name, make in {"byte-level": byte_level, "metaspace": lambda: sentencepiece(False), "prepend": lambda: sentencepiece(True),
                   "unigram": unigram, "wordpiece": wordpiece}.items():
    t, config = make(); u = unmarked(t)
    os.makedirs(f"{HERE}/{name}", exist_ok=True)
    t.save(f"{HERE}/{name}/tokenizer.json", pretty=False)
    json.dump(config, open(f"{HERE}/{name}/tokenizer_config.json", "w"), indent=1)
    rows = expected[name] = {}
    for w in WORDS:
        bare = names(u, u.encode(w, add_special_tokens=False))
        # What follows a space in running text: the tokens of the word after a neighbour that ends in nothing.
        text = f"Not the {w}, please."; e = t.encode(text, add_special_tokens=False)
        start, end = 8, 8 + len(w)
        own = [(tok, s, f) for tok, (s, f) in zip(names(t, e), e.offsets) if s < end and f > start]
        typed, put = names(u, u.encode(" " + w, add_special_tokens=False)), names(t, t.encode(w, add_special_tokens=False))
        space = typed if typed != bare else put if put != bare else None
        rows[w] = {"bare": bare, "space": space, "text": own}
json.dump(expected, open(f"{HERE}/expected.json", "w"), indent=1, ensure_ascii=False)
