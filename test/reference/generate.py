"""Reference values for the tests of math/: run with SciPy and mpmath, writes JSON beside itself."""
import json, math, platform
from pathlib import Path
import mpmath as mp
import numpy as np
import scipy
from scipy import stats

mp.mp.dps = 40
HERE = Path(__file__).parent
MADE_BY = {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__, "mpmath": mp.__version__}


def write(name, **content):
    text = json.dumps({"generator": "test/reference/generate.py", "madeBy": MADE_BY, **content}, indent=1)
    (HERE / f"{name}.json").write_text(text + "\n")


def distributions():
    xs = [-37, -20, -8, -5, -3, -2, -1.9, -1, -0.1, 0, 1e-8, 0.5, 1.2, 1.999, 2, 2.001, 2.5, 4, 6, 10, 25, 37]
    ps = [1e-300, 1e-100, 1e-16, 1e-5, 0.001, 0.02425, 0.1, 0.3, 0.49, 0.51, 0.7, 0.9, 0.999]
    write(
        "distributions",
        normalSf=[[x, float(mp.erfc(mp.mpf(x) / mp.sqrt(2)) / 2)] for x in xs],
        normalQuantile=[[p, float(mp.findroot(lambda z: mp.log(mp.erfc(-z / mp.sqrt(2)) / 2) - mp.log(mp.mpf(p)), stats.norm.ppf(p)))] for p in ps],
        logGamma=[[x, float(mp.loggamma(mp.mpf(x)))] for x in [1e-3, 0.1, 0.5, 1, 1.5, 2, 3, 9.99, 10, 25.5, 171, 1e3, 1e6]],
        chiSquareSf=[[x, k, float(mp.gammainc(mp.mpf(k) / 2, mp.mpf(x) / 2, mp.inf, regularized=True))]
                     for k in [1, 2, 3, 10, 100, 999] for x in [1e-6, 0.1, 1, 3, 10, 40, 100, 1000]],
        studentSf=[[t, k, float(mp.betainc(mp.mpf(k) / 2, 0.5, 0, mp.mpf(k) / (k + mp.mpf(t) ** 2), regularized=True) / 2)]
                   for k in [1, 2, 3, 7, 40, 200] for t in [0.01, 0.5, 1, 2.5, 6, 30, 1000]],
        studentQuantile=[[p, k, float(stats.t.ppf(p, k))] for k in [1, 2, 3, 4, 10, 43] for p in [0.01, 0.3, 0.6, 0.9, 0.995, 0.9999]],
        c4=[[n, float(mp.sqrt(mp.mpf(2) / (n - 1)) * mp.gamma(mp.mpf(n) / 2) / mp.gamma(mp.mpf(n - 1) / 2))] for n in [2, 3, 4, 5, 10, 25, 100]],
        gaussLegendre5=[[float(v) for v in part] for part in np.polynomial.legendre.leggauss(5)],
        exp=[[x, float(mp.exp(mp.mpf(x)))] for x in [-745, -700.5, -20.3, -1, -1e-9, 0, 1e-3, 0.3465, 0.35, 1, 3.7, 100.1, 709.7]],
        ln=[[x, float(mp.log(mp.mpf(x)))] for x in [5e-324, 1e-310, 1e-300, 1e-6, 0.5, 0.7071, 0.9999999, 1.0000001, 1.4142, 2, 10, 12345.678, 1e300]],
    )


def kolmogorov():
    sizes = [(1, 1), (1, 7), (5, 5), (8, 13), (10, 20), (30, 30), (100, 150), (997, 1000), (2000, 3000), (10000, 10000), (10000, 9999)]
    exact = []
    for n, m in sizes:
        for level in [0.4, 0.8, 1.2, 1.6, 3.0]:
            d = level * math.sqrt((n + m) / (n * m))
            unit = n // math.gcd(n, m) * m
            d = round(d * unit) / unit
            if 0 < d <= 1:
                p = exact_p(d, n, m)
                if p is None:
                    print("SciPy has no exact value for", d, n, m)
                else:
                    exact.append([d, n, m, p])
    one_sample = [[d, n, float(stats.kstwo.sf(d, n))] for n in [1, 2, 5, 20, 100, 140, 141, 500, 5000, 60000]
                  for z in [0.3, 0.5, 0.8, 1.1, 1.4, 1.7, 2.3, 3.5] for d in [z / math.sqrt(n)] if d < 1]
    write("kolmogorov", limitSf=[[x, float(stats.kstwobign.sf(x))] for x in [0.3, 0.5, 0.8, 1.0, 1.17, 1.19, 1.36, 1.63, 2, 3, 5]],
          exact=exact, oneSample=one_sample)


def exact_p(d, n, m):
    """ks_2samp on two samples made to have exactly this distance (SciPy takes samples, not distances)."""
    from scipy.stats import _stats_py
    ok, _, prob = _stats_py._attempt_exact_2kssamp(n, m, math.gcd(n, m), d, "two-sided")
    if not ok:  # SciPy refuses when its path counts overflow; it then falls back to the asymptotic value
        return None
    return float(prob)


def samples():
    rng = np.random.default_rng(20240511)
    cases = []
    for n, m in [(5, 7), (40, 25), (300, 300)]:
        a, b = np.round(rng.normal(size=n), 1), np.round(rng.normal(0.4, 1.3, size=m), 1)
        ks = stats.ks_2samp(a, b, method="exact")
        cases.append({
            "a": a.tolist(), "b": b.tolist(), "ks": float(ks.statistic), "ksExactP": float(ks.pvalue),
            "ksAsymptoticP": float(stats.ks_2samp(a, b, method="asymp").pvalue), "wasserstein": float(stats.wasserstein_distance(a, b)),
            "quantiles": [[p, float(np.quantile(a, p))] for p in [0, 0.1, 0.37, 0.5, 0.9, 1]],
            "mad": float(stats.median_abs_deviation(a)), "winsorisedMean10": float(np.mean(stats.mstats.winsorize(a, limits=0.1))),
            "ranks": stats.rankdata(a).tolist(), "spearman": float(stats.spearmanr(a[: min(n, m)], b[: min(n, m)]).statistic),
        })
    counts_a, counts_b = [50, 30, 15, 5], [30, 30, 30, 10]
    p, q = np.array(counts_a) / 100, np.array(counts_b) / 100
    mid = (p + q) / 2
    chi = stats.chi2_contingency([counts_a, counts_b])
    write("samples", cases=cases, categorical={
        "reference": counts_a, "batch": counts_b, "jensenShannonBits": float((stats.entropy(p, mid, 2) + stats.entropy(q, mid, 2)) / 2),
        "psi": float(np.sum((q - p) * np.log(q / p))), "chiSquare": float(chi.statistic), "chiSquareP": float(chi.pvalue)})


distributions()
kolmogorov()
samples()
