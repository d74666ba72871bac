"""Character n-grams of words and fastText's hash of each, by gensim.

Run: python3 packages/lab/test/tasks/golden/character-ngrams.py   (needs gensim; writes character-ngrams.json beside it)
"""
import json
import pathlib

import gensim
from gensim.models.fasttext_inner import compute_ngrams_bytes, ft_hash_bytes

ASKED = [('where', 3, 6), ('the', 3, 6), ('a', 3, 6), ('banana', 2, 4), ('of', 1, 20), ('café', 3, 4),
         ('Größe', 1, 3), ('東京', 2, 3), ('a😀b', 1, 3)]

cases = []
for word, shortest, longest in ASKED:
    grams = compute_ngrams_bytes(word, shortest, longest)
    cases.append({
        'word': word, 'minGram': shortest, 'maxGram': longest,
        'grams': [gram.decode() for gram in grams], 'hashes': [ft_hash_bytes(gram) for gram in grams],
    })
text = json.dumps({'gensim': gensim.__version__, 'cases': cases}, ensure_ascii=False)
pathlib.Path(__file__).with_suffix('.json').write_text(text + '\n')
