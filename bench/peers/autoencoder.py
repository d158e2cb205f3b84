"""Trains a dense network 200-256-32-256-200 to copy rows, with Adam, in numpy; a line of JSON out.

Usage: autoencoder.py STEPS BATCH
"""
import json
import sys
import time

import numpy

steps, batch = int(sys.argv[1]), int(sys.argv[2])
ends = [200, 256, 32, 256, 200]
draw = numpy.random.default_rng(1)
rows = draw.standard_normal((20000, 200), dtype=numpy.float32)
weights = [draw.standard_normal((a, b), dtype=numpy.float32) * numpy.float32((2 / a) ** 0.5) for a, b in zip(ends, ends[1:])]
biases = [numpy.zeros(b, numpy.float32) for b in ends[1:]]
parameters = weights + biases
means = [numpy.zeros_like(p) for p in parameters]
squares = [numpy.zeros_like(p) for p in parameters]


def step(t):
    x = rows[draw.integers(0, len(rows), batch)]
    entered, value = [], x
    for l, (w, b) in enumerate(zip(weights, biases)):
        entered.append(value)
        value = value @ w + b
        if l + 1 < len(weights):
            value = numpy.maximum(value, 0)
    slope = (value - x) / numpy.float32(batch)
    gradients = [None] * len(parameters)
    for l in range(len(weights) - 1, -1, -1):
        gradients[l] = entered[l].T @ slope
        gradients[len(weights) + l] = slope.sum(0)
        if l:
            slope = (slope @ weights[l].T) * (entered[l] > 0)
    rate = numpy.float32(1e-3 * (1 - 0.999**t) ** 0.5 / (1 - 0.9**t))
    for p, m, v, g in zip(parameters, means, squares, gradients):
        m *= numpy.float32(0.9)
        m += numpy.float32(0.1) * g
        v *= numpy.float32(0.999)
        v += numpy.float32(0.001) * g * g
        p -= rate * m / (numpy.sqrt(v) + numpy.float32(1e-8))


for t in range(1, 20):
    step(t)
begin = time.process_time()
for t in range(20, 20 + steps):
    step(t)
print(json.dumps({"cpuS": time.process_time() - begin, "version": numpy.__version__}))
