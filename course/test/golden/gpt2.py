"""A tiny random GPT-2 of Hugging Face's: its state dict, its logits, greedy texts and those of a beam search.

Run: python3 course/test/golden/gpt2.py   (needs torch and transformers; writes gpt2.json beside this file)
"""
import json
import pathlib

import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel

torch.manual_seed(7)
torch.set_num_threads(1)
WORDS, TIME, SIZE, END = 65, 16, 16, 3
config = GPT2Config(vocab_size=WORDS, n_positions=TIME, n_embd=SIZE, n_layer=2, n_head=4, eos_token_id=END,
                    bos_token_id=0, pad_token_id=0, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)
model = GPT2LMHeadModel(config).eval()
with torch.no_grad():
    # Larger than at first, so that texts differ.
    for name, p in model.named_parameters():
        scale = 0.3 if 'wte' in name or name.endswith('ln_f.weight') else 1.0
        centre = 1 if 'ln_' in name and name.endswith('weight') else 0
        p.copy_((torch.randn(p.shape) * scale + centre).mul(1000).round().div(1000))

tokens = torch.randint(0, WORDS, (2, 9))
with torch.no_grad():
    logits = model(tokens).logits
prompts = tokens[:, :4]
options = {'max_new_tokens': 10, 'do_sample': False, 'attention_mask': torch.ones_like(prompts)}
greedy = model.generate(prompts, **options, eos_token_id=None)[:, 4:].tolist()


def beams(count, penalty, end):
    found = model.generate(prompts, **options, num_beams=count, num_return_sequences=count, length_penalty=penalty,
                           early_stopping=False, output_scores=True, return_dict_in_generate=True, eos_token_id=end)
    rows = found.sequences[:, 4:].tolist()
    cut = [row[:row.index(end)] if end in row else row for row in rows]
    return {'beams': count, 'lengthPenalty': penalty, 'endToken': end,
            'texts': [cut[i:i + count] for i in range(0, len(cut), count)],
            'scores': [round(float(s), 5) for s in found.sequences_scores]}


state = {name: {'shape': list(p.shape), 'data': [round(float(v), 3) for v in p.flatten()]}
         for name, p in model.state_dict().items() if name != 'lm_head.weight'}
ends = sorted({row[3] for row in greedy})
golden = {'torch': torch.__version__, 'transformers': transformers.__version__, 'state': state,
          'tokens': tokens.tolist(), 'logits': [round(float(v), 5) for v in logits.flatten()], 'greedy': greedy,
          'searches': [beams(c, p, e) for e in ends for c, p in ((2, 1.0), (3, 1.0), (3, 0.0), (4, 2.0))]}
pathlib.Path(__file__).with_name('gpt2.json').write_text(json.dumps(golden, separators=(',', ':')) + '\n')
print({k: golden[k] for k in ('greedy', 'searches')})
