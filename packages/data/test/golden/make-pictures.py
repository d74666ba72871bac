"""Makes pictures.json: picture files of many kinds, and what Pillow reads in them; and what Pillow makes of proportions.

Run: python3 make-pictures.py (numpy and Pillow 12 or newer needed; the tests only read the JSON).
"""
import base64
import io
import json
import random
import struct
import numpy as np
import PIL
from PIL import Image, ImageOps

rng = np.random.default_rng(3)
noise = lambda h, w: Image.fromarray(rng.integers(0, 256, (h, w, 3), dtype=np.uint8), 'RGB')
y, x = np.mgrid[0:16, 0:24]
soft = Image.fromarray(np.stack([x * 10, y * 15, 255 - x * 10], -1).astype(np.uint8), 'RGB')
b64 = lambda data: base64.b64encode(bytes(data)).decode()


def rgb_of(data):
    """Turned by its orientation, the first picture, on white."""
    read = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if read.mode != 'CMYK':
        read = Image.alpha_composite(Image.new('RGBA', read.size, 'white'), read.convert('RGBA'))
    return read.convert('RGB')


def entry(name, data, tolerance=0):
    rgb = rgb_of(data)
    return dict(name=name, tolerance=tolerance, file=b64(data), height=rgb.height, width=rgb.width, rgb=b64(np.asarray(rgb).transpose(2, 0, 1).tobytes()))


def saved(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


files = []
exif = lambda orientation: (lambda e: (e.__setitem__(274, orientation), e)[1])(Image.Exif())
for orientation in range(1, 9):
    files.append(entry(f'orientation {orientation}.jpg', saved(soft, 'JPEG', quality=95, subsampling=0, exif=exif(orientation)), 2))
files.append(entry('orientation 6.png', saved(soft, 'PNG', exif=exif(6))))
files.append(entry('orientation 8.webp', saved(soft, 'WebP', lossless=True, exif=exif(8))))
files += [
    entry('Adobe RGB without a transform.jpg', saved(soft, 'JPEG', quality=95, subsampling=0, keep_rgb=True), 2),
    entry('CMYK.jpg', saved(soft.convert('CMYK'), 'JPEG', quality=95), 3),
    entry('grey.jpg', saved(soft.convert('L'), 'JPEG', quality=95), 2),
    entry('4:2:0 progressive.jpg', saved(soft, 'JPEG', quality=95, progressive=True), 6),
    entry('lossless.webp', saved(soft, 'WebP', lossless=True)),
    entry('lossy.webp', saved(soft, 'WebP', quality=90), 2),
]
alpha = noise(5, 7)
alpha.putalpha(Image.fromarray(rng.integers(0, 256, (5, 7), dtype=np.uint8)))
files.append(entry('alpha.webp', saved(alpha, 'WebP', lossless=True, exact=True), 1))
palette = noise(6, 9).quantize(7)
files.append(entry('palette.gif', saved(palette, 'GIF')))
files.append(entry('transparent.gif', saved(palette, 'GIF', transparency=2)))
files.append(entry('animated.gif', saved(palette, 'GIF', save_all=True, append_images=[noise(6, 9).quantize(7), noise(6, 9).quantize(7)], duration=50, loop=0)))
files.append(entry('animated.webp', saved(noise(6, 9), 'WebP', save_all=True, append_images=[noise(6, 9)], lossless=True)))

# Windows bitmaps: headers of four ages, palettes, bit fields, run lengths, top-down rows.
r = random.Random(1)
W, H = 7, 5


def bitmap(bits, data, compression=0, palette=b'', masks=b'', header=40, colours=0, height=H):
    if header == 12:
        info = struct.pack('<IHHHH', 12, W, height, 1, bits)
    else:
        info = struct.pack('<IiiHHIIiiII', header, W, height, 1, bits, compression, len(data), 2835, 2835, colours, 0)
        info += masks if header == 40 else masks.ljust(header - 40, b'\0')
    start = 14 + len(info) + len(palette)
    return struct.pack('<2sIHHI', b'BM', start + len(data), 0, 0, start) + info + palette + data


def rows(bits, pixels):
    packed = b''
    for row in pixels:
        text = ''.join(format(value, f'0{bits}b') for value in row)
        text += '0' * (-len(text) % 32)
        packed += int(text, 2).to_bytes(len(text) // 8, 'big')
    return packed


for bits in (1, 4, 8):
    n = min(2 ** bits, 200)
    colours = [(r.randrange(256), r.randrange(256), r.randrange(256)) for _ in range(n)]
    px = [[r.randrange(n) for _ in range(W)] for _ in range(H)]
    quads = b''.join(bytes([b, g, red, 0]) for red, g, b in colours)
    triples = b''.join(bytes([b, g, red]) for red, g, b in colours + [(0, 0, 0)] * (2 ** bits - n))
    files.append(entry(f'palette of {bits} bits.bmp', bitmap(bits, rows(bits, px), palette=quads, colours=n)))
    files.append(entry(f'palette of {bits} bits, top down.bmp', bitmap(bits, rows(bits, px), palette=quads, colours=n, height=-H)))
    files.append(entry(f'palette of {bits} bits, oldest header.bmp', bitmap(bits, rows(bits, px), palette=triples, header=12)))
    if bits == 8:
        runs = b''.join(bytes([0, 3, row[0], row[1], row[2], 0, 2, row[3], 2, row[5]]) + b'\0\0' for row in px) + b'\0\1'
        files.append(entry('run lengths of 8 bits.bmp', bitmap(8, runs, 1, quads, colours=n)))
    if bits == 4:
        runs = b''.join(bytes([0, 3, row[0] << 4 | row[1], row[2] << 4, 4, row[3] << 4 | row[4]]) + b'\0\0' for row in px) + b'\0\1'
        files.append(entry('run lengths of 4 bits.bmp', bitmap(4, runs, 2, quads, colours=n)))
d16 = b''.join(b''.join(struct.pack('<H', r.randrange(65536)) for _ in range(W)) + b'\0\0' for _ in range(H))
d24 = b''.join(bytes(r.randrange(256) for _ in range(3 * W)) + b'\0' * (-3 * W % 4) for _ in range(H))
d32 = bytes(r.randrange(256) for _ in range(4 * W * H))
masks = lambda *values: struct.pack(f'<{len(values)}I', *values)
files += [
    entry('5-5-5.bmp', bitmap(16, d16), 1),
    entry('5-6-5.bmp', bitmap(16, d16, 3, masks=masks(0xf800, 0x7e0, 0x1f)), 1),
    entry('24 bits.bmp', bitmap(24, d24)),
    entry('24 bits, top down.bmp', bitmap(24, d24, height=-H)),
    entry('24 bits, newest header.bmp', bitmap(24, d24, header=124)),
    entry('32 bits.bmp', bitmap(32, d32)),
    entry('32 bits with fields.bmp', bitmap(32, d32, 3, masks=masks(0xff0000, 0xff00, 0xff))),
    entry('32 bits with alpha.bmp', bitmap(32, d32, 3, masks=masks(0xff0000, 0xff00, 0xff, 0xff000000), header=108), 1),
]

proportions = []
for h, w in [(20, 31), (31, 20), (9, 9), (40, 7)]:
    source = noise(h, w)
    for to in [(8, 8), (12, 6), (25, 30)]:
        size = (to[1], to[0])
        planes = lambda picture: b64(np.asarray(picture).transpose(2, 0, 1).tobytes())
        proportions.append(dict(height=h, width=w, to=to, source=planes(source), crop=planes(ImageOps.fit(source, size, Image.BILINEAR)),
                                pad=planes(ImageOps.pad(source, size, Image.BILINEAR)), stretch=planes(source.resize(size, Image.BILINEAR))))

with open('pictures.json', 'w') as file:
    json.dump(dict(made_by=f'numpy {np.__version__}, Pillow {PIL.__version__}', files=files, proportions=proportions), file)
    file.write('\n')
