"""Prints the goldens of normal-cdf.test.ts: Phi(z) by its Taylor series in 720 decimal digits, rounded once at the end.

Python's standard library only: `python3 make_normal_cdf.py`.
"""
from decimal import Decimal, getcontext

DIGITS = 720
getcontext().prec = DIGITS
TINY = Decimal(10) ** (5 - DIGITS)


def arctan_of_inverse(n):
    term = total = Decimal(1) / n
    k = 1
    while abs(term) > TINY:
        term = -term / (n * n)
        k += 2
        total += term / k
    return total


PI = 4 * (4 * arctan_of_inverse(5) - arctan_of_inverse(239))


def phi(z):
    """1/2 + sum of (-1)^k z^(2k+1) / (2^k k! (2k+1)) / sqrt(2 pi); z is the exact value of the double."""
    z = Decimal(z)
    term = total = z
    k = 0
    while term:
        k += 1
        term = -term * z * z / (2 * k)
        step = term / (2 * k + 1)
        total += step
        if abs(step) < TINY:
            break
    return Decimal(1) / 2 + total / (2 * PI).sqrt()


for z in [-37, -20, -10, -6, -5.657, -5.656, -4, -3, -2, -1.5, -1, -0.75, -0.663, -0.6629, -0.5, -0.1, -1e-9, 0,
          0.1, 0.5, 0.6629, 0.663, 1, 1.5, 2, 3, 6, 8]:
    print(f"  [{z!r}, {float(phi(z))!r}],")
