"""Which tokens may be drawn, and how likely each is, by Hugging Face's logits processors.

Run: python3 packages/nn/test/golden/sampling.py   (needs torch and transformers; writes sampling.json beside this file)
"""
import torch
from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from golden import pack, write

torch.manual_seed(6)
logits = torch.randn(3, 9) * 2
cases = []
for temperature, top_k, top_p in [(1, None, None), (0.7, None, None), (1, 3, None), (2, 1, None), (1, 20, None), (1, None, 0.6), (0.5, None, 0.95),
                                  (1.5, 5, 0.7), (1, None, 0.05)]:
    warpers = LogitsProcessorList([TemperatureLogitsWarper(float(temperature))])
    if top_k:
        warpers.append(TopKLogitsWarper(min(top_k, 9)))
    if top_p:
        warpers.append(TopPLogitsWarper(top_p))
    cases.append({'temperature': temperature, 'topK': top_k, 'topP': top_p, 'probabilities': pack(torch.softmax(warpers(None, logits.clone()), 1))['data']})
write('sampling', {'logits': pack(logits), 'cases': cases})
