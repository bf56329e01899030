"""Prints the goldens of micro-price.test.ts and queue-imbalance.test.ts, each by its definition in exact or long arithmetic.

Python's standard library only: `python3 make_fair_price.py`. The random tapes come from a generator of one line that the
tests repeat.
"""
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 50


def generator(seed):
    """Numbers below 2^24 of a linear congruential generator."""
    while True:
        seed = (seed * 1664525 + 1013904223) % 2**32
        yield seed >> 8


def solve(matrix, right):
    """Gauss-Jordan over fractions."""
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    n = len(rows)
    for i in range(n):
        pivot = next(r for r in range(i, n) if rows[r][i] != 0)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for r in range(n):
            if r != i:
                rows[r] = [a - rows[r][i] * b for a, b in zip(rows[r], rows[i])]
    return [row[n] for row in rows]


def micro_price_tape(count):
    random, bid, tape = generator(7), 1000, []
    for i in range(count):
        spread, bid_lots, ask_lots, r = 1 + (next(random) % 3 == 0), 1 + next(random) % 9, 1 + next(random) % 9, next(random)
        tape.append(None if i % 97 == 96 else (bid, bid_lots, bid + spread, ask_lots))
        if bid_lots > ask_lots and r % 5 == 0:
            bid += 1
        if ask_lots > bid_lots and r % 7 == 0:
            bid -= 1
    return tape


def shares_of(quote, buckets):
    """The states of a quote with their shares: I on an edge belongs to the outer bucket, in the middle to both."""
    bid, bid_lots, ask, ask_lots = quote
    place = Fraction(bid_lots, bid_lots + ask_lots) * buckets
    spread = min(ask - bid, 2)
    if place == Fraction(buckets, 2):
        return {(spread, buckets // 2 - 1): Fraction(1, 2), (spread, buckets // 2): Fraction(1, 2)}
    floor = place.numerator // place.denominator
    on_edge_below = place == floor and place < Fraction(buckets, 2)
    return {(spread, floor - 1 if on_edge_below else min(floor, buckets - 1)): Fraction(1)}


def micro_price(tape, buckets, terms):
    """Every transition and, literally, its mirror image: the quote with the sides exchanged and the prices negated."""
    states = [(spread, bucket) for spread in (1, 2) for bucket in range(buckets)]
    stay, move, jump, count = {}, {}, {}, {}
    mirror = lambda q: (-q[2], q[3], -q[0], q[1])
    for a, b in zip(tape, tape[1:]):
        if a is None or b is None:
            continue
        for x, y in ((a, b), (mirror(a), mirror(b))):
            change = Fraction(y[0] + y[2] - x[0] - x[2], 2)
            for s, ws in shares_of(x, buckets).items():
                for t, wt in shares_of(y, buckets).items():
                    into = stay if change == 0 else move
                    into[s, t] = into.get((s, t), 0) + ws * wt
                    jump[s] = jump.get(s, 0) + ws * wt * change
                    count[s] = count.get(s, 0) + ws * wt
    left = [[(s == t) - stay.get((s, t), 0) / count[s] for t in states] for s in states]
    right = [jump[s] / count[s] for s in states]
    total, last = [Fraction(0)] * len(states), None
    for _ in range(terms):
        last = solve(left, right)
        total = [a + b for a, b in zip(total, last)]
        right = [sum(move.get((s, t), 0) / count[s] * g for t, g in zip(states, last)) for s in states]
    return total, max(abs(g) for g in last)


def limit_of_chain(stay, jump, move):
    """The price that the series tends to, without the series: G = r + (Q + R2) G with the weighted mean of G being 0,
    the weights those of the states right after a move."""
    n = len(jump)
    identity = [[Fraction(i == j) for j in range(n)] for i in range(n)]
    left = [[identity[i][j] - stay[i][j] for j in range(n)] for i in range(n)]
    columns = [solve(left, [move[i][j] for i in range(n)]) for j in range(n)]
    b = [[columns[j][i] for j in range(n)] for i in range(n)]
    # Stationary weights of B: all but one balance equation, and a sum of 1.
    balance = [[b[j][i] - identity[i][j] for j in range(n)] for i in range(n - 1)] + [[Fraction(1)] * n]
    weights = solve(balance, [Fraction(0)] * (n - 1) + [Fraction(1)])
    poisson = [[identity[i][j] - stay[i][j] - move[i][j] for j in range(n)] for i in range(n - 1)] + [weights]
    return solve(poisson, jump[: n - 1] + [Fraction(0)])


def logistic(samples):
    """Newton's method in 50 digits, uncentred."""
    a = b = Decimal(0)
    for _ in range(60):
        ga = gb = haa = hab = hbb = loss = Decimal(0)
        for x, up in samples:
            p = 1 / (1 + (-(a + b * x)).exp())
            w = p * (1 - p)
            ga, gb = ga + up - p, gb + (up - p) * x
            haa, hab, hbb = haa + w, hab + w * x, hbb + w * x * x
            loss -= (p if up else 1 - p).ln()
        d = haa * hbb - hab * hab
        a, b = a + (hbb * ga - hab * gb) / d, b + (haa * gb - hab * ga) / d
    return a, b, (hbb / d).sqrt(), (haa / d).sqrt(), loss / len(samples)


if __name__ == "__main__":
    tape = micro_price_tape(600)
    total, last = micro_price(tape, 4, 6)
    print("micro-price, 600 quotes, 4 buckets, 2 spreads, 6 terms:")
    print([float(g) for g in total], "last term", float(last))

    # Two spreads of two buckets: thin bids fall, thin asks rise.
    tenth = lambda rows: [[Fraction(v, 20) for v in row] for row in rows]
    stay = tenth([[10, 3, 1, 0], [3, 10, 0, 1], [2, 1, 6, 3], [1, 2, 3, 6]])
    move = tenth([[1, 2, 2, 1], [2, 1, 1, 2], [4, 3, 1, 0], [3, 4, 0, 1]])
    jump = [Fraction(-1, 5), Fraction(1, 5), Fraction(-1, 8), Fraction(1, 8)]
    print("limit of the chain of four states:", [str(g) for g in limit_of_chain(stay, jump, move)])

    random, samples = generator(11), []
    for _ in range(400):
        x = Decimal(next(random) % 201 - 100) / 100
        samples.append((x, int(next(random) % 1000 < 460 + 300 * x)))
    print("logistic, 400 samples:", *(f"{float(v)!r}" for v in logistic(samples)), "ups", sum(up for _, up in samples))
