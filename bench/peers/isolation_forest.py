"""Fits scikit-learn's IsolationForest and scores rows; float32 row-major files in, float32 scores and a line of JSON out.

Usage: isolation_forest.py TRAIN TEST WIDTH SUBSAMPLE SEED OUT
"""
import json
import sys
import time

import numpy
import sklearn
from sklearn.ensemble import IsolationForest

train_file, test_file, width, subsample, seed, out = sys.argv[1:]
train = numpy.fromfile(train_file, numpy.float32).reshape(-1, int(width))
test = numpy.fromfile(test_file, numpy.float32).reshape(-1, int(width))
forest = IsolationForest(
    n_estimators=100, max_samples=min(int(subsample), len(train)), random_state=int(seed), n_jobs=1
)
begin = time.process_time()
forest.fit(train)
fitted = time.process_time()
scores = -forest.score_samples(test)
scored = time.process_time()
scores.astype(numpy.float32).tofile(out)
print(json.dumps({"fitS": fitted - begin, "scoreS": scored - fitted, "version": sklearn.__version__}))
