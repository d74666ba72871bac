"""Makes images.json: what scipy, PyTorch and Pillow say about warping, smoothing, resizing, the beta distribution and image files.

Run: python3 make-images.py (numpy, scipy, torch and Pillow needed; the tests only read the JSON).
"""
import base64
import io
import json
import numpy as np
import scipy
import torch
from PIL import Image
from scipy import ndimage, stats

height, width = 9, 7
image = ((np.arange(2 * height * width) * 37 + 11) % 256).reshape(2, height, width).astype(np.uint8)


def warp(degrees, tx, ty, scale, shear, fill):
    # Forward map in (x, y): counter-clockwise on a screen whose y axis points down.
    a = np.deg2rad(-degrees)
    forward = scale * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) @ np.array([[1, np.tan(np.deg2rad(shear))], [0, 1]])
    inverse = np.linalg.inv(forward)
    ys, xs = np.mgrid[0:height, 0:width]
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    points = np.stack([xs.ravel(), ys.ravel()], 0) - centre[:, None] - np.array([[tx], [ty]])
    source = inverse @ points + centre[:, None]
    coordinates = np.stack([source[1], source[0]]).reshape(2, height, width)
    return [ndimage.map_coordinates(c.astype(float), coordinates, order=1, mode='grid-constant', cval=fill).ravel().tolist() for c in image]


cases = [(0, 0, 0, 1, 0, 0), (30, 0, 0, 1, 0, 0), (-75.5, 0, 0, 1, 0, 200), (0, 1.5, -2.25, 1, 0, 10), (12, -1, 0.5, 1.3, 20, 0), (180, 0, 0, 0.7, -35, 99)]
affine = [dict(degrees=d, translateX=x, translateY=y, scale=s, shear=h, fill=f, channels=warp(d, x, y, s, h, f)) for d, x, y, s, h, f in cases]

field = np.sin(np.arange(height * width) * 1.7).reshape(height, width).astype(np.float32)
smooth = [dict(sigma=s, values=ndimage.gaussian_filter(field, s, mode='constant', truncate=4.0).ravel().tolist()) for s in (0.6, 1.0, 4.0)]

resize = []
for h, w in [(3, 3), (4, 7), (18, 14), (5, 20), (1, 1)]:
    out = torch.nn.functional.interpolate(torch.tensor(image[None].astype(np.float32)), size=(h, w), mode='bilinear', antialias=True, align_corners=False)
    resize.append(dict(height=h, width=w, values=out[0].numpy().ravel().tolist()))

points = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
beta = [dict(alpha=a, points=points, cdf=[float(stats.beta.cdf(p, a, a)) for p in points]) for a in (0.1, 0.2, 1.0, 4.0)]

rng = np.random.default_rng(0)
colour = Image.fromarray(rng.integers(0, 256, (5, 11, 3), dtype=np.uint8), 'RGB')
grey = Image.fromarray(rng.integers(0, 256, (5, 11), dtype=np.uint8), 'L')
alpha = colour.copy()
alpha.putalpha(grey)
transparent = colour.quantize(5)


def entry(name, picture, kind='PNG', **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    read = Image.open(io.BytesIO(buffer.getvalue())).convert('RGBA')
    white = Image.new('RGBA', read.size, (255, 255, 255, 255))
    rgb = Image.alpha_composite(white, read).convert('RGB')
    return dict(name=name, base64=base64.b64encode(buffer.getvalue()).decode(), rgb=np.asarray(rgb).transpose(2, 0, 1).ravel().tolist(),
                grey=np.asarray(rgb.convert('L')).ravel().tolist())


files = [entry('colour', colour), entry('grey', grey), entry('black and white', grey.convert('1')), entry('colour and alpha', alpha), entry('grey and alpha', alpha.convert('LA')),
         entry('palette of 5', colour.quantize(5)), entry('palette of 2', colour.quantize(2)), entry('palette of 200', colour.quantize(200)),
         entry('palette with a transparent entry', transparent, transparency=2), entry('JPEG', colour.resize((40, 24)), 'JPEG', quality=95, subsampling=0),
         entry('grey JPEG', grey.resize((40, 24)), 'JPEG', quality=95), entry('progressive JPEG', colour.resize((40, 24)), 'JPEG', quality=95, progressive=True, subsampling=0)]

with open('images.json', 'w') as file:
    json.dump(dict(made_by=f'numpy {np.__version__}, scipy {scipy.__version__}, torch {torch.__version__}, Pillow {Image.__version__}', height=height, width=width,
                   image=image.ravel().tolist(), affine=affine, field=field.ravel().tolist(), smooth=smooth, resize=resize, beta=beta, files=files), file)
    file.write('\n')
