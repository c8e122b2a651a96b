"""A convolution layer in bfloat16, gathered directly and through a matrix in DRAM."""

import numpy as np

import tilewright as tw

rng = np.random.default_rng(0)
images = rng.standard_normal((1, 28, 28, 16), dtype=np.float32)
filters = rng.standard_normal((3, 3, 16, 32), dtype=np.float32)

results = []
for method in ("direct", "im2col"):
    with tw.open("kpu") as device:
        output = device.conv2d(
            images, filters, padding=1, method=method, dtype="bfloat16", activation="silu"
        )
        results.append(output.numpy())
        report = device.last_matmul
        assert report is not None
        print(f"{method}: {report}")
        print(f"    energy {report.energy_pj / 1e6:.1f} microjoules, plan:")
        print("    " + repr(report.plan).replace("\n", "\n    "))
if not np.array_equal(results[0], results[1]):
    raise SystemExit("the two ways differ")
print("both ways give the same bits")
