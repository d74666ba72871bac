"""Reads a safetensors file by the format's description alone, with nothing but Python: python3 read_safetensors.py FILE

Prints what it holds as JSON. The description: https://github.com/huggingface/safetensors#format
"""
import json
import struct
import sys

CODES = {'F64': 'd', 'F32': 'f', 'F16': 'e', 'I64': 'q', 'I32': 'i', 'I16': 'h', 'I8': 'b', 'U8': 'B', 'BOOL': '?'}

content = open(sys.argv[1], 'rb').read()
(length,) = struct.unpack('<Q', content[:8])
header = json.loads(content[8:8 + length])
data = content[8 + length:]
metadata = header.pop('__metadata__', {})
tensors = {}
for name, entry in header.items():
    begin, end = entry['data_offsets']
    code = CODES[entry['dtype']]
    count = (end - begin) // struct.calcsize(code)
    values = struct.unpack(f'<{count}{code}', data[begin:end])
    tensors[name] = {'stored': entry['dtype'], 'shape': entry['shape'], 'values': [float(v) for v in values]}
print(json.dumps({'tensors': tensors, 'metadata': metadata}))
