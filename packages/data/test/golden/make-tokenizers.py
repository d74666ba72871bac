"""Makes tokenizers.json: what Hugging Face's tokenizers says about training, encoding, decoding and cutting.

Run: python3 make-tokenizers.py (PyPI tokenizers 0.23 needed; the tests only read the JSON). All texts are in the public domain
or made here. Offsets are written in UTF-16 code units, as JavaScript counts.
"""
import json
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers import __version__

GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")

ENGLISH = [
    "Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing to do: once or twice she had "
    "peeped into the book her sister was reading, but it had no pictures or conversations in it, \"and what is the use of a book,\" "
    "thought Alice \"without pictures or conversations?\"\n\nSo she was considering in her own mind (as well as she could, for the hot "
    "day made her feel very sleepy and stupid), whether the pleasure of making a daisy-chain would be worth the trouble of getting up "
    "and picking the daisies, when suddenly a White Rabbit with pink eyes ran close by her.",
    "There was nothing so very remarkable in that; nor did Alice think it so very much out of the way to hear the Rabbit say to itself, "
    "\"Oh dear! Oh dear! I shall be late!\" (when she thought it over afterwards, it occurred to her that she ought to have wondered at "
    "this, but at the time it all seemed quite natural); but when the Rabbit actually took a watch out of its waistcoat-pocket, and "
    "looked at it, and then hurried on, Alice started to her feet.\n",
    "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty, and dedicated to "
    "the proposition that all men are created equal. Now we are engaged in a great civil war, testing whether that nation, or any nation "
    "so conceived and so dedicated, can long endure. We are met on a great battle-field of that war. We've come to dedicate a portion of "
    "that field, as a final resting place for those who here gave their lives that that nation might live. It's altogether fitting and "
    "proper that we should do this. 1863, 87 years; I'LL SAY IT'S 12345 days.",
]
GERMAN = [
    "In den alten Zeiten, wo das Wünschen noch geholfen hat, lebte ein König, dessen Töchter waren alle schön, aber die jüngste war so "
    "schön, daß die Sonne selber, die doch so vieles gesehen hat, sich verwunderte, so oft sie ihr ins Gesicht schien. Nahe bei dem "
    "Schlosse des Königs lag ein großer dunkler Wald, und in dem Walde unter einer alten Linde war ein Brunnen; wenn nun der Tag recht "
    "heiß war, so ging das Königskind hinaus in den Wald und setzte sich an den Rand des kühlen Brunnens.\n",
    "Habe nun, ach! Philosophie,\nJuristerei und Medizin,\nUnd leider auch Theologie\nDurchaus studiert, mit heißem Bemühn.\nDa steh ich "
    "nun, ich armer Tor!\nUnd bin so klug als wie zuvor;\nHeiße Magister, heiße Doktor gar\nUnd ziehe schon an die zehen Jahr\nHerauf, "
    "herab und quer und krumm\nMeine Schüler an der Nase herum.\n",
    "Sah ein Knab' ein Röslein stehn, Röslein auf der Heiden, war so jung und morgenschön, lief er schnell, es nah zu sehn, sah's mit "
    "vielen Freuden. Röslein, Röslein, Röslein rot, Röslein auf der Heiden.",
]


def made():
    """Texts of equally frequent pairs, repeated letters, digits, signs and several scripts, from a linear congruence."""
    state = 12345
    def draw(n):
        nonlocal state
        state = (state * 1103515245 + 12345) % 2**31
        return (state >> 8) % n
    parts = ["aaaa", "aaaaa", "aaa", "abab", "ababab", "banana", "  ", "\n\n", "\t", "x=1;", "foo(bar)", "def f(x):\n    return x", "🙂", "👩‍👩‍👧", "日本語", "東京",
             "пример", "θάλασσα", "naïve", "e\u0301", "\u00a0", "\ufeff", "2024", "3.14159", "'s", "'S", "'ſ", "!!!", "...\r\n", "zz", "zzz", "한국어", "مرحبا"]
    return ["".join((" " if draw(3) else "") + parts[draw(len(parts))] for _ in range(160)) for _ in range(6)]


CORPORA = {"english": ENGLISH, "german": GERMAN, "made": made()}
TEXTS = [
    "Alice thought the Rabbit's watch was late.", "  two  blanks,\n\nand lines\r\n\r\n", "We've got 1234567 things; I'LL go, they'Re here", "schön heiß Königskind",
    "日本語のテキスト and 한국어", "🙂👩‍👩‍👧 emoji", "naïve café e\u0301", "a", " ", "tab\tand\u00a0nbsp\u0085nel\ufeffbom", "x" * 90, "ab" * 60 + " " + "a" * 77, "\u0000\u0001 control", "'ſ 'S İstanbul ﬁ", "",
]


def units(text):
    """Code points to UTF-16 code units."""
    at = [0]
    for c in text:
        at.append(at[-1] + (2 if ord(c) > 0xFFFF else 1))
    return at


def encoded(tokenizer, text, pair=None):
    e = tokenizer.encode(text, pair) if pair is not None else tokenizer.encode(text)
    places = [units(text), units(pair or "")]
    offsets = [[places[s or 0][a], places[s or 0][b]] for (a, b), s in zip(e.offsets, e.sequence_ids)]
    return dict(text=text, pair=pair, ids=e.ids, offsets=offsets, typeIds=e.type_ids, decoded=tokenizer.decode(e.ids, skip_special_tokens=False), skipped=tokenizer.decode(e.ids))


def byte_level(pattern, special=()):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False) if pattern == "gpt2" else pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(GPT4), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    return t


def train_bpe(corpus, pattern, size, count, special):
    t = byte_level(pattern)
    t.train_from_iterator(CORPORA[corpus], trainers.BpeTrainer(
        vocab_size=size, min_frequency=count, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return t


training = []
for corpus in CORPORA:
    for pattern, size, count in [("gpt2", 420, 2), ("gpt4", 420, 2), ("gpt4", 9000, 1)]:
        t = train_bpe(corpus, pattern, size, count, ["<|endoftext|>"])
        content = json.loads(t.to_str())["model"]
        # Of the long list the beginning, the end and a checksum over all are enough.
        merges = [" ".join(m) for m in content["merges"]]
        sum31 = 0
        for m in merges:
            for c in m:
                sum31 = (sum31 * 31 + ord(c)) % 2**32
        ids = {text: t.encode(text).ids for text in TEXTS} if count == 2 else {}
        training.append(dict(corpus=corpus, pattern=pattern, size=size, count=count, merges=merges[:200], last=merges[-5:], length=len(merges), checksum=sum31, vocabulary=len(content["vocab"]), ids=ids))

words = []
for corpus, size, count in [("english", 60, 2), ("german", 1000, 1)]:
    t = Tokenizer(models.WordLevel(unk_token="<unk>"))
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    t.train_from_iterator(CORPORA[corpus], trainers.WordLevelTrainer(vocab_size=size, min_frequency=count, special_tokens=["<unk>"], show_progress=False))
    words.append(dict(corpus=corpus, size=size, count=count, vocabulary=json.loads(t.to_str())["model"]["vocab"], encodings=[encoded(t, x) for x in TEXTS]))

files = []


def keep(name, tokenizer, texts=TEXTS, pairs=(), limits=()):
    cut = []
    for length, side, padded in limits:
        tokenizer.enable_truncation(length, direction=side)
        tokenizer.enable_padding(pad_id=0, pad_token="[PAD]", length=padded, direction=side)
        cut.append(dict(length=length, side=side, padded=padded, rows=[dict(text=e[0], pair=e[1], ids=b.ids, mask=b.attention_mask, typeIds=b.type_ids)
                                                                       for e in pairs for b in [tokenizer.encode(*e)]]))
        tokenizer.no_truncation()
        tokenizer.no_padding()
    files.append(dict(name=name, file=json.loads(tokenizer.to_str()), encodings=[encoded(tokenizer, x) for x in texts] + [encoded(tokenizer, a, b) for a, b in pairs], cut=cut))


# BERT: WordPiece.
t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
t.normalizer = normalizers.BertNormalizer()
t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
t.train_from_iterator(ENGLISH + GERMAN, trainers.WordPieceTrainer(vocab_size=260, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
t.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
t.decoder = decoders.WordPiece()
keep("wordpiece", t, TEXTS + ["She thought, don't [MASK] it!"], [("who was late?", "The Rabbit, thought Alice; it occurred to her."), ("the Rabbit was late and hurried on", "who?")],
     [(12, "right", 16), (12, "left", 16), (5, "right", 5)])

# T5 and XLNet: Unigram with Metaspace.
for name, more in [("unigram", {}), ("unigram with bytes", dict(byte_fallback=True))]:
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.NFKC()
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.decoder = decoders.Metaspace()
    t.train_from_iterator(ENGLISH + GERMAN, trainers.UnigramTrainer(vocab_size=200, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
    t.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    content = json.loads(t.to_str())
    if more:
        content["model"]["byte_fallback"] = True
        content["model"]["vocab"] += [[f"<0x{b:02X}>", -20.0] for b in range(256)]
        content["decoder"] = dict(type="Sequence", decoders=[dict(type="ByteFallback"), dict(type="Metaspace", replacement="▁", prepend_scheme="always", split=True)])
    for piece in content["model"]["vocab"]:
        piece[1] = round(piece[1], 6)
    # Of composed characters the library gives the place of the first part alone, and we that of all parts.
    keep(name, Tokenizer.from_str(json.dumps(content)), [x.replace("e\u0301", "") for x in TEXTS])

# Llama 3: whole words first, a template behind the bytes.
t = train_bpe("english", "gpt4", 380, 2, ["<|begin_of_text|>", "<|end_of_text|>"])
content = json.loads(t.to_str())
content["model"]["ignore_merges"] = True
content["model"]["vocab"]["Ġremarkable"] = len(content["model"]["vocab"])
t = Tokenizer.from_str(json.dumps(content))
t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), processors.TemplateProcessing(
    single="<|begin_of_text|> $A", pair="<|begin_of_text|>:0 $A:0 <|begin_of_text|>:1 $B:1", special_tokens=[("<|begin_of_text|>", 0)])])
keep("llama 3", t, TEXTS + [" so remarkable<|end_of_text|>  again <|end_of_text|><|begin"], [("One text.", " Another")])

# Gemma: characters with bytes behind them, no words.
t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
t.normalizer = normalizers.Replace(" ", "▁")
t.train_from_iterator([" ".join(x.split()[:40]) for x in ENGLISH], trainers.BpeTrainer(vocab_size=150, special_tokens=["<pad>", "<eos>", "<bos>", "<unk>"], show_progress=False))
content = json.loads(t.to_str())
for b in range(256):
    content["model"]["vocab"][f"<0x{b:02X}>"] = len(content["model"]["vocab"])
t = Tokenizer.from_str(json.dumps(content))
t.post_processor = processors.TemplateProcessing(single="<bos> $A", pair="<bos> $A <bos>:1 $B:1", special_tokens=[("<bos>", 2)])
t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
keep("gemma", t, TEXTS + ["the the<eos> the end"])
content = json.loads(t.to_str())
content["model"]["byte_fallback"] = False
keep("gemma without bytes", Tokenizer.from_str(json.dumps(content)))

# Llama 2: a prepended blank, a blank taken away.
content = json.loads(t.to_str())
content["normalizer"] = dict(type="Sequence", normalizers=[dict(type="Prepend", prepend="▁"), dict(type="Replace", pattern=dict(String=" "), content="▁")])
content["decoder"]["decoders"].append(dict(type="Strip", content=" ", start=1, stop=0))
keep("llama 2", Tokenizer.from_str(json.dumps(content)))

# RoBERTa: a blank before the text, offsets without blanks.
t = train_bpe("english", "gpt2", 330, 2, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
keep("roberta", t, TEXTS, [("a first", "a second")])

# Added tokens of every kind.
t = train_bpe("english", "gpt2", 280, 2, ["<|endoftext|>"])
t.normalizer = normalizers.Lowercase()
t.add_tokens([AddedToken("<left>", lstrip=True, normalized=False), AddedToken("<right>", rstrip=True, normalized=False), AddedToken("word", single_word=True, normalized=False),
              AddedToken("Alice", normalized=True), AddedToken("ab", normalized=False), AddedToken("abc", normalized=False)])
keep("added tokens", t, ["one  <left> two", "one <right>   two", "a word, words, word", "ALICE and alice and Alice", "abcabab<|endoftext|>x", "<right> <left> ", "İ word"])

SPLITS = ["Hey, you! a,b;; c", "  two  blanks ", "don't 123 45", "日本 語,テ", "a\nb\t\u00a0c\u0085d", "", "x$y+z_1 -- ok", "--a--b", "🙂 smile 🙂🙂"]
cuts = []
for settings in [
    pre_tokenizers.Whitespace(), pre_tokenizers.WhitespaceSplit(), pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Digits(True), pre_tokenizers.Digits(False),
    pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.Metaspace(), pre_tokenizers.Metaspace(prepend_scheme="never"), pre_tokenizers.Metaspace(split=False),
    pre_tokenizers.Split(Regex(GPT4), "isolated"), pre_tokenizers.Split(Regex(GPT4), "removed", invert=True),
    pre_tokenizers.Split(Regex(r"(?i:A|x)+?|\d{2,}+|(?>o|ok)k|[^\S\n]++"), "isolated"),
    pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.Digits(True)]),
    *[pre_tokenizers.Split(p, b, invert=i) for p in (",", Regex(r"[\s,]")) for b in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous") for i in (False, True)],
    *[pre_tokenizers.Punctuation(b) for b in ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")],
]:
    t = Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
    t.pre_tokenizer = settings
    rows = []
    for text in SPLITS:
        at = units(text)
        rows.append([[at[a], at[b]] for _, (a, b) in settings.pre_tokenize_str(text)])
    cuts.append(dict(settings=json.loads(t.to_str())["pre_tokenizer"], offsets=rows))

FORMS = ["Ünïcödé  É", "e\u0301a\u0328\u0301", "ﬁ ① ㍿ ｶﾞ", "한국어 각", "ΑΣ ΣΑΣ İ ẞ", " \u3000x\u00a0 ", "中文 and\u0000\u200b control\ttab", "Å ñ", ""]
changed = []
for settings in [normalizers.NFC(), normalizers.NFD(), normalizers.NFKC(), normalizers.NFKD(), normalizers.Lowercase(), normalizers.Strip(), normalizers.Strip(left=False),
                 normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()]), normalizers.Replace(" ", "__"), normalizers.Replace(Regex(r"\s+"), "-"), normalizers.Prepend("▁"),
                 normalizers.BertNormalizer(), normalizers.BertNormalizer(strip_accents=False), normalizers.BertNormalizer(lowercase=False, handle_chinese_chars=False)]:
    t = Tokenizer(models.BPE())
    t.normalizer = settings
    changed.append(dict(settings=json.loads(t.to_str())["normalizer"], texts=[settings.normalize_str(x) for x in FORMS]))

out = dict(library=f"tokenizers {__version__}", corpora=CORPORA, texts=TEXTS, training=training, words=words, files=files, cuts=dict(texts=SPLITS, rows=cuts), normalized=dict(texts=FORMS, rows=changed))
with open(__file__.replace("make-tokenizers.py", "tokenizers.json"), "w", encoding="utf-8") as f:
    json.dump(out, f, ensure_ascii=True, separators=(",", ":"))
    f.write("\n")
