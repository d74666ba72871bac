"""Makes tables.json: tables as other programs write them, and what Python's csv module and pandas read in them.

Run: python3 make-tables.py (pandas 3 needed; the tests only read the JSON). What pandas must be told of a table (lines to skip, what
stands between thousands) is what is to be found by looking here.
"""
import base64
import csv
import io
import json
import random
import pandas as pd

cases = []


def case(name, data, encoding='utf-8', numbers=None, **told):
    """Fields as text, and of some columns also as numbers."""
    raw = data if isinstance(data, bytes) else data.encode(encoding)
    read = dict(encoding=encoding, keep_default_na=False, index_col=False, **told)
    text = pd.read_csv(io.BytesIO(raw), dtype=str, **{k: v for k, v in read.items() if k not in ('thousands', 'decimal')})
    entry = dict(name=name, file=base64.b64encode(raw).decode(), names=list(text.columns), rows=text.values.tolist())
    if numbers:
        values = pd.read_csv(io.BytesIO(raw), **read)
        entry['numbers'] = {column: [float(value) for value in values[column]] for column in numbers}
    cases.append(entry)


case('UTF-32', '\ufefftext;label\r\nçà et là;é\r\nzwei 😀;ß\r\n', 'utf-32', sep=';')
case('UTF-32 without a mark', 'text;label\r\nçà et là;é\r\nzwei 😀;ß\r\n', 'utf-32-le', sep=';')
case('a first line sep=;', 'sep=;\r\nname;price\r\n"a; b";1,5\r\nc;2,25\r\n', skiprows=1, sep=';', decimal=',', numbers=['price'])
case('a first line sep=|, in quotes', '"sep=|"\nname|price\na,b|1.5\nc|2.25\n', skiprows=1, sep='|', numbers=['price'])
case('lines within quotes', 'id,note\r\n1,"first line\r\nsecond, with a comma\r\n\r\nand ""quotes"""\r\n2,"one"\r\n3,plain\r\n')
case('delimiters at the ends of all rows', 'a,b,\n1,2,\n3,4,\n', usecols=['a', 'b'])
case('delimiters at the ends of rows, not of the header', 'a,b\n1,x,\n3,y,\n', names=['a', 'b'], skiprows=1)
case('many delimiters at the ends, as spreadsheets leave them', 'a;b;;;\n1;x;;;\n3;y;;;\n', sep=';', usecols=['a', 'b'])
case('lines above the header', 'Sales of 2024\n\nprinted on 31.01.2025\nproduct;pieces;price\npen;1.200;3,50\ncup;80;12,00\n', skiprows=2, sep=';', thousands='.', decimal=',', numbers=['price'], header=1)
case('lines above the header, padded', 'Sales of 2024,,\n,,\nproduct,pieces,price\npen,"1,200",3.50\ncup,80,"1,012.00"\n', skiprows=2, thousands=',', numbers=['pieces', 'price'])
case('a row of totals of another width', 'product;pieces;price\npen;12;3,50\ncup;80;12,00\nTotal;92\n', sep=';', decimal=',', numbers=['price'], skipfooter=1, engine='python')
case('a header shorter than the rows, as R writes it', '"x","y"\n"1",2.5,"a"\n"2",3.5,"b"\n', names=['column1', 'x', 'y'], skiprows=1)
case('Windows-1252', 'text;label\r\nGrüße für 5 €;„gut“\r\nnaïve Übung;schlecht\r\n', 'cp1252', sep=';')

# What Python's csv writes, in each of its dialects, of fields of any content.
draw = random.Random(7)
alphabet = ['a', 'b', ' ', '1', ',', ';', '\t', '|', '"', "'", '\n', 'ä', '']
written = []
for dialect, options in {
    'excel': {}, 'excel-tab': dict(dialect='excel-tab'), 'unix': dict(dialect='unix'), 'semicolons': dict(delimiter=';'),
}.items():
    for width in (2, 3, 5):
        rows = [[f'name{k}' for k in range(width)]] + [['x' + ''.join(draw.choice(alphabet) for _ in range(draw.randrange(9))) for _ in range(width)] for _ in range(12)]
        buffer = io.StringIO(newline='')
        csv.writer(buffer, **options).writerows(rows)
        written.append(dict(name=f'{dialect}, {width} columns', text=buffer.getvalue(), rows=rows))

json.dump(dict(pandas=pd.__version__, cases=cases, written=written), open('tables.json', 'w'), ensure_ascii=False, indent=1)
