"""Writes ../src/indicators.golden.json: RSI, MACD and Bollinger bands from their definitions, in exact fractions.

Run: python3 make_goldens.py
Every input is a double; all arithmetic is exact on those doubles, and only square roots (60 digits) and the final
17-digit literals are rounded. Nothing here is shared with the TypeScript that is tested against it.
"""

import json
import pathlib
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60


class Lcg:
    """Seeded 31-bit generator, so that the series are the same on every machine."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (1103515245 * self.state + 12345) % 2**31
        return (self.state >> 8) % n


def walk(seed, n, start, reach, unit):
    """A random walk of whole steps up to `reach`, each worth 1/`unit`."""
    rng, at, out = Lcg(seed), start, []
    for _ in range(n):
        at = max(1, at + rng.below(2 * reach + 1) - reach)
        out.append(at / unit)
    return out


def gaps(seed):
    """A walk that jumps by a third, stands still for 25 bars, jumps back and goes on."""
    head = walk(seed, 30, 5000, 20, 4)
    high = head[-1] * 1.375
    tail = walk(seed + 1, 40, int(head[-1] * 4), 20, 4)
    return head + [high] * 25 + tail


SERIES = {
    'walk': walk(7, 120, 250_000, 400, 100),
    'decimal-ticks': walk(11, 90, 3_000, 9, 10),
    'flat': [101.1] * 60,
    'flat-then-move': [50.5] * 40 + [51.25] + [50.75] * 30,
    'rising': [100 + 0.01 * i * i for i in range(60)],
    'falling': [1e3 / (1 + i) for i in range(60)],
    'gaps-and-runs': gaps(23),
    'large-prices': [1e12 + x for x in walk(31, 80, 4_000, 30, 1)],
    'tiny-prices': [x * 1e-12 for x in walk(43, 80, 4_000, 120, 1)],
    'negative-prices': [x - 40 for x in walk(59, 80, 1_500, 90, 40)],
    'short-26': walk(61, 26, 9_000, 50, 100),
    'short-15': walk(67, 15, 9_000, 50, 100),
    'short-14': walk(71, 14, 9_000, 50, 100),
    'one': [42.0],
    'none': [],
}

PARAMETERS = [
    {'rsi': 14, 'macd': [12, 26, 9], 'bollinger': [20, 2]},
    {'rsi': 5, 'macd': [3, 8, 4], 'bollinger': [7, 1.5]},
]


def mean(values):
    return sum(values, Fraction(0)) / len(values)


def rsi(x, period):
    """Wilder: smoothed averages of gains and losses, RSI = 100 - 100 / (1 + RS)."""
    gains = [max(b - a, Fraction(0)) for a, b in zip(x, x[1:])]
    losses = [max(a - b, Fraction(0)) for a, b in zip(x, x[1:])]
    out = [None] * len(x)
    gain = loss = None
    for i in range(period, len(x)):
        if i == period:
            gain, loss = mean(gains[:period]), mean(losses[:period])
        else:
            gain = (gain * (period - 1) + gains[i - 1]) / period
            loss = (loss * (period - 1) + losses[i - 1]) / period
        if gain == 0 and loss == 0:
            out[i] = Fraction(50)
        elif loss == 0:
            out[i] = Fraction(100)
        else:
            out[i] = 100 - 100 / (1 + gain / loss)
    return out


def ema(x, period):
    """Seeded with the simple mean of the first `period` defined values; None before that."""
    out = [None] * len(x)
    start = next((i for i, v in enumerate(x) if v is not None), len(x))
    k = Fraction(2, period + 1)
    for i in range(start + period - 1, len(x)):
        out[i] = mean(x[start : i + 1]) if i == start + period - 1 else out[i - 1] + k * (x[i] - out[i - 1])
    return out


def minus(a, b):
    return [None if p is None or q is None else p - q for p, q in zip(a, b)]


def macd(x, fast, slow, signal):
    line = minus(ema(x, fast), ema(x, slow))
    smooth = ema(line, signal)
    return {'macd': line, 'signal': smooth, 'histogram': minus(line, smooth)}


def root(fraction):
    return (Decimal(fraction.numerator) / Decimal(fraction.denominator)).sqrt()


def decimal(fraction):
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


def bollinger(x, period, deviations):
    out = {'middle': [], 'upper': [], 'lower': [], 'deviation': []}
    for i in range(len(x)):
        if i < period - 1:
            for line in out.values():
                line.append(None)
            continue
        window = x[i - period + 1 : i + 1]
        middle = mean(window)
        deviation = root(sum((v - middle) ** 2 for v in window) / period)
        away = decimal(Fraction(deviations)) * deviation
        out['middle'].append(middle)
        out['upper'].append(decimal(middle) + away)
        out['lower'].append(decimal(middle) - away)
        out['deviation'].append(deviation)
    return out


def checkpoints(line):
    """First index with a value, number of values, and about eight of them as [index, literal]."""
    known = [i for i, v in enumerate(line) if v is not None]
    picked = sorted({*known[:2], *known[:: max(1, len(known) // 6)], *known[-1:]})
    return {'count': len(known), 'at': [[i, number(line[i])] for i in picked]}


def number(value):
    return float(value)


def answers(closes, parameters):
    x = [Fraction(v) for v in closes]
    lines = {'rsi': rsi(x, parameters['rsi'])}
    lines.update(macd(x, *parameters['macd']))
    lines.update(bollinger(x, *parameters['bollinger']))
    return {name: checkpoints(line) for name, line in lines.items()}


def main():
    cases = [
        {'name': name, 'closes': closes, 'answers': [answers(closes, p) for p in PARAMETERS]}
        for name, closes in SERIES.items()
    ]
    lines = ',\n'.join('    ' + json.dumps(case, separators=(',', ':')) for case in cases)
    text = '{\n  "parameters": ' + json.dumps(PARAMETERS) + ',\n  "cases": [\n' + lines + '\n  ]\n}\n'
    path = pathlib.Path(__file__).resolve().parent.parent / 'src' / 'indicators.golden.json'
    path.write_text(text, encoding='utf-8')
    print(f'{path.name}: {len(cases)} series, {len(text)} bytes')


if __name__ == '__main__':
    main()
