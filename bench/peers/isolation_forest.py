"""Fits scikit-learn's IsolationForest and scores rows; float32 row-major files in, float32 scores and a line of JSON out.

Several seeds give several forests: their scores one after the other, and the time of all.

Usage: isolation_forest.py TRAIN TEST WIDTH SUBSAMPLE SEED[,SEED…] OUT
"""
import json
import sys
import time

import numpy
import sklearn
from sklearn.ensemble import IsolationForest

train_file, test_file, width, subsample, seeds, out = sys.argv[1:]
train = numpy.fromfile(train_file, numpy.float32).reshape(-1, int(width))
test = numpy.fromfile(test_file, numpy.float32).reshape(-1, int(width))
fit_s = score_s = 0
scores = []
for seed in seeds.split(","):
    forest = IsolationForest(
        n_estimators=100, max_samples=min(int(subsample), len(train)), random_state=int(seed), n_jobs=1
    )
    begin = time.process_time()
    forest.fit(train)
    fitted = time.process_time()
    scores.append(-forest.score_samples(test))
    fit_s += fitted - begin
    score_s += time.process_time() - fitted
numpy.concatenate(scores).astype(numpy.float32).tofile(out)
print(json.dumps({"fitS": fit_s, "scoreS": score_s, "version": sklearn.__version__}))
