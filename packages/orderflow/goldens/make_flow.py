"""Prints the goldens of flow.recorded.test.ts: events of two recorded sessions, each by its definition and the slow way.

Python's standard library only: `python3 make_flow.py DATA`, DATA being the folder that holds trades_books/.
"""
import gzip
import json
import statistics
import sys
from decimal import Decimal

MS, TICKS, LOTS, SIDE = range(4)


def prints_of(files, lot):
    prints = []
    for name in files:
        for line in gzip.open(f"{sys.argv[1]}/trades_books/{name}.gz", "rt"):
            if '"e":"trade"' not in line:
                continue
            message = json.loads(line[line.index(" ") + 1 :])
            message = message.get("data", message)
            if message.get("X", "MARKET") != "MARKET":
                continue
            ticks, lots = Decimal(message["p"]) / Decimal("0.01"), Decimal(message["q"]) / Decimal(lot)
            assert ticks == int(ticks) and lots == int(lots)
            prints.append((message["T"], int(ticks), int(lots), -1 if message["m"] else 1))
    return prints


def net(prints):
    return sum(p[LOTS] * p[SIDE] for p in prints)


def sweeps(prints, min_levels=3, within=100):
    """The longest run of prints that is no sweep loses its head when it is too slow; a sweep ends when it must."""
    found, run, is_sweep = [], [], False
    for p in prints:
        if run:
            last = run[-1]
            other = p[SIDE] != last[SIDE] or p[MS] < last[MS] or (p[TICKS] - last[TICKS]) * p[SIDE] < 0
            if other or (is_sweep and p[MS] - run[0][MS] > within):
                found += [run] if is_sweep else []
                run = []
        run.append(p)
        while p[MS] - run[0][MS] > within:
            run.pop(0)
        is_sweep = len({q[TICKS] for q in run}) >= min_levels
    return found + ([run] if is_sweep else [])


def past_windows(values, first, now, count):
    """Values of the windows after the first one and before the last two, latest `count` of them."""
    return [values.get(k, 0) for k in range(max(first + 1, now - 1 - count), now - 1)]


def bursts(prints, window=3000, count=100, warm_up=20, min_trades=15, z_min=2.5):
    first, per_window, oldest, burst, found = prints[0][MS] // window, {}, 0, None, []
    for i, (ms, *_) in enumerate(prints):
        now = ms // window
        per_window[now] = per_window.get(now, 0) + 1
        while ms - prints[oldest][MS] >= window:
            oldest += 1
        trades, past = i - oldest + 1, past_windows(per_window, first, now, count)
        deviation = statistics.stdev(past) if len(past) >= warm_up else 0
        z = (trades - statistics.mean(past)) / deviation if deviation else None
        if trades >= min_trades and z is not None and z > z_min:
            burst = burst or {"from": oldest, "startMs": prints[oldest][MS], "detectedMs": ms, "peakTrades": 0}
            burst.update(to=i, endMs=ms)
            if trades > burst["peakTrades"]:
                burst.update(peakTrades=trades, peakMs=ms, peakZ=z)
        elif burst:
            found.append(burst)
            burst = None
    return found + ([burst] if burst else [])


def absorptions(prints, window=10_000, times=3, count=100, warm_up=20, min_share=0.6, max_ticks=20):
    first, deltas, held, candidate, found, broken = prints[0][MS] // window, {}, [], None, [], 0
    for p in prints:
        now = p[MS] // window
        deltas[now] = deltas.get(now, 0) + net([p])
        held = [q for q in held if p[MS] - q[MS] < window]
        if candidate:
            side, own, enough = candidate
            along = side * net([p])
            if side * net(held) < enough:
                found.append(candidate)
            elif side * (p[TICKS] - own[0][TICKS]) >= max_ticks:
                broken += 1
            elif side * net(held) + along < enough or side * net(own) + along < enough:
                found.append(candidate)
            else:
                own.append(p)
                held.append(p)
                continue
            held, candidate = [], None
        held.append(p)
        past = [abs(delta) for delta in past_windows(deltas, first, now, count)]
        if len(past) < warm_up:
            continue
        enough, flow = times * sum(past) / len(past), net(held)
        side = 1 if flow >= 0 else -1
        one_sided = abs(flow) >= min_share * sum(q[LOTS] for q in held)
        if abs(flow) >= enough > 0 and one_sided and side * (p[TICKS] - held[0][TICKS]) < max_ticks:
            candidate = (side, list(held), enough)
    return found + ([candidate] if candidate else []), broken


def exhaustions(prints, extremes=3, max_share=0.5, reverse=100, row=20):
    found = []
    for side in (1, -1):
        best, volumes = None, []
        for p in prints:
            if best is not None and side * (best - p[TICKS]) >= reverse:
                last = [lots for _, lots in volumes[-extremes:]]
                declining = all(a > b for a, b in zip(last, last[1:]))
                if len(last) == extremes and declining and last[-1] * (extremes - 1) <= max_share * sum(last[:-1]):
                    found.append((p[MS], side, best, last))
                best = None
            if best is None:
                best, volumes = p[TICKS], [[p[TICKS] // row, 0]]
            elif side * (p[TICKS] // row) > side * volumes[-1][0]:
                volumes.append([p[TICKS] // row, 0])
            best = max(side * best, side * p[TICKS]) * side
            if p[TICKS] // row == volumes[-1][0] and p[SIDE] == side:
                volumes[-1][1] += p[LOTS]
    return sorted(found)


def large_orders(prints, z_min=4, count=1000, warm_up=100):
    orders = []
    for ms, ticks, lots, side in prints:
        if orders and orders[-1][MS] == ms and orders[-1][SIDE] == side:
            orders[-1][LOTS] += lots
            orders[-1][4] += 1
        else:
            orders.append([ms, ticks, lots, side, 1])
    found = []
    for i, order in enumerate(orders):
        past = [each[LOTS] for each in orders[max(0, i - count) : i]]
        deviation = statistics.stdev(past) if len(past) >= warm_up else 0
        if deviation and (order[LOTS] - statistics.mean(past)) / deviation > z_min:
            found.append(order)
    return found


SESSIONS = {
    "USD-M futures": (["binance_usdm_ethusdt_20240808"], "0.001"),
    "spot": (["binance_spot_ethusdt_20240808", "binance_spot_ethusdt_20240809"], "0.0001"),
}
for session, (files, lot) in SESSIONS.items():
    tape = prints_of(files, lot)
    swept, burst, (absorbed, broken) = sweeps(tape), bursts(tape), absorptions(tape)
    exhausted, large = exhaustions(tape), large_orders(tape)
    widest = max(swept, key=lambda run: len({p[TICKS] for p in run}))
    print(session, "prints", len(tape))
    print("  sweeps", len(swept), "prints", sum(map(len, swept)), "lots", sum(p[LOTS] for run in swept for p in run))
    print("  widest", widest[0], widest[-1], len(widest), len({p[TICKS] for p in widest}), sum(p[LOTS] for p in widest))
    print("  bursts", len(burst), burst[0], sum(p[LOTS] for p in tape[burst[0]["from"] : burst[0]["to"] + 1]))
    print("  absorptions", len(absorbed), "broken", broken)
    for side, own, enough in absorbed:
        print("   ", side, own[0], own[-1], len(own), sum(p[LOTS] for p in own), net(own), enough)
    print("  exhaustions", len(exhausted), exhausted[0])
    print("  large orders", len(large), large[0], max(large, key=lambda order: order[LOTS]))
