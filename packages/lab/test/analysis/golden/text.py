"""What outside authorities make of texts: sacreBLEU, rouge-score, jiwer, scikit-learn and PyTorch.

Run: python3 packages/lab/test/analysis/golden/text.py   (needs sacrebleu, rouge-score, jiwer, scikit-learn and torch; writes
text.json beside this file)
"""
import importlib.metadata
import json
import math
import pathlib
import random
import warnings

import jiwer
import sacrebleu
import torch
from rouge_score.rouge_scorer import RougeScorer
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

HERE = pathlib.Path(__file__).parent
warnings.filterwarnings('ignore')
random.seed(4)

HYPOTHESES = [
    'The quick brown fox jumps over the lazy dog.', 'It costs 1,234.5 dollars - or so -', 'He said: "Hello, world!" (twice)',
    'Zwölf Boxkämpfer jagten Eva quer über den großen Sylter Deich.', '  spaces\tand tabs  ', '', 'a', 'AT&amp;T &lt;b&gt; <skipped> well-known',
    '猫は 寝て いる。', 'emoji 🙂🙂 and ½ € signs', 'the the the the the', 'There is a cat on the mat',
]
REFERENCES = [
    'A quick brown fox jumped over the lazy dog.', 'It costs 1,234.50 dollars, or so.', 'He said "Hello world" twice.',
    'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich!', 'spaces and tabs', 'not empty', 'a', 'AT&T <b> well-known',
    '猫 が 寝て いる。', 'emoji 🙂 and ½ $ signs', 'the cat is on the mat', 'The cat is on the mat',
]
SECOND = [random.sample(r.split(' '), len(r.split(' '))) for r in REFERENCES]
SECOND = [' '.join(words) for words in SECOND]
VARYING = [[r] if i % 2 else [r, s] for i, (r, s) in enumerate(zip(REFERENCES, SECOND))]


def streams(kind):
    if kind == 'one':
        return [REFERENCES]
    if kind == 'two':
        return [REFERENCES, SECOND]
    return [REFERENCES, [s[1] if len(s) > 1 else None for s in VARYING]]


def bleu():
    cases = []
    for options in [
        {}, {'lowercase': True}, {'tokenize': 'intl'}, {'tokenize': 'char'}, {'tokenize': 'none'}, {'smooth': 'none'}, {'smooth': 'floor'},
        {'smooth': 'floor', 'smoothValue': 0.3}, {'smooth': 'add-k'}, {'maxOrder': 2}, {'effectiveOrder': True},
    ]:
        keywords = {{'smooth': 'smooth_method', 'smoothValue': 'smooth_value', 'maxOrder': 'max_ngram_order', 'effectiveOrder': 'effective_order'}.get(k, k): v
                    for k, v in options.items()}
        for kind in ('one', 'two', 'varying'):
            metric = sacrebleu.BLEU(**keywords)
            found = metric.corpus_score(HYPOTHESES, streams(kind))
            sentences = [sacrebleu.BLEU(**{**keywords, 'effective_order': True}).sentence_score(h, [r]).score for h, r in zip(HYPOTHESES, REFERENCES)]
            cases.append({'options': options, 'references': kind, 'score': found.score, 'precisions': found.precisions, 'brevityPenalty': found.bp,
                          'hypothesisLength': found.sys_len, 'referenceLength': found.ref_len, 'signature': str(metric.get_signature()),
                          'sentences': sentences})
    poor = sacrebleu.BLEU().corpus_score(['nothing fits here'], [['all is different there now']])
    return {'cases': cases, 'poor': {'score': poor.score, 'brevityPenalty': poor.bp}}


def chrf():
    cases = []
    for options in [{}, {'wordOrder': 2}, {'lowercase': True}, {'whitespace': True}, {'charOrder': 3, 'beta': 1}]:
        keywords = {{'wordOrder': 'word_order', 'charOrder': 'char_order'}.get(k, k): v for k, v in options.items()}
        for kind in ('one', 'two', 'varying'):
            metric = sacrebleu.CHRF(**keywords)
            found = metric.corpus_score(HYPOTHESES, streams(kind))
            cases.append({'options': options, 'references': kind, 'score': found.score, 'name': found.name, 'signature': str(metric.get_signature())})
    return cases


def rouge():
    scorer = RougeScorer(['rouge1', 'rouge2', 'rougeL'])
    read = lambda scores: {key: {'precision': s.precision, 'recall': s.recall, 'f1': s.fmeasure} for key, s in scores.items()}
    return {'one': [read(scorer.score(r, h)) for h, r in zip(HYPOTHESES, REFERENCES)],
            'varying': [read(scorer.score_multi(r, h)) for h, r in zip(HYPOTHESES, VARYING)]}


def errors():
    # jiwer takes a single tab as part of a word.
    words = jiwer.process_words(REFERENCES, [h.replace('\t', ' ') for h in HYPOTHESES])
    characters = jiwer.process_characters(REFERENCES, HYPOTHESES)
    count = lambda out: out.substitutions + out.insertions + out.deletions
    phonemes = ['HH AH L OW', 'W ER L D', 'K AE T'], ['HH EH L OW W', 'W ER L D', 'D AO G Z']
    spoken = jiwer.process_words(*phonemes)
    return {'word': {'rate': words.wer, 'edits': count(words)}, 'character': {'rate': characters.cer, 'edits': count(characters)},
            'phonemes': [[p.split() for p in side] for side in phonemes], 'phoneme': {'rate': spoken.wer, 'edits': count(spoken)}}


def f1():
    names = ['O', 'PER', 'LOC', 'ORG']
    truths = random.choices(names, [6, 2, 1, 1], k=60)
    predictions = [t if random.random() < 0.7 else random.choice(names[:3]) for t in truths]
    cases = []
    for average in ('micro', 'macro', 'weighted'):
        for labels in (None, ['PER', 'LOC', 'ORG'], ['PER', 'NEVER']):
            p, r, f, _ = precision_recall_fscore_support(truths, predictions, average=average, labels=labels, zero_division=0)
            cases.append({'options': {'average': average, **({'labels': labels} if labels else {})}, 'scores': {'precision': p, 'recall': r, 'f1': f}})
    p, r, f, _ = precision_recall_fscore_support([t == 'PER' for t in truths], [t == 'PER' for t in predictions], average='binary')
    cases.append({'options': {'average': 'binary', 'positive': 'PER'}, 'scores': {'precision': p, 'recall': r, 'f1': f}})
    return {'truths': truths, 'predictions': predictions, 'cases': cases}


def language_model():
    torch.manual_seed(2)
    text = 'naïve café 🙂'
    tokens = torch.tensor(list(text.encode()))
    logits = torch.randn(len(tokens), 256).double() * 2
    loss = torch.nn.functional.cross_entropy(logits, tokens)
    bits = float(loss) * len(tokens) / math.log(2)
    labels, guesses = torch.randint(0, 3, (8, 5)), torch.randint(0, 3, (8, 5))
    labels[:, 4] = -100
    labels[3, 1] = -100
    columns = [[(int(t), int(p)) for t, p in zip(labels[:, i], guesses[:, i]) if t != -100] for i in range(5)]
    return {
        'loss': {'nats': float(loss) * len(tokens), 'tokens': len(tokens), 'characters': len(text), 'bytes': len(text.encode())},
        'perplexity': float(torch.exp(loss)), 'bitsPerToken': bits / len(tokens), 'bitsPerCharacter': bits / len(text), 'bitsPerByte': bits / len(text.encode()),
        'labels': labels.flatten().tolist(), 'guesses': guesses.flatten().tolist(),
        'accuracy': [accuracy_score(*zip(*column)) if column else None for column in columns], 'count': [len(column) for column in columns],
    }


(HERE / 'text.json').write_text(json.dumps({
    'versions': {name: importlib.metadata.version(name) for name in ('sacrebleu', 'rouge-score', 'jiwer', 'scikit-learn')},
    'hypotheses': HYPOTHESES, 'references': {'one': REFERENCES, 'two': [list(pair) for pair in zip(REFERENCES, SECOND)], 'varying': VARYING},
    'bleu': bleu(), 'chrf': chrf(), 'rouge': rouge(), 'errors': errors(), 'f1': f1(), 'languageModel': language_model(),
}, ensure_ascii=False, separators=(',', ':')) + '\n')
