# The median filter and the peak signal-to-noise ratio by numpy: python median-filter.py > median-filter.json
import json
import numpy as np

generator = np.random.default_rng(5)
image = generator.random((2, 1, 5, 6)).astype(np.float32)
other = np.clip(image + 0.2 * generator.standard_normal(image.shape), 0, 1).astype(np.float32)
padded = np.pad(image, ((0, 0), (0, 0), (1, 1), (1, 1)), mode='reflect')
windows = np.stack([padded[:, :, i:i + 5, j:j + 6] for i in range(3) for j in range(3)])
mse = ((image.astype(np.float64) - other) ** 2).mean(axis=(1, 2, 3))
print(json.dumps({
    'shape': list(image.shape), 'image': image.ravel().tolist(), 'other': other.ravel().tolist(),
    'median': np.median(windows, axis=0).ravel().tolist(), 'psnr': (10 * np.log10(1 / mse)).tolist(),
}))
