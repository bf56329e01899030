"""Writes ../src/indicators.bars.golden.json: indicators over bars, from their definitions, in exact fractions.

Run: python3 make_bar_goldens.py
Every input is a double (ticks / unit); all arithmetic is exact on those doubles, save the ADX, whose averages of ratios
are taken with 60 digits. Every window is summed afresh. Nothing here is shared with the TypeScript that is tested.
"""

import json
import pathlib
from decimal import Decimal, getcontext
from fractions import Fraction
from math import isqrt

from make_goldens import Lcg, ema, mean, rsi

getcontext().prec = 60
HOUR = 3_600_000


def bars_of(seed, n, start, reach, still=(), silent=(), gaps=None):
    """A walk in whole ticks: [high, low, close, volume]; `still` bars have no range, `silent` ones no volume."""
    rng, at, out = Lcg(seed), start, []
    for i in range(n):
        if i in still:
            out.append([at, at, at, 0 if i in silent else 1 + rng.below(900)])
            continue
        at = max(1, at + (gaps or {}).get(i, 0))
        first, last = at, max(1, at + rng.below(2 * reach + 1) - reach)
        high = max(first, last) + rng.below(reach + 1)
        low = max(1, min(first, last) - rng.below(reach + 1))
        out.append([high, low, last, 0 if i in silent else rng.below(1000)])
        at = last
    return out


SERIES = {
    'walk': (100, bars_of(7, 110, 250_000, 400)),
    'decimal-ticks': (10, bars_of(11, 100, 3_000, 3)),
    'flat': (10, [[1011, 1011, 1011, 5]] * 60),
    'flat-without-volume': (10, [[1011, 1011, 1011, 0]] * 40),
    'gaps-and-standstills': (4, bars_of(23, 105, 5_000, 20, still=range(40, 75), silent=range(50, 70), gaps={30: 1900, 80: -2500})),
    'thin': (1, bars_of(29, 90, 60, 1, still=range(20, 24), silent=[*range(3, 90, 2), *range(40, 50)])),
    'rising': (100, [[1000 + 7 * i * i, 990 + 7 * i * i, 1000 + 7 * i * i, 10 + i] for i in range(60)]),
    'falling': (100, [[90_010 - 20 * i * i, 90_000 - 20 * i * i, 90_000 - 20 * i * i, 10] for i in range(60)]),
    'large-prices': (1, bars_of(31, 90, 10**12, 400)),
    'tiny-prices': (10**12, bars_of(43, 90, 4_000, 120)),
    'short-27': (100, bars_of(61, 27, 9_000, 50)),
    'short-14': (100, bars_of(67, 14, 9_000, 50)),
    'short-2': (100, bars_of(71, 2, 9_000, 50)),
    'one': (1, [[43, 41, 42, 3]]),
    'none': (1, []),
}

PARAMETERS = [
    {
        'sma': [20], 'ema': [20], 'wma': [20], 'hma': [9], 'vwma': [20], 'priceMomentum': [10], 'atr': [14], 'adx': [14],
        'stochastic': [14, 3, 3], 'stochRsi': [14, 14, 3, 3], 'cci': [20], 'williamsR': [14], 'mfi': [14],
        'ultimate': [7, 14, 28], 'awesome': [5, 34], 'elderRay': [13], 'donchian': [20], 'ichimoku': [9, 26, 52, 26],
        'cmf': [20], 'rvol': [20], 'obv': [], 'adl': [], 'vwap': [24 * HOUR, 0], 'supertrend': [10, 3],
        'fibonacci': [5], 'supportResistance': [5, 250, 3, 0.02],
    },
    {
        'sma': [3], 'ema': [6], 'wma': [5], 'hma': [16], 'vwma': [3], 'priceMomentum': [1], 'atr': [3], 'adx': [5],
        'stochastic': [5, 1, 2], 'stochRsi': [5, 6, 2, 2], 'cci': [7], 'williamsR': [3], 'mfi': [4],
        'ultimate': [2, 3, 9], 'awesome': [2, 7], 'elderRay': [4], 'donchian': [5], 'ichimoku': [2, 9, 30, 5],
        'cmf': [4], 'rvol': [5], 'obv': [], 'adl': [], 'vwap': [8 * HOUR, 7 * HOUR], 'supertrend': [4, 1.5],
        'fibonacci': [2], 'supportResistance': [1, 20, 3, 0],
    },
]


def windows(n, length):
    return [(i, range(i - n + 1, i + 1)) if i >= n - 1 else (i, None) for i in range(length)]


def rolling(values, n, f):
    """f over the last n values where all are known, else None."""
    out = []
    for _, w in windows(n, len(values)):
        part = None if w is None else [values[j] for j in w]
        out.append(None if part is None or any(v is None for v in part) else f(part))
    return out


def both(f, *lines):
    return [None if any(v is None for v in vs) else f(*vs) for vs in zip(*lines)]


def weighted(part):
    return sum((i + 1) * v for i, v in enumerate(part)) / Fraction(len(part) * (len(part) + 1), 2)


def wilder(values, n):
    """The mean of the first n known values, then 1/n of each next."""
    out, seen, average = [], [], None
    for v in values:
        if v is not None:
            seen.append(v)
            if len(seen) == n:
                average = sum(seen) / n
            elif len(seen) > n:
                average = (average * (n - 1) + v) / n
        out.append(average)
    return out


def within(value, low, high, flat):
    return flat if high == low else 100 * (value - low) / (high - low)


class Bars:
    def __init__(self, unit, rows):
        self.h, self.l, self.c = ([Fraction(row[k] / unit) for row in rows] for k in range(3))
        self.v = [Fraction(row[3]) for row in rows]
        self.t = [i * 3 * HOUR for i in range(len(rows))]
        self.n = len(rows)
        self.tp = [(h + l + c) / 3 for h, l, c in zip(self.h, self.l, self.c)]
        self.tr = [
            self.h[i] - self.l[i] if i == 0 else max(self.h[i], self.c[i - 1]) - min(self.l[i], self.c[i - 1])
            for i in range(self.n)
        ]
        self.mfm = [
            Fraction(0) if h == l else ((c - l) - (h - c)) / (h - l) for h, l, c in zip(self.h, self.l, self.c)
        ]


def hma(b, n):
    raw = both(lambda f, s: 2 * f - s, rolling(b.c, n // 2, weighted), rolling(b.c, n, weighted))
    return rolling(raw, isqrt(n), weighted)


def ratio_of_sums(top, bottom, n):
    return both(lambda p, q: None if q == 0 else p / q, rolling(top, n, sum), rolling(bottom, n, sum))


def adx(b, n):
    up, down, tr = [None], [None], [None]
    for i in range(1, b.n):
        rise, fall = b.h[i] - b.h[i - 1], b.l[i - 1] - b.l[i]
        up.append(rise if rise > fall and rise > 0 else Fraction(0))
        down.append(fall if fall > rise and fall > 0 else Fraction(0))
        tr.append(b.tr[i])
    plus, minus, index, last, at = [], [], [], Decimal(0), (Fraction(0), Fraction(0))
    for p, m, r in zip(wilder(up[: b.n], n), wilder(down[: b.n], n), wilder(tr[: b.n], n)):
        if p is None:
            plus.append(None), minus.append(None), index.append(None)
            continue
        if p + m > 0:
            last, at = decimal(100 * abs(p - m) / (p + m)), (100 * p / r, 100 * m / r)
        elif r > 0:
            at = (Fraction(0), Fraction(0))
        plus.append(at[0]), minus.append(at[1]), index.append(last)
    return {'plusDi': plus, 'minusDi': minus, 'adx': wilder(index, n)}


def stochastic(c, h, l, n, smooth, d):
    raw = both(lambda v, lo, hi: within(v, lo, hi, Fraction(50)), c, rolling(l, n, min), rolling(h, n, max))
    k = rolling(raw, smooth, mean)
    return {'k': k, 'd': rolling(k, d, mean)}


def cci(b, n):
    def at(part):
        middle = mean(part)
        deviation = sum(abs(v - middle) for v in part) / n
        return Fraction(0) if deviation == 0 else (part[-1] - middle) / (Fraction(15, 1000) * deviation)

    return rolling(b.tp, n, at)


def mfi(b, n):
    up, down = [None], [None]
    for i in range(1, b.n):
        change = b.tp[i] - b.tp[i - 1]
        if abs(change) <= abs(b.tp[i]) * Fraction(1, 10**14):
            change = 0
        up.append(b.tp[i] * b.v[i] if change > 0 else Fraction(0))
        down.append(b.tp[i] * b.v[i] if change < 0 else Fraction(0))
    rises, falls = rolling(up[: b.n], n, sum), rolling(down[: b.n], n, sum)
    return both(lambda p, q: Fraction(50) if p + q == 0 else 100 * p / (p + q), rises, falls)


def ultimate(b, *periods):
    pressure = [None] + [b.c[i] - min(b.l[i], b.c[i - 1]) for i in range(1, b.n)]
    ranges = [None] + b.tr[1:]
    parts = [
        both(lambda p, r: Fraction(1, 2) if r == 0 else p / r, rolling(pressure[: b.n], n, sum), rolling(ranges[: b.n], n, sum))
        for n in periods
    ]
    return both(lambda a, m, z: 100 * (4 * a + 2 * m + z) / 7, *parts)


def awesome(b, fast, slow):
    middle = [(h + l) / 2 for h, l in zip(b.h, b.l)]
    return both(lambda f, s: f - s, rolling(middle, fast, mean), rolling(middle, slow, mean))


def channel(b, n):
    return rolling(b.h, n, max), rolling(b.l, n, min)


def middle_of(b, n):
    return both(lambda h, l: (h + l) / 2, *channel(b, n))


def shifted(line, by):
    return ([None] * by + line)[: len(line)]


def ichimoku(b, short, base, span, by):
    conversion, kijun, leading_b = middle_of(b, short), middle_of(b, base), middle_of(b, span)
    leading_a = both(lambda p, q: (p + q) / 2, conversion, kijun)
    return {
        'conversion': conversion, 'base': kijun, 'leadingA': leading_a, 'leadingB': leading_b,
        'spanA': shifted(leading_a, by), 'spanB': shifted(leading_b, by),
    }


def rvol(b, n):
    before = shifted(rolling(b.v, n, mean), 1)
    return both(lambda v, m: None if m == 0 else v / m, b.v, before)


def running(values):
    out, total = [], Fraction(0)
    for v in values:
        total += v
        out.append(total)
    return out


def obv(b):
    sign = [0] + [(b.c[i] > b.c[i - 1]) - (b.c[i] < b.c[i - 1]) for i in range(1, b.n)]
    return running([s * v for s, v in zip(sign, b.v)])


def vwap(b, session, offset):
    out = []
    for i in range(b.n):
        same = [j for j in range(i + 1) if (b.t[j] + offset) // session == (b.t[i] + offset) // session]
        size = sum(b.v[j] for j in same)
        out.append(None if size == 0 else sum(b.tp[j] * b.v[j] for j in same) / size)
    return out


def supertrend(b, n, multiplier):
    line, direction, lower, upper, side = [], [], None, None, None
    for i, average in enumerate(wilder(b.tr, n)):
        if average is None:
            line.append(None), direction.append(None)
            continue
        middle, reach = (b.h[i] + b.l[i]) / 2, Fraction(multiplier) * average
        if lower is None:
            lower, upper, side = middle - reach, middle + reach, -1 if b.c[i] < middle else 1
        else:
            lower = middle - reach if middle - reach > lower or b.c[i - 1] < lower else lower
            upper = middle + reach if middle + reach < upper or b.c[i - 1] > upper else upper
            if (side > 0 and b.c[i] < lower) or (side < 0 and b.c[i] > upper):
                side = -side
        line.append(lower if side > 0 else upper)
        direction.append(Fraction(side))
    return {'line': line, 'direction': direction}


def pivots(values, k, higher):
    """Indices that no earlier neighbour exceeds and that exceed every later one, of k on either side."""
    sign = 1 if higher else -1
    x = [sign * v for v in values]
    return {
        i for i in range(k, len(x) - k)
        if all(x[i] >= x[j] for j in range(i - k, i)) and all(x[i] > x[j] for j in range(i + 1, i + k + 1))
    }


def fibonacci(b, k):
    highs, lows = pivots(b.h, k, True), pivots(b.l, k, False)
    start, end, swing = [], [], []
    for now in range(b.n):
        i = now - k
        if (i in highs) != (i in lows):
            side, price = (1, b.h[i]) if i in highs else (-1, b.l[i])
            if not swing or swing[-1][0] != side:
                swing.append((side, price))
            elif side * (price - swing[-1][1]) > 0:
                swing[-1] = (side, price)
        known = len(swing) >= 2
        start.append(swing[-2][1] if known else None)
        end.append(swing[-1][1] if known else None)
    return {'start': start, 'end': end}


def support_resistance(b, k, lookback, *_):
    highs, lows = pivots(b.h, k, True), pivots(b.l, k, False)
    support, resistance = [], []
    for now in range(b.n):
        seen = range(max(0, now - lookback + 1), now - k + 1)
        below = [b.l[i] for i in seen if i in lows and b.l[i] <= b.c[now]]
        above = [b.h[i] for i in seen if i in highs and b.h[i] >= b.c[now]]
        support.append(max(below, default=None))
        resistance.append(min(above, default=None))
    return {'support': support, 'resistance': resistance}


def elder_ray(b, n):
    average = ema(b.c, n)
    return {'bull': both(lambda h, e: h - e, b.h, average), 'bear': both(lambda l, e: l - e, b.l, average)}


def donchian(b, n):
    upper, lower = channel(b, n)
    return {'upper': upper, 'lower': lower, 'middle': middle_of(b, n)}


def stoch_rsi(b, n, stoch, smooth, d):
    strength = rsi(b.c, n)
    return stochastic(strength, strength, strength, stoch, smooth, d)


INDICATORS = {
    'sma': lambda b, n: rolling(b.c, n, mean),
    'ema': lambda b, n: ema(b.c, n),
    'wma': lambda b, n: rolling(b.c, n, weighted),
    'hma': hma,
    'vwma': lambda b, n: ratio_of_sums([c * v for c, v in zip(b.c, b.v)], b.v, n),
    'priceMomentum': lambda b, n: both(lambda c, p: c - p, b.c, shifted(b.c, n)),
    'atr': lambda b, n: wilder(b.tr, n),
    'adx': adx,
    'stochastic': lambda b, *p: stochastic(b.c, b.h, b.l, *p),
    'stochRsi': stoch_rsi,
    'cci': cci,
    'williamsR': lambda b, n: both(lambda c, lo, hi: within(c - (hi - lo), lo, hi, Fraction(-50)), b.c, rolling(b.l, n, min), rolling(b.h, n, max)),
    'mfi': mfi,
    'ultimate': ultimate,
    'awesome': awesome,
    'elderRay': elder_ray,
    'donchian': donchian,
    'ichimoku': ichimoku,
    'cmf': lambda b, n: ratio_of_sums([m * v for m, v in zip(b.mfm, b.v)], b.v, n),
    'rvol': rvol,
    'obv': obv,
    'adl': lambda b: running([m * v for m, v in zip(b.mfm, b.v)]),
    'vwap': vwap,
    'supertrend': supertrend,
    'fibonacci': fibonacci,
    'supportResistance': support_resistance,
}


def decimal(value):
    return value if isinstance(value, Decimal) else Decimal(value.numerator) / Decimal(value.denominator)


def checkpoints(line):
    """How many bars have a value, the first of them, and about five as [index, literal]; null where there is none."""
    known = [i for i, v in enumerate(line) if v is not None]
    span = range(known[0], len(line)) if known else []
    picked = sorted({*span[:1], *span[:: max(1, len(span) // 4)], *span[-1:]})
    return {'count': len(known), 'at': [[i, None if line[i] is None else float(line[i])] for i in picked]}


def answers(bars, parameters):
    out = {}
    for name, options in parameters.items():
        lines = INDICATORS[name](bars, *options)
        if not isinstance(lines, dict):
            lines = {'value': lines}
        out[name] = {key: checkpoints(line) for key, line in lines.items()}
    return out


def main():
    cases = [
        {'name': name, 'unit': unit, 'bars': rows, 'answers': [answers(Bars(unit, rows), p) for p in PARAMETERS]}
        for name, (unit, rows) in SERIES.items()
    ]
    lines = ',\n'.join('    ' + json.dumps(case, separators=(',', ':')) for case in cases)
    text = '{\n  "parameters": ' + json.dumps(PARAMETERS) + ',\n  "cases": [\n' + lines + '\n  ]\n}\n'
    path = pathlib.Path(__file__).resolve().parent.parent / 'src' / 'indicators.bars.golden.json'
    path.write_text(text, encoding='utf-8')
    print(f'{path.name}: {len(cases)} series, {len(text)} bytes')


if __name__ == '__main__':
    main()
