"""gensim's vectors of words on a corpus that bench/word-vectors.ts wrote: its pace, and how they agree with people.

    python gensim_words.py CORPUS QUESTIONS METHOD EPOCHS SEED

CORPUS holds one text a line, words apart by blanks; QUESTIONS is JSON with `rated` (lists of two words and a score, by
name) and `analogies` (lists of four words). Prints JSON. Run with an interpreter that has gensim and scipy.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec
from scipy.stats import spearmanr

corpus, questions, method, epochs, seed = sys.argv[1:]
texts = [line.split() for line in Path(corpus).read_text().splitlines()]
asked = json.loads(Path(questions).read_text())
rate = 0.05 if method == "cbow" else 0.025
model = Word2Vec(
    vector_size=100, window=5, min_count=5, sg=int(method == "skip-gram"), negative=5, sample=1e-3, alpha=rate,
    min_alpha=1e-4 * rate, workers=1, seed=int(seed), epochs=int(epochs),
)
model.build_vocab(texts)
vectors = model.wv
words = sum(vectors.get_vecattr(word, "count") for word in vectors.index_to_key)
started, used = time.perf_counter(), time.process_time()
model.train(texts, total_examples=len(texts), epochs=int(epochs))
seconds, processor = time.perf_counter() - started, time.process_time() - used
found = {"words": len(vectors), "read": int(epochs) * int(words), "seconds": seconds, "processor": processor}
for name, pairs in asked["rated"].items():
    cosines = [float(vectors.similarity(first, second)) for first, second, _ in pairs]
    found[name] = float(spearmanr(cosines, [score for *_, score in pairs]).statistic)
unit = vectors.get_normed_vectors()
right = 0
for four in asked["analogies"]:
    a, b, c, d = (vectors.key_to_index[word] for word in four)
    likeness = unit @ (unit[b] - unit[a] + unit[c])
    likeness[[a, b, c]] = -np.inf
    right += int(np.argmax(likeness) == d)
found["analogies"] = right / max(1, len(asked["analogies"]))
print(json.dumps(found))
