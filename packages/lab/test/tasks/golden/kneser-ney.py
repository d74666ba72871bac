# Golden values of kneser-ney.test.ts: NLTK's interpolated Kneser-Ney on a small text.
# pip install nltk; python kneser-ney.py > kneser-ney.json
import json
from nltk.lm import KneserNeyInterpolated
from nltk.util import everygrams

TEXT = "abracadabra abracadabra bread and abacus barbara ran abroad "
TRAIN, HELD = TEXT * 2 + "cabana", "a crab ran abroad and barbara"
ORDER, DISCOUNT = 4, 0.75


class Whole(KneserNeyInterpolated):
    """Grams of the plain text, without marks of beginning and end."""


model = Whole(order=ORDER, discount=DISCOUNT)
model.fit([list(everygrams(list(TRAIN), max_len=ORDER))], vocabulary_text=list(TRAIN))
scores = [model.score(HELD[i], list(HELD[max(0, i - ORDER + 1): i])) for i in range(1, len(HELD))]
print(json.dumps({"train": TRAIN, "held": HELD, "order": ORDER, "discount": DISCOUNT, "scores": scores}, indent=1))
