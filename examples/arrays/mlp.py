"""A multilayer perceptron on MNIST-sized random data: three products with bias and ReLU fused.

Weights are put on the device once, in one DRAM bank, where their rows follow each other;
activations stay on the device between the layers.
"""

from itertools import pairwise

import numpy as np

import tilewright as tw

SIZES = (784, 256, 128, 10)
BATCH = 64

rng = np.random.default_rng(0)
images = rng.random((BATCH, SIZES[0]), dtype=np.float32)
weights = [
    rng.standard_normal((n, m), dtype=np.float32) / np.float32(n**0.5) for n, m in pairwise(SIZES)
]
biases = [rng.standard_normal(m, dtype=np.float32) for m in SIZES[1:]]

with tw.open("kpu") as device:
    layers = [
        (device.put(w, tw.Placement.bank(1)), device.put(b))
        for w, b in zip(weights, biases, strict=True)
    ]
    x = device.put(images, tw.Placement.bank(0))
    for number, (w, b) in enumerate(layers):
        last = number + 1 == len(layers)
        x = device.matmul(x, w, bias=b, activation=None if last else "relu")
        report = device.last_matmul
        assert report is not None
        print(f"layer {number}: {report}")
    result = x.numpy()
    print(f"{device.cycle} cycles for {BATCH} images")

expected = images
for number, (matrix, bias) in enumerate(zip(weights, biases, strict=True)):
    expected = expected @ matrix + bias
    if number + 1 < len(weights):
        expected = np.maximum(expected, 0)
if not np.allclose(result, expected, rtol=1e-4, atol=1e-4):
    raise SystemExit("the result differs from NumPy's")
print("equal to NumPy within rounding")
