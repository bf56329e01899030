"""Prints the goldens of ofi-regression.recorded.test.ts: price changes on order flow over three recorded sessions.

Everything from the raw captures: its own book (two dicts, sorted anew for every event), the printed formula of OFI in
whole numbers, sums as fractions, the first principal component by power iteration in 60 digits.

Python's standard library only: `python3 make_ofi_regression.py DATA`, DATA being the folder that holds trades_books/.
"""
import gzip
import heapq
import json
import sys
from decimal import Decimal, getcontext
from fractions import Fraction
from math import sqrt

getcontext().prec = 60
LEVELS = 10
SESSIONS = {
    "spot ETHUSDT": ("0.00000001", ["binance_spot_ethusdt_20240808", "binance_spot_ethusdt_20240809"]),
    "USD-M ETHUSDT": ("0.001", ["binance_usdm_ethusdt_20240808"]),
    "COIN-M ETHUSD_PERP": ("1", ["binance_cm_ethusd_perp_20240808"]),
}


def messages(files):
    for name in files:
        for line in gzip.open(f"{sys.argv[1]}/trades_books/{name}.gz", "rt"):
            at = line.index(" ")
            message = json.loads(line[at + 1 :])
            yield int(line[:at]), message.get("data", message)


def whole(text, step):
    value = Decimal(text) / Decimal(step)
    assert value == int(value), (text, step)
    return int(value)


def quotes(files, lot):
    """(ns, [(bid, size)], [(ask, size)]) for every best quote."""
    for ns, m in messages(files):
        if isinstance(m.get("b"), str):
            b, a = (whole(m["b"], "0.01"), whole(m["B"], lot)), (whole(m["a"], "0.01"), whole(m["A"], lot))
            yield ns, [b], [a]


def books(files, lot):
    """The same for the best levels of the book after the snapshot and after every event from then on."""
    bids, asks, last, early = {}, {}, None, []

    def put(side, levels):
        for price, size in levels:
            price, size = whole(price, "0.01"), whole(size, lot)
            if size:
                side[price] = size
            else:
                side.pop(price, None)

    def apply(m):
        nonlocal last
        put(bids, m["b"])
        put(asks, m["a"])
        last = m["u"]

    for ns, m in messages(files):
        if "lastUpdateId" in m:
            last = m["lastUpdateId"]
            put(bids, m["bids"])
            put(asks, m["asks"])
            for old in early:
                if old["u"] > last:
                    apply(old)
        elif m.get("e") != "depthUpdate":
            continue
        elif last is None:
            early.append(m)
            continue
        elif m["u"] <= last:
            continue
        else:
            apply(m)
        top = [(p, bids[p]) for p in heapq.nlargest(LEVELS, bids)]
        yield ns, top, [(p, asks[p]) for p in heapq.nsmallest(LEVELS, asks)]


def contribution(p, c, pa, ca):
    return (
        (c[1] if c[0] >= p[0] else 0)
        - (p[1] if c[0] <= p[0] else 0)
        - (ca[1] if ca[0] <= pa[0] else 0)
        + (pa[1] if ca[0] >= pa[0] else 0)
    )


def buckets(stream, every_ns):
    """Whole buckets as (flow by level, change of the mid in ticks, depth sum, events), empty ones too."""
    flows, before, first, now = {}, None, None, None
    for ns, bids, asks in stream:
        now = ns // every_ns
        if before is None:
            first = now
        else:
            levels = len(bids)
            flow, change, depth, events = flows.get(now, ([0] * levels, Fraction(0), 0, 0))
            flow = [f + contribution(p, c, pa, ca) for f, p, c, pa, ca in zip(flow, before[0], bids, before[1], asks)]
            change += Fraction(bids[0][0] + asks[0][0] - before[0][0][0] - before[1][0][0], 2)
            flows[now] = flow, change, depth + sum(s for _, s in bids + asks), events + 1
        before = bids, asks
    levels = len(before[0])
    return [flows.get(k, ([0] * levels, Fraction(0), 0, 0)) for k in range(first + 1, now)]


def regression(x, y):
    x, y, n = [Fraction(v) for v in x], [Fraction(v) for v in y], len(x)
    mx, my = sum(x) / n, sum(y) / n
    sxx = sum((a - mx) ** 2 for a in x)
    slope = sum((a - mx) * (b - my) for a, b in zip(x, y)) / sxx
    intercept = my - slope * mx
    u = [b - intercept - slope * a for a, b in zip(x, y)]
    rss = sum(e * e for e in u)
    psi = [(a - mx) * e / sxx for a, e in zip(x, u)]
    lags = int(4 * (n / 100) ** (2 / 9))
    gamma = [sum(psi[i] * psi[i - l] for i in range(l, n)) for l in range(lags + 1)]
    hac = gamma[0] + 2 * sum((1 - Fraction(l, lags + 1)) * gamma[l] for l in range(1, lags + 1))
    return {
        "n": n,
        "slope": float(slope),
        "intercept": float(intercept),
        "r2": float(1 - rss / sum((b - my) ** 2 for b in y)),
        "slopeT": float(slope) / sqrt(rss / (n - 2) / sxx),
        "whiteT": float(slope) / sqrt(gamma[0]),
        "neweyWestT": float(slope) / sqrt(hac),
    }


def principal(rows):
    n, size = len(rows), len(rows[0])
    means = [sum(r[i] for r in rows) / n for i in range(size)]
    cov = [[float(sum((r[i] - means[i]) * (r[j] - means[j]) for r in rows) / n) for j in range(size)] for i in range(size)]
    cov, w = [[Decimal(v) for v in row] for row in cov], [Decimal(1)] * size
    for _ in range(3000):
        w = [sum(row[j] * w[j] for j in range(size)) for row in cov]
        length = sum(v * v for v in w).sqrt()
        w = [v / length for v in w]
    sign = 1 if sum(w) > 0 else -1
    top = sum(w[i] * cov[i][j] * w[j] for i in range(size) for j in range(size))
    return [float(sign * v) for v in w], float(top / sum(cov[i][i] for i in range(size)))


def main():
    for name, (lot, files) in SESSIONS.items():
        l1, depth = list(quotes(files, lot)), list(books(files, lot))
        for seconds in (1, 10):
            every = seconds * 10**9
            b = buckets(l1, every)
            print(json.dumps([name, seconds, "quotes", regression([f[0] for f, *_ in b], [c for _, c, *_ in b])]))
            b = [row for row in buckets(depth, every) if row[3] > 0]
            of = [[Fraction(2 * LEVELS * events * f, depth_sum) for f in flow] for flow, _, depth_sum, events in b]
            changes = [c for _, c, *_ in b]
            print(json.dumps([name, seconds, "best level", regression([row[0] for row in of], changes)]))
            w, explained = principal(of)
            norm = sum(Fraction(abs(v)) for v in w)
            flow = [sum(Fraction(v) * f for v, f in zip(w, row)) / norm for row in of]
            print(json.dumps([name, seconds, "integrated", regression(flow, changes) | {"explained": explained, "weights": w}]))
        fine = buckets(l1, 10**8)
        start = (l1[0][0] // 10**8 + 1) % 100
        windows = [fine[i : i + 100] for i in range(-start % 100, len(fine) - 99, 100)]
        r2 = sorted(regression([f[0] for f, *_ in w], [c for _, c, *_ in w])["r2"] for w in windows)
        middle = len(r2) // 2
        median = r2[middle] if len(r2) % 2 else (r2[middle - 1] + r2[middle]) / 2
        print(json.dumps([name, 0.1, "R2 of 10 s windows", {"n": len(r2), "least": r2[0], "median": median, "most": r2[-1]}]))


main()
