"""Prints the goldens of the tests of impact, spreads and resilience, each by its definition and the slow way.

Python's standard library only: `python3 make_impact.py DATA`, DATA being the folder that holds trades_books/ and ohlcv/.
Without DATA only the simulated market is printed.
"""
import bisect
import csv
import gzip
import json
import math
import statistics
import sys
from decimal import Decimal
from fractions import Fraction

K = 3 - 2 * math.sqrt(2)


def minstd(seed):
    """Park and Miller's generator; its states are the same in every language."""
    while True:
        seed = seed * 48271 % 2147483647
        yield seed


def simulate(days=200, prints=390, spread=40, seed=1):
    """A random walk of the mid with a bounce: bars (high, low, close) of days, and all prices of the last day."""
    random, mid, bars = minstd(seed), 100_000, []
    for _ in range(days):
        prices = []
        for _ in range(prints):
            mid += next(random) % 11 - 5
            prices.append(mid + (spread // 2 if next(random) % 2 else -spread // 2))
        bars.append((max(prices), min(prices), prices[-1]))
    return bars, prices


def roll(prices, centred=False):
    changes = [b - a for a, b in zip(prices, prices[1:])]
    later, earlier = changes[1:], changes[:-1]
    if centred:
        cov = statistics.covariance(later, earlier)
    else:
        cov = math.fsum(a * b for a, b in zip(later, earlier)) / len(later)
    return 2 * math.sqrt(max(0, -cov)), cov


def corwin_schultz(one, two, overnight=True):
    (h1, l1, c1), (h2, l2, _) = one, two
    if overnight and c1 > h2:
        h2, l2 = c1, l2 + (c1 - h2)
    elif overnight and c1 < l2:
        h2, l2 = h2 - (l2 - c1), c1
    beta = math.log(h1 / l1) ** 2 + math.log(h2 / l2) ** 2
    gamma = math.log(max(h1, h2) / min(l1, l2)) ** 2
    alpha = (math.sqrt(2 * beta) - math.sqrt(beta)) / K - math.sqrt(gamma / K)
    return 2 * (math.exp(alpha) - 1) / (1 + math.exp(alpha))


def abdi_ranaldo(one, two):
    eta = [(math.log(h) + math.log(l)) / 2 for h, l, _ in (one, two)]
    c = math.log(one[2])
    return 4 * (c - eta[0]) * (c - eta[1])


def estimates(bars):
    """Corwin-Schultz (zeroed, kept, dropped; without overnight) and Abdi-Ranaldo (two-day, monthly) over all pairs."""
    ranged = [bar for bar in bars if bar[0] > bar[1]]
    cs = [corwin_schultz(*pair) for pair in zip(ranged, ranged[1:])]
    day = [corwin_schultz(*pair, overnight=False) for pair in zip(ranged, ranged[1:])]
    ar = [abdi_ranaldo(*pair) for pair in zip(bars, bars[1:])]
    return {
        "cs zero": statistics.fmean(max(0, s) for s in cs),
        "cs keep": statistics.fmean(cs),
        "cs drop": statistics.fmean(s for s in cs if s >= 0),
        "cs negative": sum(s < 0 for s in cs),
        "cs zero, no overnight": statistics.fmean(max(0, s) for s in day),
        "ar two-day": statistics.fmean(math.sqrt(max(0, s)) for s in ar),
        "ar monthly": math.sqrt(max(0, statistics.fmean(ar))),
        "pairs": (len(cs), len(ar)),
    }


def ols(x, y):
    """Slope, intercept, R² and t of the slope, exact until the last division."""
    n, x, y = len(x), [Fraction(v) for v in x], [Fraction(v) for v in y]
    mx, my = sum(x) / n, sum(y) / n
    sxx = sum((a - mx) ** 2 for a in x)
    sxy = sum((a - mx) * (b - my) for a, b in zip(x, y))
    syy = sum((b - my) ** 2 for b in y)
    slope = sxy / sxx
    residual = syy - slope * sxy
    t = float(slope) / math.sqrt(residual / (n - 2) / sxx) if residual else None
    return float(slope), float(my - slope * mx), float(sxy * sxy / sxx / syy), t


def flow_intervals(tape, every):
    """(signed lots, change of the last price) of the intervals with prints, from the second one on."""
    rows = {}
    for ms, ticks, lots, side in tape:
        row = rows.setdefault(ms // every, [0, 0])
        row[0] += side * lots
        row[1] = ticks
    closes = [row[1] for row in rows.values()]
    return [(row[0], b - a) for row, a, b in zip(list(rows.values())[1:], closes, closes[1:])]


def session(files, lot, time):
    """Prints (ms, ticks, lots, side) and quotes (ms, bid, ask) by the clock of `time`, in order of arrival."""
    prints, quotes = [], []
    for name in files:
        for line in gzip.open(f"{sys.argv[1]}/trades_books/{name}.gz", "rt"):
            arrival, _, text = line.partition(" ")
            if '"e":"trade"' not in text and "@bookTicker" not in text:
                continue
            message = json.loads(text)["data"]
            ms = int(arrival) // 1_000_000 if time == "arrival" else message["T"]
            if message.get("e") == "trade":
                if message.get("X", "MARKET") != "MARKET":
                    continue
                ticks, lots = Decimal(message["p"]) * 100, Decimal(message["q"]) / Decimal(lot)
                assert ticks == int(ticks) and lots == int(lots)
                prints.append((ms, int(ticks), int(lots), -1 if message["m"] else 1))
            else:
                quotes.append((ms, int(Decimal(message["b"]) * 100), int(Decimal(message["a"]) * 100)))
    return sorted(prints, key=lambda p: p[0]), sorted(quotes, key=lambda q: q[0])


def quote_at(quotes, times, ms):
    i = bisect.bisect_right(times, ms)
    return quotes[i - 1] if i else None


def spreads(prints, quotes, lag, horizon):
    times, end = [q[0] for q in quotes], max(prints[-1][0], quotes[-1][0])
    sums = {name: [0] * 6 for name in ("quoted", "effective", "realised", "impact")}

    def add(name, spread, lots, mid):
        for i, value in enumerate((1, lots, spread, spread * lots, mid, mid * lots)):
            sums[name][i] += value

    for ms, ticks, lots, side in prints:
        quote = quote_at(quotes, times, ms - lag)
        if not quote:
            continue
        mid = quote[1] + quote[2]
        add("quoted", quote[2] - quote[1], lots, mid)
        add("effective", side * (2 * ticks - mid), lots, mid)
        if ms + horizon > end:
            continue
        later = sum(quote_at(quotes, times, ms + horizon)[1:])
        add("realised", side * (2 * ticks - later), lots, mid)
        add("impact", side * (later - mid), lots, mid)
    return sums


def markouts(prints, quotes, lag, horizon):
    times, end, sums = [q[0] for q in quotes], max(prints[-1][0], quotes[-1][0]), {1: [0] * 4, -1: [0] * 4}
    for ms, ticks, lots, side in prints:
        quote = quote_at(quotes, times, ms - lag)
        if quote and ms + horizon <= end:
            move = side * (sum(quote_at(quotes, times, ms + horizon)[1:]) - quote[1] - quote[2])
            for i, value in enumerate((1, lots, move, move * lots)):
                sums[side][i] += value
    return sums


def idx_daily(symbol):
    """Bars of days with volume, and Amihud's mean |r| ÷ value from the close before."""
    rows = list(csv.DictReader(gzip.open(f"{sys.argv[1]}/ohlcv/idx_daily/{symbol}.csv.gz", "rt")))
    bars, ratios, close = [], [], None
    for row in rows:
        high, low, last, volume, value = (float(row[k]) for k in ("high", "low", "close", "volume", "value"))
        if volume > 0 and low > 0:
            bars.append((high, low, last))
        if close and value > 0:
            ratios.append(abs(last / close - 1) / value)
        close = last
    offers = [(float(r["offer"]), float(r["bid"])) for r in rows if float(r["offer"]) > 0 and float(r["bid"]) > 0]
    quoted = statistics.fmean(2e4 * (a - b) / (a + b) for a, b in offers if a > b)
    return bars, statistics.fmean(ratios), len(ratios), quoted


def resilience(events, quotes_before=100, spread_times=3, trade_times=10, orders_before=100, recovery=Fraction(9, 10), timeout=5000):
    """(trigger, start, outcome, time, spreads before, at and after) of shocks; events are (ms, 'q', bid, bid lots, ask,
    ask lots) and (ms, 't', side, lots) in order of time."""
    found, usual, orders, last, shock, order = [], [], [], None, None, None
    for event in events:
        ms = event[0]
        if shock and ms - shock["start"] > timeout:
            found.append((shock["trigger"], shock["start"], "timed-out", None, *shock["levels"]))
            shock, usual = None, []
        if event[1] == "t":
            _, _, side, lots = event
            if order and order[:2] == [ms, side]:
                order[2] += lots
            else:
                orders += [order[2]] if order else []
                order = [ms, side, lots, False]
            mean = Fraction(sum(orders[-orders_before:]), orders_before) if len(orders) >= orders_before else None
            if mean and not order[3] and order[2] >= trade_times * mean:
                order[3] = True
                if not shock and last and len(usual) >= quotes_before:
                    shock = {"trigger": "trade", "start": ms, "seen": [last]}
        else:
            last = (event[4] - event[2], event[3] + event[5])
            if shock:
                shock["seen"].append(last)
            elif len(usual) >= quotes_before and last[0] >= spread_times * Fraction(
                sum(s for s, _ in usual[-quotes_before:]), quotes_before
            ):
                shock = {"trigger": "spread", "start": ms, "seen": [last]}
                shock["levels"] = (0, 0, 0)
                continue
            else:
                usual.append(last)
        if shock:
            spread, depth = (Fraction(sum(each), quotes_before) for each in zip(*usual[-quotes_before:]))
            widest, thinnest = max(s for s, _ in shock["seen"]), min(d for _, d in shock["seen"])
            shock["levels"] = (spread, widest, last[0])
            narrow = last[0] <= spread + (1 - recovery) * max(0, widest - spread)
            deep = last[1] >= depth - (1 - recovery) * max(0, depth - thinnest)
            if event[1] == "q" and narrow and deep:
                found.append((shock["trigger"], shock["start"], "recovered", ms - shock["start"], *shock["levels"]))
                shock = None
    return found, shock


def full_session(files, lot):
    """Quotes with sizes and prints by the clock of the venue, at one time the quote first."""
    events = []
    for name in files:
        for line in gzip.open(f"{sys.argv[1]}/trades_books/{name}.gz", "rt"):
            if '"e":"trade"' not in line and "@bookTicker" not in line:
                continue
            m = json.loads(line[line.index(" ") + 1 :])["data"]
            if m.get("e") == "trade":
                if m.get("X", "MARKET") == "MARKET":
                    events.append((m["T"], "t", -1 if m["m"] else 1, int(Decimal(m["q"]) / Decimal(lot))))
            else:
                lots = [int(Decimal(m[k]) / Decimal(lot)) for k in "BA"]
                events.append((m["T"], "q", int(Decimal(m["b"]) * 100), lots[0], int(Decimal(m["a"]) * 100), lots[1]))
    return sorted(events, key=lambda e: (e[0], e[1]))


bars, prices = simulate()
print("simulated", bars[0], bars[-1], prices[:3], {name: round(v, 17) for name, v in estimates(bars).items() if name != "pairs"})
print("  roll of the last day", roll(prices), roll(prices, centred=True), roll([math.log(p) for p in prices]))
random = minstd(7)
x = [next(random) % 2001 - 1000 for _ in range(500)]
y = [a // 100 + next(random) % 21 - 10 for a in x]
print("kyle", x[:3], y[:3], ols(x, y), "last 60", ols(x[-60:], y[-60:]))

if len(sys.argv) > 1:
    for name, files, lot, time in (
        ("usdm by the clock of the venue", ["binance_usdm_ethusdt_20240808"], "0.001", "venue"),
        ("spot by arrival", ["binance_spot_ethusdt_20240808", "binance_spot_ethusdt_20240809"], "0.0001", "arrival"),
    ):
        tape, quotes = session(files, lot, time)
        for lag in (0, 1, 20):
            sums = spreads(tape, quotes, lag, 5000)
            bps = {k: round(2e4 * v[2] / v[4], 5) for k, v in sums.items()}
            print(name, "lag", lag, bps, sums)
        print("  markouts", {h: markouts(tape, quotes, 1, h) for h in (100, 1000, 5000)})
        points = flow_intervals(tape, 1000)
        print("  kyle", len(points), ols(*zip(*points)))
        print("  roll of prints", roll([p[1] for p in tape]), "of changes", roll([p[1] for i, p in enumerate(tape) if not i or p[1] != tape[i - 1][1]]))
        every = 10_000
        windows = {}
        for p in tape:
            windows.setdefault(p[0] // every, []).append(p[1])
        print("  bars of 10 s", estimates([(max(w), min(w), w[-1]) for w in windows.values()]))
    for symbol in ("BBCA", "BBRI", "TLKM", "WSKT", "BUMI"):
        bars, illiquidity, days, quoted = idx_daily(symbol)
        print(symbol, "amihud", illiquidity, days, "quoted bps at the close", round(quoted, 3), estimates(bars))
    shocks, still = resilience(full_session(["binance_usdm_ethusdt_20240808"], "0.001"))
    for trigger in ("trade", "spread"):
        own = [s for s in shocks if s[0] == trigger]
        took = [s[3] for s in own if s[2] == "recovered"]
        print("resilience", trigger, len(own), "recovered", len(took), "median ms", statistics.median(took), "mean", statistics.fmean(took))
        print("  ", own[0], own[-1])
    print("  open at the end", still and still["start"])
    tape, _ = session(["binance_usdm_ethusdt_20240808"], "0.001", "venue")
    points, judged = flow_intervals(tape, 1000), []
    for i, (x, y) in enumerate(points):
        past = points[max(0, i - 60) : i]
        if len(past) >= 20:
            slope, _, _, t = ols(*zip(*past))
            if slope > 0 and t >= 2:
                judged.append((i, slope * x, slope * x / max(abs(y), 1), x - y / slope))
    print("impact-normalised flow", len(points), "judged", len(judged), judged[0], "with flow", sum(j[1] != 0 for j in judged))
    print("  most absorbed", max(judged, key=lambda j: abs(j[2])))
