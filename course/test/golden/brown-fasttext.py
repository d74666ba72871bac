"""Vectors of words and of their letters on the Brown corpus, by gensim and by fastText's own program: analogies answered.

Run: python3 course/test/golden/brown-fasttext.py CORPUS QUESTIONS
     CORPUS has a piece of the Brown corpus a line, words between blanks; QUESTIONS a group and four words a line
     (needs numpy, gensim and fasttext-wheel; an hour; writes brown-fasttext.json beside this file)
"""
import json
import pathlib
import sys

import fasttext
import gensim
import numpy as np

CORPUS, QUESTIONS = sys.argv[1:3]
pieces = [line.split() for line in open(CORPUS)]


def answered(words, vectors):
    """Questions that are answered, and those whose words are known: of meaning, and of grammar."""
    places = {word: i for i, word in enumerate(words)}
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    told = {"semantic": [0, 0], "syntactic": [0, 0]}
    for line in open(QUESTIONS):
        group, *four = line.split()
        if not all(word in places for word in four):
            continue
        a, b, c, d = (places[word] for word in four)
        scores = unit @ (unit[b] - unit[a] + unit[c])
        scores[[a, b, c]] = -np.inf
        kind = told["syntactic" if group.startswith("gram") else "semantic"]
        kind[0] += int(scores.argmax()) == d
        kind[1] += 1
    return told


by_gensim = gensim.models.FastText(
    pieces, vector_size=100, window=5, negative=5, sample=1e-4, alpha=0.05, min_alpha=5e-6, epochs=5, min_count=5, sg=1,
    min_n=3, max_n=6, bucket=2_000_000, workers=1, seed=1,
).wv


def by_program(threads):
    """fastText's own program: what it learns depends on how many threads write into its tables at once."""
    own = fasttext.train_unsupervised(
        input=CORPUS, model="skipgram", lr=0.05, dim=100, ws=5, epoch=5, minCount=5, neg=5, loss="ns",
        bucket=2_000_000, minn=3, maxn=6, t=1e-4, thread=threads, verbose=0,
    )
    words = own.get_words()
    return {"threads": threads, **answered(words, np.array([own.get_word_vector(word) for word in words]))}


result = {
    "gensim": {"version": gensim.__version__, **answered(by_gensim.index_to_key, by_gensim.vectors)},
    # 12 threads are its default.
    "fastText": {"version": "0.9.2", "runs": [by_program(threads) for threads in (1, 11, 12)]},
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(result, indent=2) + "\n")
